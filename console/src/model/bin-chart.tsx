import { ReadableChart } from "../components/readable-chart.tsx";
import { formatShare } from "../lib/format.ts";
import type { Bin } from "./distributions.ts";

interface Props {
  readonly label: string;
  readonly bins: readonly Bin[];
  readonly rows: number;
}

/** Bars of the last hour over outlines of the reference, by bin. */
export function BinChart({ label, bins, rows }: Props) {
  const live = bins.map((bin) => (rows === 0 ? 0 : bin.rows / rows));
  const highest = Math.max(...live, ...bins.map(({ reference }) => reference), 1e-9);
  const texts = bins.map(
    (bin, i) =>
      `${bin.label}: ${formatShare(live[i]!)} live, ${formatShare(bin.reference)} in training`,
  );
  return (
    <ReadableChart title={`${label}, ${bins.length} bins`} texts={texts}>
      {(current) => (
        <div class="bin-chart" aria-hidden="true">
          {bins.map((bin, i) => (
            <span key={bin.label} class={i === current ? "bin is-marked" : "bin"} title={texts[i]}>
              <i style={{ height: `${(bin.reference / highest) * 100}%` }} />
              <b style={{ height: `${(live[i]! / highest) * 100}%` }} />
            </span>
          ))}
        </div>
      )}
    </ReadableChart>
  );
}

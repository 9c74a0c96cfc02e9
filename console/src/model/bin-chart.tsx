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
  return (
    <div
      class="bin-chart"
      role="img"
      aria-label={`${label}: ${bins.length} bins. The table has the shares.`}
    >
      {bins.map((bin, i) => (
        <span
          key={bin.label}
          class="bin"
          title={`${bin.label}: ${formatShare(live[i]!)} live, ${formatShare(bin.reference)} in training`}
        >
          <i style={{ height: `${(bin.reference / highest) * 100}%` }} />
          <b style={{ height: `${(live[i]! / highest) * 100}%` }} />
        </span>
      ))}
    </div>
  );
}

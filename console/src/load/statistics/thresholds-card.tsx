import type { ThresholdResult } from "../../../../src/load/report.ts";
import { CheckIcon, CrossIcon } from "../../components/icons.tsx";
import { formatMs, formatNumber, formatShare } from "../../lib/format.ts";

interface Props {
  readonly thresholds: readonly ThresholdResult[];
  readonly isFinal: boolean;
}

/** What was asked of the run, and whether it holds. */
export function ThresholdsCard({ thresholds, isFinal }: Props) {
  const kept = thresholds.filter(({ passed }) => passed).length;
  return (
    <section class="card">
      <h2>
        Thresholds{" "}
        <span class="muted">
          {kept} of {thresholds.length} {isFinal ? "kept" : "kept so far"}
        </span>
      </h2>
      <ul class="thresholds">
        {thresholds.map(({ expression, actual, passed }) => (
          <li key={expression} class={passed ? "good" : "bad"}>
            {passed ? <CheckIcon /> : <CrossIcon />}
            <code>{expression}</code>
            <span class="threshold-actual">
              {formatActual(expression, actual)}
              <span class="visually-hidden">{passed ? ", kept" : ", crossed"}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** In the unit of what the expression measures. */
export function formatActual(expression: string, actual: number | null): string {
  if (actual === null) return "nothing measured";
  const measure = /(p\([\d. ]+\)|mean|min|max|failures|rps)\s*[<>]/.exec(expression)?.[1];
  if (measure === "failures") return formatShare(actual);
  if (measure === "rps") return `${formatNumber(actual)} per second`;
  return measure === undefined ? formatNumber(actual) : formatMs(actual);
}

import type { ThresholdResult } from "../../../../src/load/contract/report.ts";
import { CheckIcon, CrossIcon } from "../../components/icons.tsx";
import { formatActual } from "./format-actual.ts";

interface Props {
  readonly thresholds: readonly ThresholdResult[];
  readonly isFinal: boolean;
}

/** Thresholds of the run, and whether they hold. */
export function ThresholdsCard({ thresholds, isFinal }: Props) {
  const kept = thresholds.filter(({ passed }) => passed).length;
  return (
    <section class="card">
      <h2>
        Thresholds{" "}
        <span class="muted">
          {kept} of {thresholds.length} {isFinal ? "kept" : "held so far"}
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

import type { Recovery, SeriesPoint } from "../contract/report.ts";
import { Histogram } from "../generator/histogram.ts";
import type { Interval } from "../generator/interval.ts";
import type { RecoveryStages } from "../profiles/profile.ts";
import { toMs } from "./statistics.ts";

/** Measures how soon a server has recovered from the overload of a profile. */
export class RecoveryMeter {
  readonly #stages: RecoveryStages;
  readonly #baseline = new Histogram();
  #stage = "";
  #overloadEnd: number | null = null;

  constructor(stages: RecoveryStages) {
    this.#stages = stages;
  }

  enterStage(name: string, elapsedSeconds: number): void {
    if (this.#stage === this.#stages.overload) this.#overloadEnd = elapsedSeconds;
    this.#stage = name;
  }

  add({ endpoints }: Interval): void {
    if (this.#stage !== this.#stages.baseline) return;
    for (const { serviceTime } of endpoints) this.#baseline.add(serviceTime);
  }

  /** Returns null until the overload has ended. @param series the seconds of the run so far */
  report(series: readonly SeriesPoint[]): Recovery | null {
    if (this.#overloadEnd === null) return null;
    const baseline = toMs(this.#baseline, 0.95);
    return {
      baseline_p95_ms: baseline,
      seconds: baseline === null ? null : measureRecovery(baseline, this.#overloadEnd, series),
    };
  }
}

/** p95 counts as recovered up to this multiple of the baseline's. */
const TOLERANCE = 1.2;
/** Number of recovered seconds in a row. */
const LASTING = 3;

/**
 * Returns the seconds from the end of the overload until p95 is within 1.2 times the baseline's and stays there for three seconds;
 * null if it never does.
 *
 * @param points in order of time; the seconds before the end of the overload do not count
 */
export function measureRecovery(
  baselineP95Ms: number,
  overloadEndSeconds: number,
  points: readonly Pick<SeriesPoint, "elapsed_seconds" | "p95_ms">[],
): number | null {
  const after = points.filter((point) => point.elapsed_seconds > overloadEndSeconds);
  const isRecovered = ({ p95_ms: p95 }: (typeof points)[number]): boolean =>
    p95 !== null && p95 <= TOLERANCE * baselineP95Ms;
  for (let i = 0; i + LASTING <= after.length; i++) {
    if (after.slice(i, i + LASTING).every(isRecovered)) {
      return Math.max(0, after[i]!.elapsed_seconds - overloadEndSeconds);
    }
  }
  return null;
}

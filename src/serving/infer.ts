import type { Clock } from "../kernel/clock.ts";
import type { Executor } from "../model/model.ts";
import type { RowBuffers } from "./rows.ts";

/**
 * Runs the model: fills in `scores` and `labels` of the first `count` rows.
 * @param begun the present time
 * @returns the time that the model took, in seconds
 */
export function inferRows(
  executor: Executor,
  rows: RowBuffers,
  count: number,
  clock: Clock,
  begun = clock.monotonicSeconds(),
): number {
  executor.run(rows.values, count, rows.scores, rows.labels);
  return clock.monotonicSeconds() - begun;
}

import type { Metrics } from "./metrics.ts";

/** Returns the rows that a process has predicted. */
export function countRows({ predictions }: Pick<Metrics, "predictions">): number {
  let rows = 0;
  for (const [slot] of predictions.series()) rows += predictions.get(slot);
  return rows;
}

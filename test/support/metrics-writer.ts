/** Writes measurements into descriptor 3 until it is killed: each time, all its series have the same number. */
import { createMetrics } from "../../src/metrics/create-metrics.ts";

const metrics = createMetrics({
  process: false,
  file: {
    descriptor: 3,
    onError(error) {
      throw error;
    },
  },
});
/** How often it saves without a pause in between: a reader meets a save at almost every read. */
const BURST = 20;
const slots: number[] = [];
for (let i = 1; ; i++) {
  if (slots.length < 5_000) {
    slots.push(metrics.featureBin.open(["m", "1", "feature", String(i)]));
  }
  for (const slot of slots) metrics.featureBin.set(slot, i);
  metrics.update();
  if (i % BURST === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}

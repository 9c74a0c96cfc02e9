/** Writes measurements to descriptor 3 until it is killed. In each save, all series have the same number. */
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
/** Saves without a pause in between, so that almost every read meets a save. */
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

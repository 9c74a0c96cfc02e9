/** Writes measurements into descriptor 3 until it is killed: each time, all its series have the same number. */
import { createMetrics } from "../../src/metrics/metrics.ts";

const metrics = createMetrics({
  process: false,
  file: {
    descriptor: 3,
    onError(error) {
      throw error;
    },
  },
});
const slots: number[] = [];
for (let i = 1; ; i++) {
  if (slots.length < 5_000) {
    slots.push(metrics.featureBin.open(["m", "1", "feature", String(i)]));
  }
  for (const slot of slots) metrics.featureBin.set(slot, i);
  metrics.update();
  // A server does some work between two saves; one that only saved could not be read.
  await new Promise((resolve) => setTimeout(resolve, 1));
}

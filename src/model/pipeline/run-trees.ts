import { createExecutor } from "../executor/forest-executor.ts";
import type { StepOf } from "./pipeline.ts";
import type { Resolve, Run } from "./slots.ts";

export function createTrees(step: StepOf<"trees">, resolve: Resolve, maxRows: number): Run {
  const source = resolve(step.in);
  const label = step.label === null ? undefined : resolve(step.label);
  const scores = step.scores === null ? undefined : resolve(step.scores);
  const executor = createExecutor(step.forest);
  const { features, outputs } = executor;
  const { labels } = step;
  const rows = new Float64Array(maxRows * features);
  const results = new Float32Array(maxRows * outputs);
  const classes = new Int32Array(maxRows);
  return (count) => {
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < features; i++) {
        rows[row * features + i] = source.data[row * source.stride + i]!;
      }
    }
    executor.run(rows, count, results, classes);
    scores?.data.set(results.subarray(0, count * outputs));
    if (label === undefined || labels === null) return;
    for (let row = 0; row < count; row++) label.data[row] = labels[classes[row]!]!;
  };
}

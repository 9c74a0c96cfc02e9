import type { FunctionImplementation } from "../evaluate/evaluation.ts";
import { reduceWindows, toRange } from "./reduce-windows.ts";

/** Counts values that differ from the previous one; NaN after NaN is no change. */
export const changes: FunctionImplementation = (env, [range]) =>
  countSteps(
    env,
    range,
    (value, before) => value !== before && !(Number.isNaN(value) && Number.isNaN(before)),
  );

/** Counts values below the previous one. */
export const resets: FunctionImplementation = (env, [range]) =>
  countSteps(env, range, (value, before) => value < before);

function countSteps(
  env: Parameters<FunctionImplementation>[0],
  range: Parameters<FunctionImplementation>[1][number] | undefined,
  counts: (value: number, before: number) => boolean,
) {
  return reduceWindows(env, toRange(range), 1, ({ values }) => (begin, end) => {
    let count = 0;
    for (let i = begin + 1; i < end; i++) if (counts(values[i]!, values[i - 1]!)) count++;
    return count;
  });
}

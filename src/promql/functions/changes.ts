import type { FunctionImplementation } from "../evaluate/evaluation.ts";
import { reduceWindows, toRange } from "./reduce-windows.ts";

/** How often a value differs from the one before; NaN after NaN is no change. */
export const changes: FunctionImplementation = (env, [range]) =>
  countSteps(
    env,
    range,
    (value, before) => value !== before && !(Number.isNaN(value) && Number.isNaN(before)),
  );

/** How often a value is below the one before. */
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

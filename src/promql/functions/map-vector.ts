import { toVector, type Evaluation, type FunctionCall } from "../evaluate/evaluation.ts";
import { createColumn, dropNames, type Value, type VectorValue } from "../evaluate/values.ts";

/** Maps a vector value by value and drops names. @param calculate receives the value and the step */
export function mapVector(
  env: Evaluation,
  vector: Value | undefined,
  { grid }: Pick<FunctionCall, "grid">,
  calculate: (value: number, step: number) => number,
): VectorValue {
  const columns = toVector(vector).columns.map((column) => {
    const result = createColumn(env.budget, column, grid.count);
    for (let i = 0; i < grid.count; i++) result.values[i] = calculate(column.values[i]!, i);
    result.present.set(column.present);
    return result;
  });
  return { type: "vector", columns: dropNames(columns, env.options.delayedNameRemoval) };
}

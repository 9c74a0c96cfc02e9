import { toLabelsKey } from "../../series/labels.ts";
import { aggregateCountValues } from "./count-values.ts";
import { aggregateQuantile } from "./aggregate-quantile.ts";
import { REDUCERS } from "./reducers.ts";
import { aggregateTop } from "./top.ts";
import type { Aggregation } from "../syntax/ast.ts";
import { toScalar, toStringValue, toVector, type Evaluation } from "../evaluate/evaluation.ts";
import { createPick, type Group } from "./grouping.ts";
import { groupBy } from "../evaluate/signatures.ts";
import { createColumn, type Column, type Grid, type VectorValue } from "../evaluate/values.ts";

export function evaluateAggregation(
  env: Evaluation,
  aggregation: Aggregation,
  grid: Grid,
): VectorValue {
  const { op, param, expr } = aggregation;
  const parameter = param === undefined ? undefined : env.evaluate(param, grid);
  const { columns } = toVector(env.evaluate(expr, grid));
  env.budget.spend(columns.length * grid.count);
  const groups = toGroups(aggregation, columns);
  switch (op) {
    case "topk":
    case "bottomk":
      return aggregateTop(env, op, toScalar(parameter), groups, grid);
    case "quantile":
      return aggregateQuantile(env, param!, toScalar(parameter), groups);
    case "count_values":
      return aggregateCountValues(env, toStringValue(parameter), aggregation, columns, grid);
    default: {
      const reduce = REDUCERS[op];
      const results = groups.map((group) => {
        const result = createColumn(env.budget, group, grid.count);
        reduce(group.members, result);
        return result;
      });
      return { type: "vector", columns: results };
    }
  }
}

function toGroups(aggregation: Aggregation, columns: readonly Column[]): Group[] {
  const pick = createPick(aggregation);
  const picked = new Map(columns.map((column) => [column, pick(column.labels)]));
  const groups = groupBy(columns, (column) => toLabelsKey(picked.get(column)!));
  return [...groups.values()].map((members) => ({
    labels: picked.get(members[0]!)!,
    dropName: members.some((member) => member.dropName),
    members,
  }));
}

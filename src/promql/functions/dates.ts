import { toVector, type FunctionImplementation } from "../evaluate/evaluation.ts";
import { NO_LABELS } from "../../series/labels.ts";
import { createColumn, toTime, type VectorValue } from "../evaluate/values.ts";
import { mapVector } from "./map-vector.ts";

const DAY_MS = 86_400_000;

/** Returns a part of the UTC date of a value in seconds since 1970; without an argument, of the evaluation time. */
const part =
  (read: (date: Date) => number): FunctionImplementation =>
  (env, [vector], call) => {
    const seconds = vector === undefined ? createNow(env, call) : toVector(vector);
    // A fractional time is truncated towards 1970, as Go converts numbers.
    return mapVector(env, seconds, call, (value) => read(new Date(Math.trunc(value) * 1_000)));
  };

function createNow(
  ...[env, { grid }]: [Parameters<FunctionImplementation>[0], Parameters<FunctionImplementation>[2]]
): VectorValue {
  const column = createColumn(env.budget, { labels: NO_LABELS, dropName: false }, grid.count);
  for (let i = 0; i < grid.count; i++) column.values[i] = toTime(grid, i) / 1_000;
  column.present.fill(1);
  return { type: "vector", columns: [column] };
}

export const DATE_FUNCTIONS = {
  day_of_month: part((date) => date.getUTCDate()),
  /** 0 is Sunday. */
  day_of_week: part((date) => date.getUTCDay()),
  day_of_year: part((date) => {
    const year = new Date(date);
    year.setUTCMonth(0, 1);
    return Math.round((date.getTime() - year.getTime()) / DAY_MS) + 1;
  }),
  days_in_month: part((date) => {
    const last = new Date(date);
    last.setUTCMonth(date.getUTCMonth() + 1, 0);
    return last.getUTCDate();
  }),
  hour: part((date) => date.getUTCHours()),
  minute: part((date) => date.getUTCMinutes()),
  month: part((date) => date.getUTCMonth() + 1),
  year: part((date) => date.getUTCFullYear()),
} satisfies Record<string, FunctionImplementation>;

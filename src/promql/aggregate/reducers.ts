import type { Aggregator } from "../syntax/ast.ts";
import { CompensatedMean, compensate } from "../evaluate/compensated-sum.ts";
import type { Column } from "../evaluate/values.ts";

/** Reduces several columns to one, step by step. */
type Reducer = (members: readonly Column[], into: Column) => void;

export const REDUCERS: Readonly<
  Record<Exclude<Aggregator, "topk" | "bottomk" | "quantile" | "count_values">, Reducer>
> = {
  sum,
  avg,
  min: createExtreme((value, best) => value < best),
  max: createExtreme((value, best) => value > best),
  count(members, { values, present }) {
    for (const member of members) {
      for (let i = 0; i < values.length; i++) {
        values[i]! += member.present[i]!;
        present[i]! |= member.present[i]!;
      }
    }
  },
  group(members, { values, present }) {
    values.fill(1);
    for (const member of members) {
      for (let i = 0; i < present.length; i++) present[i]! |= member.present[i]!;
    }
  },
  stdvar,
  stddev(members, into) {
    stdvar(members, into);
    for (let i = 0; i < into.values.length; i++) into.values[i] = Math.sqrt(into.values[i]!);
  },
};

function sum(members: readonly Column[], { values, present }: Column): void {
  const compensations = new Float64Array(values.length);
  for (const member of members) {
    for (let i = 0; i < values.length; i++) {
      if (member.present[i] === 0) continue;
      const term = member.values[i]!;
      const before = values[i]!;
      const next = before + term;
      compensations[i] = compensate(before, term, next, compensations[i]!);
      values[i] = next;
      present[i] = 1;
    }
  }
  for (let i = 0; i < values.length; i++) values[i]! += compensations[i]!;
}

function avg(members: readonly Column[], { values, present }: Column): void {
  for (let i = 0; i < values.length; i++) {
    const mean = new CompensatedMean();
    for (const member of members) {
      if (member.present[i] === 0) continue;
      mean.add(member.values[i]!);
      present[i] = 1;
    }
    values[i] = mean.mean;
  }
}

/** Every number takes precedence over NaN. */
function createExtreme(isBetter: (value: number, best: number) => boolean): Reducer {
  return (members, { values, present }) => {
    for (const member of members) {
      for (let i = 0; i < values.length; i++) {
        if (member.present[i] === 0) continue;
        const value = member.values[i]!;
        const best = values[i]!;
        if (present[i] === 0 || isBetter(value, best) || Number.isNaN(best)) values[i] = value;
        present[i] = 1;
      }
    }
  };
}

/** Population variance by Welford's method (1962), which avoids differences of large squares. */
function stdvar(members: readonly Column[], { values, present }: Column): void {
  const means = new Float64Array(values.length);
  const counts = new Int32Array(values.length);
  for (const member of members) {
    for (let i = 0; i < values.length; i++) {
      if (member.present[i] === 0) continue;
      const value = member.values[i]!;
      counts[i]!++;
      const difference = value - means[i]!;
      means[i]! += difference / counts[i]!;
      values[i]! += difference * (value - means[i]!);
      present[i] = 1;
    }
  }
  for (let i = 0; i < values.length; i++) values[i]! /= counts[i]!;
}

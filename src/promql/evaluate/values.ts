import { compareLabels, countCharacters, toLabelsKey, withoutName } from "../../series/labels.ts";
import type { Labels } from "../../series/series.ts";
import { toLabelSamples, type Budget } from "./budget.ts";
import { createExecutionError } from "../errors.ts";

/** The times at which an expression is evaluated: start, start + step, … */
export interface Grid {
  readonly startMs: number;
  /** Positive, also for a single time. */
  readonly stepMs: number;
  readonly count: number;
}

/** One series of a vector, evaluated at every step of a grid. */
export interface Column {
  readonly labels: Labels;
  /** True if the name is dropped at the end of the query (delayed name removal); it is still among the labels. */
  readonly dropName: boolean;
  /** A value for each step; without meaning for an absent one. */
  readonly values: Float64Array;
  /** 1 for a present value. */
  readonly present: Uint8Array;
}

export interface ScalarValue {
  readonly type: "scalar";
  readonly values: Float64Array;
}

export interface VectorValue {
  readonly type: "vector";
  readonly columns: readonly Column[];
}

export interface StringValue {
  readonly type: "string";
  readonly value: string;
}

/** Windows of samples, one for each series and step. */
export interface RangeValue {
  readonly type: "range vector";
  readonly series: readonly RangeSeries[];
  readonly rangeMs: number;
  /** The window of step i is (windowEnds[i] − rangeMs, windowEnds[i]]. */
  readonly windowEnds: Float64Array;
}

export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  /** Milliseconds since 1970 of the samples, without staleness markers. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly windows: Windows;
}

/** Step i has the samples from begins[i] to before ends[i]. */
export interface Windows {
  readonly begins: Int32Array;
  readonly ends: Int32Array;
}

export type Value = ScalarValue | VectorValue | StringValue | RangeValue;

export const DUPLICATES = "vector cannot contain metrics with the same labelset";

/** Creates a column without values. It reserves the budget first. */
export function createColumn(
  budget: Pick<Budget, "hold">,
  { labels, dropName }: Pick<Column, "labels" | "dropName">,
  count: number,
): Column {
  budget.hold(count + toLabelSamples(countCharacters(labels)));
  return { labels, dropName, values: new Float64Array(count), present: new Uint8Array(count) };
}

/** Returns the number of samples that the columns of a grid hold, with their labels. */
export function toHeldSamples(columns: readonly Column[], count: number): number {
  let samples = count * columns.length;
  for (const { labels } of columns) samples += toLabelSamples(countCharacters(labels));
  return samples;
}

export function isEmpty({ present }: Column): boolean {
  return !present.includes(1);
}

/** Returns the time of a step. */
export function toTime(grid: Grid, step: number): number {
  return grid.startMs + step * grid.stepMs;
}

/** Drops the names of columns as the last part of an operation. */
export function dropNames(columns: readonly Column[], delayed: boolean): readonly Column[] {
  if (delayed) return columns.map((column) => ({ ...column, dropName: true }));
  return mergeSame(columns.map((column) => ({ ...column, labels: withoutName(column.labels) })));
}

/**
 * Merges columns with the same labels: series that succeeded each other may have them.
 *
 * @throws TepalError QUERY_FAILED if two have a value at the same step
 */
export function mergeSame(columns: readonly Column[]): readonly Column[] {
  const byKey = new Map<string, Column>();
  let merged = false;
  for (const column of columns) {
    const key = toLabelsKey(column.labels);
    const other = byKey.get(key);
    if (other === undefined) byKey.set(key, column);
    else {
      byKey.set(key, merge(other, column));
      merged = true;
    }
  }
  return merged ? [...byKey.values()] : columns;
}

function merge(a: Column, b: Column): Column {
  const { labels, dropName } = a;
  const values = a.values.slice();
  const present = a.present.slice();
  for (let i = 0; i < present.length; i++) {
    if (b.present[i] === 0) continue;
    if (present[i] === 1) throw createExecutionError(DUPLICATES);
    present[i] = 1;
    values[i] = b.values[i]!;
  }
  return { labels, dropName, values, present };
}

export function sortByLabels<T extends { readonly labels: Labels }>(series: readonly T[]): T[] {
  return series.toSorted((a, b) => compareLabels(a.labels, b.labels));
}

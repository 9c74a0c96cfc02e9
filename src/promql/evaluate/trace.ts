import type { Clock } from "../../kernel/clock.ts";
import type { Expr } from "../syntax/ast.ts";
import type { NodeLabel, NodeStatistics } from "../promql.ts";
import type { Labels } from "../../series/series.ts";
import type { Value } from "./values.ts";

/** Observes the evaluation of each node. */
export interface Trace {
  /** Runs the evaluation of a node and returns its value. */
  observe<T extends Value>(expr: Expr, steps: number, evaluate: () => T): T;
}

/** A trace that records the cost of each node, as a tree in the order of evaluation. */
export interface CostTrace extends Trace {
  /** The outermost node; undefined before its evaluation has ended. */
  readonly root: NodeStatistics | undefined;
}

/** The labels of later nodes are left out: a query has up to tens of thousands of nodes. */
const MAX_LABELED_NODES = 200;
const MAX_LABELS = 20;
const MAX_VALUES = 5;

/** A trace of a query without `tree`: it records nothing. */
export const NO_TRACE: Trace = { observe: (_expr, _steps, evaluate) => evaluate() };

interface Frame {
  readonly children: NodeStatistics[];
  childSeconds: number;
}

/** Creates a trace that measures with a clock. The time that the trace itself takes is not counted. */
export function createCostTrace(clock: Pick<Clock, "monotonicSeconds">): CostTrace {
  const outermost: Frame = { children: [], childSeconds: 0 };
  let current = outermost;
  let ownSeconds = 0;
  let labeled = 0;

  return {
    get root() {
      return outermost.children[0];
    },
    observe(expr, steps, evaluate) {
      const parent = current;
      const frame: Frame = { children: [], childSeconds: 0 };
      current = frame;
      const begin = clock.monotonicSeconds() - ownSeconds;
      const value = evaluate();
      const end = clock.monotonicSeconds();
      const seconds = end - ownSeconds - begin;
      current = parent;
      parent.childSeconds += seconds;
      labeled += 1;
      parent.children.push({
        kind: expr.kind,
        start: expr.start,
        end: expr.end,
        steps,
        ...countSamples(value),
        seconds,
        ownSeconds: Math.max(0, seconds - frame.childSeconds),
        labels: labeled > MAX_LABELED_NODES ? [] : countLabels(value),
        children: frame.children,
      });
      ownSeconds += clock.monotonicSeconds() - end;
      return value;
    },
  };
}

/** Counts series with at least one sample, and their samples: those of all windows for a range vector. */
function countSamples(value: Value): { readonly series: number; readonly samples: number } {
  let series = 0;
  let samples = 0;
  switch (value.type) {
    case "string":
      break;
    case "scalar":
      samples = value.values.length;
      break;
    case "vector":
      for (const { present } of value.columns) {
        const count = present.reduce((sum, one) => sum + one, 0);
        if (count > 0) series += 1;
        samples += count;
      }
      break;
    case "range vector":
      series = value.series.length;
      for (const { windows } of value.series) {
        windows.begins.forEach((begin, step) => (samples += windows.ends[step]! - begin));
      }
  }
  return { series, samples };
}

/** Lists labels by their number of values, each with its most frequent values. */
function countLabels(value: Value): readonly NodeLabel[] {
  const counts = new Map<string, Map<string, number>>();
  for (const labels of listLabels(value)) {
    for (const [name, one] of labels) {
      const values = counts.get(name) ?? new Map<string, number>();
      counts.set(name, values);
      values.set(one, (values.get(one) ?? 0) + 1);
    }
  }
  return Array.from(counts, ([name, values]) => ({
    name,
    values: values.size,
    top: [...values]
      .toSorted(([a, inA], [b, inB]) => inB - inA || (a < b ? -1 : 1))
      .slice(0, MAX_VALUES)
      .map(([one, series]) => ({ value: one, series })),
  }))
    .toSorted((a, b) => b.values - a.values || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_LABELS);
}

function listLabels(value: Value): readonly Labels[] {
  if (value.type === "range vector") return value.series.map(({ labels }) => labels);
  if (value.type !== "vector") return [];
  return value.columns.filter(({ present }) => present.includes(1)).map(({ labels }) => labels);
}

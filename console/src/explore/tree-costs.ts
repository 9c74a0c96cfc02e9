import type { Client, Labels, QueryResult } from "../prometheus/client.ts";
import { explain } from "./explain.ts";
import type { ExprNode } from "./syntax.ts";

/** The cost and the result of a node. */
export interface NodeCosts {
  readonly series: number;
  readonly samples: number;
  /** With the nodes below. */
  readonly seconds: number;
  readonly ownSeconds: number;
  readonly labels: readonly NodeLabel[];
}

export interface NodeLabel {
  readonly name: string;
  /** Number of distinct values. */
  readonly values: number;
  /** The values with most series. */
  readonly top: readonly { readonly value: string; readonly series: number }[];
}

/** A node of `stats=tree` of the built-in monitor. */
export interface CostNode extends NodeCosts {
  readonly start: number;
  readonly end: number;
  readonly children: readonly CostNode[];
}

/** A node as a row. Parentheses have no row of their own. */
export interface NodeRow {
  /** Source range in the expression. */
  readonly start: number;
  readonly end: number;
  /** 0 for the outermost. */
  readonly depth: number;
  /** The node's part of the expression on one line. */
  readonly text: string;
  readonly sentence: string;
  /** Name of the metric of a selector. */
  readonly metric: string | undefined;
  /** The query that measures it; undefined for a literal. */
  readonly query: string | undefined;
  readonly children: readonly NodeRow[];
}

export function toRow(node: ExprNode, expression: string, depth = 0): NodeRow {
  const [inner] = node.children;
  if (node.kind === "parens" && inner !== undefined) return toRow(inner, expression, depth);
  const written = expression.slice(node.start, node.end);
  const isRange =
    node.kind === "subquery" || (node.kind === "selector" && node.range !== undefined);
  const isLiteral = node.kind === "number" || node.kind === "string";
  return {
    start: node.start,
    end: node.end,
    depth,
    text: written.replaceAll(/\s+/g, " "),
    sentence: explain(node),
    metric: node.kind === "selector" ? node.name : undefined,
    query: isLiteral ? undefined : isRange ? `last_over_time(${written})` : written,
    children: node.children.map((child) => toRow(child, expression, depth + 1)),
  };
}

/** Lists a row and those below, from the outermost. */
export function listRows(row: NodeRow): readonly NodeRow[] {
  return [row, ...row.children.flatMap(listRows)];
}

export const toKey = ({ start, end }: { readonly start: number; readonly end: number }): string =>
  `${start}-${end}`;

/** Returns the costs of a tree by the source range of their node. */
export function listCosts(tree: CostNode): ReadonlyMap<string, NodeCosts> {
  const costs = new Map<string, NodeCosts>();
  const visit = (node: CostNode): void => {
    costs.set(toKey(node), node);
    node.children.forEach(visit);
  };
  visit(tree);
  return costs;
}

/** Queries the costs of all nodes at once. Only the built-in monitor returns them. @throws ApiError */
export async function queryTree(
  client: Client,
  query: string,
  timeSeconds: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, NodeCosts>> {
  // The result itself is not shown.
  const parameters = { query, time: timeSeconds, stats: "tree", limit: 1 };
  const { stats } = await client.data<{ readonly stats: { readonly tree: CostNode } }>(
    "query",
    parameters,
    signal,
  );
  return listCosts(stats.tree);
}

type MeasuredResult = QueryResult & {
  readonly stats?: {
    readonly timings?: { readonly execTotalTime?: number };
    readonly samples?: { readonly totalQueryableSamples?: number };
  };
};

/**
 * Measures each node by a query of its own, those below first. The time of a node includes those below, which run again; its own time
 * is the difference.
 *
 * @param onCosts called after each query
 * @throws ApiError
 */
export async function measureNodes(
  client: Client,
  root: NodeRow,
  timeSeconds: number,
  signal: AbortSignal,
  onCosts: (costs: ReadonlyMap<string, NodeCosts>) => void,
): Promise<void> {
  const costs = new Map<string, NodeCosts>();
  const measure = async (row: NodeRow): Promise<void> => {
    for (const child of row.children) await measure(child);
    if (row.query === undefined) return;
    const parameters = { query: row.query, time: timeSeconds, stats: "all" };
    const begin = performance.now();
    const result = await client.data<MeasuredResult>("query", parameters, signal);
    const waited = (performance.now() - begin) / 1_000;
    const seconds = result.stats?.timings?.execTotalTime ?? waited;
    const below = row.children.map((child) => costs.get(toKey(child))?.seconds ?? 0);
    const labels = listResultLabels(result);
    const isRange = row.query.length > row.end - row.start;
    const read = result.stats?.samples?.totalQueryableSamples;
    costs.set(toKey(row), {
      series: labels.length,
      samples: isRange && read !== undefined ? read : countSamples(result),
      seconds,
      ownSeconds: Math.max(0, seconds - below.reduce((sum, one) => sum + one, 0)),
      labels: countLabels(labels),
    });
    onCosts(new Map(costs));
  };
  await measure(root);
}

function listResultLabels(result: QueryResult): readonly Labels[] {
  return result.resultType === "vector" || result.resultType === "matrix"
    ? result.result.map(({ metric }) => metric)
    : [];
}

function countSamples(result: QueryResult): number {
  if (result.resultType === "vector") return result.result.length;
  if (result.resultType !== "matrix") return 1;
  return result.result.reduce((sum, { values }) => sum + values.length, 0);
}

const MAX_TOP = 5;

/** Lists labels by their number of values, each with its most frequent values. */
export function countLabels(series: readonly Labels[]): readonly NodeLabel[] {
  const counts = new Map<string, Map<string, number>>();
  for (const labels of series) {
    for (const [name, value] of Object.entries(labels)) {
      const values = counts.get(name) ?? new Map<string, number>();
      counts.set(name, values.set(value, (values.get(value) ?? 0) + 1));
    }
  }
  return Array.from(counts, ([name, values]) => ({
    name,
    values: values.size,
    top: [...values]
      .toSorted(([a, inA], [b, inB]) => inB - inA || (a < b ? -1 : 1))
      .slice(0, MAX_TOP)
      .map(([value, count]) => ({ value, series: count })),
  })).toSorted((a, b) => b.values - a.values || (a.name < b.name ? -1 : 1));
}

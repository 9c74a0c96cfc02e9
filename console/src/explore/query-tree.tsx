import { useEffect, useMemo, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Loading } from "../components/empty.tsx";
import { Notice } from "../components/notice.tsx";
import { TableFrame } from "../components/table-frame.tsx";
import { formatUnit } from "../grafana/units.ts";
import { formatPlural } from "../lib/format.ts";
import { ApiError } from "../lib/api.ts";
import type { Client } from "../prometheus/client.ts";
import { toExploreFragment } from "./explore-place.ts";
import { findMetadata, type Metadata } from "./metadata.ts";
import type { Source } from "./source.ts";
import { parseExpression } from "./syntax.ts";
import {
  listRows,
  measureNodes,
  queryTree,
  toKey,
  toRow,
  type NodeCosts,
  type NodeLabel,
  type NodeRow,
} from "./tree-costs.ts";

interface Props {
  readonly expression: string;
  readonly client: Client;
  readonly source: Source | undefined;
  /** The time of the instant query. */
  readonly timeMs: number;
  readonly metadata: Metadata;
  /** Selects the part of a node in the editor. */
  readonly onSelect: (start: number, end: number) => void;
}

/** The nodes of an expression as a table: what each does, and what it costs. */
export function QueryTree({ expression, client, source, timeMs, metadata, onSelect }: Props) {
  const root = useMemo(() => {
    const node = parseExpression(expression);
    return node && toRow(node, expression);
  }, [expression]);
  const { costs, problem, isLoading, measure } = useCosts(root, expression, client, source, timeMs);
  if (root === undefined) return <NoTree />;
  const rows = listRows(root);
  const total = Math.max(...rows.map((row) => costs?.get(toKey(row))?.seconds ?? 0));
  const queries = rows.filter(({ query }) => query !== undefined).length;

  return (
    <div class="tree">
      {source?.hasTree === false && (
        <p class="tree-note muted">
          {source.name} does not measure the nodes of a query: each node is a query of its own, and
          its time includes those below, which run again.{" "}
          <Button small onClick={measure} disabled={isLoading}>
            Measure the nodes with {formatPlural(queries, "query", "queries")}
          </Button>
        </p>
      )}
      {problem !== undefined && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
      {isLoading && costs === undefined && <Loading what="Measuring the nodes…" />}
      <TableFrame label="Nodes of the query">
        <table class="table tree-table">
          <caption class="visually-hidden">
            Nodes of the query, from the outermost; the level of a node is its depth
          </caption>
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col" class="align-end">
                Series
              </th>
              <th scope="col" class="align-end">
                Samples
              </th>
              <th scope="col" class="align-end">
                Own time
              </th>
              <th scope="col" class="align-end">
                With below
              </th>
              <th scope="col">Labels</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row
                key={toKey(row)}
                row={row}
                costs={costs?.get(toKey(row))}
                totalSeconds={total}
                metadata={metadata}
                onSelect={onSelect}
              />
            ))}
          </tbody>
        </table>
      </TableFrame>
    </div>
  );
}

interface RowProps {
  readonly row: NodeRow;
  readonly costs: NodeCosts | undefined;
  readonly totalSeconds: number;
  readonly metadata: Metadata;
  readonly onSelect: (start: number, end: number) => void;
}

function Row({ row, costs, totalSeconds, metadata, onSelect }: RowProps) {
  const { text, start, end, query } = row;
  const share = costs === undefined || totalSeconds === 0 ? 0 : costs.ownSeconds / totalSeconds;
  return (
    <tr>
      <th scope="row" class="tree-node">
        <NodeText row={row} metadata={metadata} onSelect={() => onSelect(start, end)} />
      </th>
      <td class="align-end">{formatNumber(costs?.series)}</td>
      <td class="align-end">{formatNumber(costs?.samples)}</td>
      <td class="align-end tree-time">
        {costs === undefined ? "–" : formatSeconds(costs.ownSeconds)}
        <meter class="tree-bar" min={0} max={1} value={share} aria-label="Share of the query" />
      </td>
      <td class="align-end">{costs === undefined ? "–" : formatSeconds(costs.seconds)}</td>
      <td class="tree-labels">
        {costs !== undefined && <LabelList labels={costs.labels} />}
        {query !== undefined && (
          <a
            class="tree-open"
            href={toExploreFragment([query], undefined, "table")}
            aria-label={`Query alone: ${text}`}
          >
            Query alone
          </a>
        )}
      </td>
    </tr>
  );
}

interface NodeTextProps {
  readonly row: NodeRow;
  readonly metadata: Metadata;
  readonly onSelect: () => void;
}

/** A node's part of the expression, indented by its depth, with its sentence. */
function NodeText({ row: { depth, text, sentence, metric }, metadata, onSelect }: NodeTextProps) {
  const known = metric === undefined ? undefined : findMetadata(metadata, metric);
  return (
    <div class={`node-text is-depth-${Math.min(depth, MAX_DEPTH)}`}>
      <span class="visually-hidden">Level {depth + 1}: </span>
      <button type="button" class="node-code mono" onClick={onSelect} title="Select in the editor">
        {text}
      </button>
      <p class="node-sentence">
        {sentence}
        {known !== undefined && (
          <span class="muted">
            {" "}
            {metric} is a {known.type === "unknown" ? "metric" : known.type}: {known.help}
          </span>
        )}
      </p>
    </div>
  );
}

/** Deeper nodes are indented no further. */
const MAX_DEPTH = 8;
const SHOWN_LABELS = 6;

function LabelList({ labels }: { readonly labels: readonly NodeLabel[] }) {
  if (labels.length === 0) return <span class="muted">No labels</span>;
  return (
    <ul class="label-list">
      {labels.slice(0, SHOWN_LABELS).map(({ name, values, top }) => (
        <li key={name} title={top.map(({ value, series }) => `${value}: ${series}`).join("\n")}>
          <code>{name}</code> {values === 1 ? <span class="muted">{top[0]?.value}</span> : values}
        </li>
      ))}
      {labels.length > SHOWN_LABELS && (
        <li class="muted">and {labels.length - SHOWN_LABELS} more</li>
      )}
    </ul>
  );
}

/** Each node of an expression in a sentence. It needs no query. */
export function ExplainView({
  expression,
  metadata,
  onSelect,
}: Pick<Props, "expression" | "metadata" | "onSelect">) {
  const root = useMemo(() => {
    const node = parseExpression(expression);
    return node && toRow(node, expression);
  }, [expression]);
  if (root === undefined) return <NoTree />;
  return (
    <ol class="explanation">
      {listRows(root).map((row) => (
        <li key={toKey(row)}>
          <NodeText row={row} metadata={metadata} onSelect={() => onSelect(row.start, row.end)} />
        </li>
      ))}
    </ol>
  );
}

function NoTree() {
  return <p class="muted tree-note">The tree appears when the expression is complete.</p>;
}

interface Costs {
  readonly costs: ReadonlyMap<string, NodeCosts> | undefined;
  readonly problem: string | undefined;
  readonly isLoading: boolean;
  readonly measure: () => void;
}

/** Measures the nodes at once if the source can, or else when `measure` is called. */
function useCosts(
  root: NodeRow | undefined,
  expression: string,
  client: Client,
  source: Source | undefined,
  timeMs: number,
): Costs {
  const [state, setState] = useState<Omit<Costs, "measure">>({
    costs: undefined,
    problem: undefined,
    isLoading: false,
  });
  const [round, setRound] = useState(0);
  const hasTree = source?.hasTree;
  useEffect(() => {
    if (root === undefined || hasTree === undefined) return;
    if (!hasTree && round === 0) return;
    const controller = new AbortController();
    const { signal } = controller;
    const show = (costs: ReadonlyMap<string, NodeCosts>): void => {
      if (!signal.aborted) setState({ costs, problem: undefined, isLoading: false });
    };
    setState((before) => ({ ...before, isLoading: true }));
    const measured = hasTree
      ? queryTree(client, expression, timeMs / 1_000, signal).then(show)
      : measureNodes(client, root, timeMs / 1_000, signal, show);
    measured.catch((error: unknown) => {
      if (signal.aborted) return;
      const problem = error instanceof ApiError ? error.message : String(error);
      setState({ costs: undefined, problem, isLoading: false });
    });
    return () => controller.abort();
  }, [root, hasTree, client, timeMs, round]);
  // Nodes of another expression have other costs.
  useEffect(() => {
    setState({ costs: undefined, problem: undefined, isLoading: false });
    setRound(0);
  }, [expression, hasTree]);
  return { ...state, measure: () => setRound((value) => value + 1) };
}

function formatNumber(value: number | undefined): string {
  return value === undefined ? "–" : value.toLocaleString("en");
}

function formatSeconds(seconds: number): string {
  const { prefix, text, suffix } = formatUnit("s", seconds, undefined);
  return `${prefix}${text}${suffix}`;
}

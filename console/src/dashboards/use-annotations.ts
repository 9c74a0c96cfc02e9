import { useEffect, useRef, useState } from "preact/hooks";
import type { AnnotationQuery } from "../grafana/annotation-queries.ts";
import { toAnnotations, type Annotation } from "../grafana/annotations.ts";
import { alignRange, findStep, parseInterval } from "../grafana/interval.ts";
import type { QueryContext } from "../grafana/panel-query.ts";
import { interpolate, toBuiltIns } from "../grafana/variables.ts";
import { ApiError } from "../lib/api.ts";
import type { Client } from "../prometheus/client.ts";

export interface Annotations {
  /** In the order of their queries; the same list while nothing changes. */
  readonly list: readonly Annotation[];
  readonly problem: string | undefined;
}

const NONE: Annotations = { list: [], problem: undefined };
/** More marks cover the charts. */
const MAX_ANNOTATIONS = 200;

/** Queries the annotations of a dashboard with every refresh. */
export function useAnnotations(
  queries: readonly AnnotationQuery[],
  context: QueryContext | undefined,
  client: Client,
): Annotations {
  const [state, setState] = useState(NONE);
  const last = useRef("[]");
  useEffect(() => {
    if (context === undefined) return;
    const controller = new AbortController();
    const { signal } = controller;
    async function load(current: QueryContext): Promise<void> {
      try {
        const lists = await Promise.all(
          queries.map((query) => loadAnnotations(query, current, client, signal)),
        );
        const list = lists.flat().slice(0, MAX_ANNOTATIONS);
        const id = JSON.stringify(list);
        if (signal.aborted) return;
        // Charts draw again for a new list only.
        setState((before) =>
          id === last.current && before.problem === undefined
            ? before
            : { list, problem: undefined },
        );
        last.current = id;
      } catch (error) {
        if (signal.aborted) return;
        const problem = error instanceof ApiError ? error.message : String(error);
        setState(({ list }) => ({ list, problem }));
      }
    }
    void load(context);
    return () => controller.abort();
  }, [queries, context, client]);
  return state;
}

async function loadAnnotations(
  query: AnnotationQuery,
  { range, selection, scrapeMs, zoneMinutes }: QueryContext,
  client: Client,
  signal: AbortSignal,
): Promise<readonly Annotation[]> {
  const step = findStep({
    range,
    maxDataPoints: innerWidth,
    timeInterval: scrapeMs,
    minStep: parseInterval(interpolate(query.step, selection, {})),
  });
  const expr = interpolate(query.expr, selection, toBuiltIns(range, step), "expression");
  const { from, to } = alignRange(range, step.stepMs, -zoneMinutes * 60_000);
  const result = await client.queryRange(
    expr,
    from / 1_000,
    to / 1_000,
    step.stepMs / 1_000,
    signal,
  );
  return toAnnotations(result, query, step.stepMs).filter(
    (annotation) => annotation.to >= range.from && annotation.from <= range.to,
  );
}

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Panel } from "../grafana/dashboard.ts";
import type { Frame } from "../grafana/frames.ts";
import {
  planQueries,
  runQueries,
  type PlannedQuery,
  type QueryContext,
} from "../grafana/panel-query.ts";
import type { TimeRange } from "../grafana/time-range.ts";
import { ApiError } from "../lib/api.ts";
import type { Client } from "../prometheus/client.ts";

export interface PanelData {
  /** Undefined before the first reply. */
  readonly frames: readonly Frame[] | undefined;
  /** The range of the queries. */
  readonly range: TimeRange;
  readonly problem: string | undefined;
  readonly isLoading: boolean;
  readonly queries: readonly PlannedQuery[];
}

/**
 * Queries the data of a panel while it is visible and has a width. New queries abort those before; the last data stay until the next
 * arrive.
 */
export function usePanelData(
  panel: Panel,
  width: number,
  context: QueryContext | undefined,
  client: Client,
  isVisible: boolean,
): PanelData {
  const [state, setState] = useState<Omit<PanelData, "queries">>({
    frames: undefined,
    range: context?.range ?? { from: 0, to: 0 },
    problem: undefined,
    isLoading: true,
  });
  const queries = useMemo(
    () => (context === undefined || width === 0 ? [] : planQueries(panel, width, context)),
    [panel, width, context],
  );
  // A panel that only became wider may have the same queries.
  const id = JSON.stringify(queries);
  /** The queries whose data are shown. */
  const done = useRef("");
  useEffect(() => {
    if (id === done.current) return;
    if (!isVisible || context === undefined || width === 0) return;
    const controller = new AbortController();
    const { range } = context;
    setState((before) => ({ ...before, isLoading: true }));
    async function load(signal: AbortSignal): Promise<void> {
      try {
        const frames = await runQueries(queries, client, signal);
        if (signal.aborted) return;
        done.current = id;
        setState({ frames, range, problem: undefined, isLoading: false });
      } catch (error) {
        if (signal.aborted) return;
        const problem = error instanceof ApiError ? error.message : String(error);
        setState((before) => ({ ...before, range, problem, isLoading: false }));
      }
    }
    void load(controller.signal);
    return () => controller.abort();
  }, [id, isVisible, client]);
  return { ...state, queries };
}

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
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

interface State {
  /** Undefined before the first reply. */
  readonly frames: readonly Frame[] | undefined;
  /** The panel whose queries gave the frames. */
  readonly panel: Panel;
  /** Series that were too many. */
  readonly omitted: number;
  /** The range of the queries. */
  readonly range: TimeRange;
  readonly problem: string | undefined;
  readonly isCancelled: boolean;
  /** The queries that have ended: with data, with a problem, or cancelled. */
  readonly ended: string;
}

export interface PanelData extends Omit<State, "ended"> {
  readonly isLoading: boolean;
  readonly queries: readonly PlannedQuery[];
  /** Aborts the queries. The data of the queries before stay. */
  readonly cancel: () => void;
  /** Sends the queries again. */
  readonly again: () => void;
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
  const [state, setState] = useState<State>({
    frames: undefined,
    panel,
    omitted: 0,
    range: context?.range ?? { from: 0, to: 0 },
    problem: undefined,
    isCancelled: false,
    ended: "",
  });
  const [round, setRound] = useState(0);
  // Part of the effect's inputs: a panel without queries has the same ones before and after.
  const isReady = context !== undefined && width > 0;
  const queries = useMemo(
    () => (context === undefined || width === 0 ? [] : planQueries(panel, width, context)),
    [panel, width, context],
  );
  // A panel that only became wider may have the same queries.
  const id = useMemo(() => `${round} ${JSON.stringify(queries)}`, [round, queries]);
  /** The queries whose data are shown, or that were cancelled. */
  const done = useRef("");
  const controller = useRef<AbortController>(null);
  useEffect(() => {
    // Also: back to these queries before others had ended, for example with another width for a moment.
    if (id === done.current) {
      setState((before) => (before.ended === id ? before : { ...before, ended: id }));
      return;
    }
    if (!isVisible || context === undefined || !isReady) return;
    const current = new AbortController();
    controller.current = current;
    const { range } = context;
    // After a problem the same queries are sent again. Others need no state of their own: they have not ended.
    setState((before) => (before.ended === id ? { ...before, ended: "" } : before));
    async function load(signal: AbortSignal): Promise<void> {
      try {
        const { frames, omitted } = await runQueries(queries, client, signal);
        if (signal.aborted) return;
        done.current = id;
        setState({
          frames,
          panel,
          omitted,
          range,
          problem: undefined,
          isCancelled: false,
          ended: id,
        });
      } catch (error) {
        if (signal.aborted) return;
        const problem = error instanceof ApiError ? error.message : String(error);
        setState((before) => ({
          ...before,
          range,
          problem,
          isCancelled: false,
          ended: id,
        }));
      }
    }
    void load(current.signal);
    return () => current.abort();
  }, [id, isReady, isVisible, client]);

  const cancel = useCallback(() => {
    controller.current?.abort();
    done.current = id;
    setState((before) => ({ ...before, isCancelled: true, ended: id }));
  }, [id]);
  const again = useCallback(() => setRound((value) => value + 1), []);
  const hasEnded = state.ended === id;
  return {
    ...state,
    isLoading: !hasEnded,
    isCancelled: hasEnded && state.isCancelled,
    queries,
    cancel,
    again,
  };
}

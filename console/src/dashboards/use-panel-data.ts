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
  /** Series that were too many. */
  readonly omitted: number;
  /** The range of the queries. */
  readonly range: TimeRange;
  readonly problem: string | undefined;
  readonly isLoading: boolean;
  readonly isCancelled: boolean;
}

export interface PanelData extends State {
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
    omitted: 0,
    range: context?.range ?? { from: 0, to: 0 },
    problem: undefined,
    isLoading: true,
    isCancelled: false,
  });
  const [round, setRound] = useState(0);
  const queries = useMemo(
    () => (context === undefined || width === 0 ? [] : planQueries(panel, width, context)),
    [panel, width, context],
  );
  // A panel that only became wider may have the same queries.
  const id = `${round} ${JSON.stringify(queries)}`;
  /** The queries whose data are shown, or that were cancelled. */
  const done = useRef("");
  const controller = useRef<AbortController>(null);
  useEffect(() => {
    if (id === done.current) {
      // Back to these queries before others had ended, for example with another width for a moment.
      setState((before) => (before.isLoading ? { ...before, isLoading: false } : before));
      return;
    }
    if (!isVisible || context === undefined || width === 0) return;
    const current = new AbortController();
    controller.current = current;
    const { range } = context;
    setState((before) => ({ ...before, isLoading: true, isCancelled: false }));
    async function load(signal: AbortSignal): Promise<void> {
      try {
        const { frames, omitted } = await runQueries(queries, client, signal);
        if (signal.aborted) return;
        done.current = id;
        setState({
          frames,
          omitted,
          range,
          problem: undefined,
          isLoading: false,
          isCancelled: false,
        });
      } catch (error) {
        if (signal.aborted) return;
        const problem = error instanceof ApiError ? error.message : String(error);
        setState((before) => ({ ...before, range, problem, isLoading: false }));
      }
    }
    void load(current.signal);
    return () => current.abort();
  }, [id, isVisible, client]);

  const cancel = useCallback(() => {
    controller.current?.abort();
    done.current = id;
    setState((before) => ({ ...before, isLoading: false, isCancelled: true }));
  }, [id]);
  const again = useCallback(() => setRound((value) => value + 1), []);
  return { ...state, queries, cancel, again };
}

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, type Api } from "../lib/api.ts";
import type { Feature } from "../model/manifest.ts";
import type { NearestReply, Reply } from "./reply.ts";
import { sortProblems, type Row, type RowProblems } from "./row.ts";

export interface Prediction {
  readonly reply: Reply | undefined;
  /** The nearest reference rows; undefined until they have arrived. */
  readonly nearest: NearestReply | undefined;
  readonly nearestProblem: string | undefined;
  /** The reason why the last row was rejected. */
  readonly problem: string | undefined;
  readonly problems: RowProblems;
  readonly isBusy: boolean;
  /** Number of predictions that the page has sent. */
  readonly sent: number;
}

const NO_PROBLEMS: RowProblems = { fields: {}, others: [] };
const NONE: Prediction = {
  reply: undefined,
  nearest: undefined,
  nearestProblem: undefined,
  problem: undefined,
  problems: NO_PROBLEMS,
  isBusy: false,
  sent: 0,
};

/** Predicts rows of one model. A new prediction aborts the one in flight; the last reply stays until the next one has arrived. */
export function usePrediction(
  api: Api,
  path: string,
  features: readonly Feature[],
): Prediction & { readonly predict: (row: Row) => void } {
  const [state, setState] = useState<Prediction>(NONE);
  const running = useRef<AbortController | null>(null);

  useEffect(() => () => running.current?.abort(), []);

  async function load(row: Row, signal: AbortSignal): Promise<Partial<Prediction>> {
    try {
      const reply = await api.json<Reply>(`${path}/predict`, {
        method: "POST",
        body: row,
        signal,
      });
      return { reply, problem: undefined, problems: NO_PROBLEMS };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const problems = sortProblems(error.problems, features);
      return { reply: undefined, nearest: undefined, problem: error.message, problems };
    }
  }

  async function loadNearest(row: Row, signal: AbortSignal): Promise<Partial<Prediction>> {
    try {
      const nearest = await api.json<NearestReply>(`${path}/nearest?limit=5`, {
        method: "POST",
        body: row,
        signal,
      });
      return { nearest, nearestProblem: undefined };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { nearest: undefined, nearestProblem: error.message };
    }
  }

  async function run(row: Row, signal: AbortSignal): Promise<void> {
    const show = (change: Partial<Prediction>): void => {
      if (!signal.aborted) setState((before) => ({ ...before, ...change }));
    };
    setState((before) => ({ ...before, isBusy: true, sent: before.sent + 1 }));
    try {
      const result = await load(row, signal);
      show({ ...result, isBusy: false });
      if (result.reply !== undefined) show(await loadNearest(row, signal));
    } catch (error) {
      // Aborted by the next prediction, or the page was left.
      if (!signal.aborted) show({ problem: String(error), isBusy: false });
    }
  }

  function predict(row: Row): void {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    void run(row, controller.signal);
  }

  return { ...state, predict };
}

import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../lib/api.ts";
import type { ReplyState } from "../shell/use-reply.ts";
import { useReconnect } from "../lib/reconnect.ts";

/** Time after a failure until the next try. */
const RETRY_MS = 1_000;

/** Loads again and again while the page is visible; the last data stay if it fails. */
export function usePolled<T>(
  load: (signal: AbortSignal) => Promise<T>,
  intervalMs: number,
  inputs: readonly unknown[],
): ReplyState<T> & { readonly again: () => void } {
  const [state, setState] = useState<ReplyState<T>>({ data: undefined, problem: undefined });
  const [round, setRound] = useState(0);
  const [again] = useState(() => () => setRound((value) => value + 1));
  useReconnect(again);
  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    async function run(): Promise<void> {
      let delay = intervalMs;
      if (document.hidden) delay = RETRY_MS;
      else {
        try {
          const data = await load(controller.signal);
          if (!controller.signal.aborted) setState({ data, problem: undefined });
        } catch (error) {
          if (controller.signal.aborted) return;
          delay = RETRY_MS;
          const problem = error instanceof ApiError ? error.message : String(error);
          setState(({ data }) => ({ data, problem }));
        }
      }
      if (!controller.signal.aborted) timer = setTimeout(run, delay);
    }
    void run();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [...inputs, intervalMs, round]);
  return { ...state, again };
}

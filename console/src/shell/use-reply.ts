import { useCallback, useEffect, useState } from "preact/hooks";
import { ApiError } from "../lib/api.ts";
import { useReconnect } from "../lib/reconnect.ts";

export interface ReplyState<T> {
  readonly data: T | undefined;
  readonly problem: string | undefined;
}

/**
 * Loads what a page needs once, again when an input changes, and again after an outage that made it fail; superseded requests are
 * aborted.
 */
export function useReply<T>(
  load: (signal: AbortSignal) => Promise<T>,
  inputs: readonly unknown[],
): ReplyState<T> {
  const [state, setState] = useState<ReplyState<T>>({ data: undefined, problem: undefined });
  const [round, setRound] = useState(0);
  const hasFailed = state.problem !== undefined;
  useReconnect(useCallback(() => hasFailed && setRound((value) => value + 1), [hasFailed]));
  useEffect(() => {
    const controller = new AbortController();
    load(controller.signal).then(
      (data) => !controller.signal.aborted && setState({ data, problem: undefined }),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        const message = error instanceof ApiError ? error.message : String(error);
        setState(({ data }) => ({ data, problem: message }));
      },
    );
    return () => controller.abort();
  }, [...inputs, round]);
  return state;
}

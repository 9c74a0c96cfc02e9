import { useEffect, useReducer } from "preact/hooks";
import type { LoadDocument } from "../../../src/load/contract/load-document.ts";
import { ApiError, type Api } from "../lib/api.ts";
import { readEvents } from "../lib/events.ts";
import { FIRST_STATE, reduceLive, type LiveAction, type LiveState } from "./live-state.ts";
import { useSurroundings } from "./surroundings.ts";

/** Delay before the page reconnects after the stream has ended. */
const RETRY_MS = 2_000;

/** Events of the load tester, by name. */
const ACTIONS: Readonly<Record<string, (data: never) => LiveAction>> = {
  report: (report) => ({ type: "report", report }),
  ended: (report) => ({ type: "report", report }),
  second: (update) => ({ type: "second", update }),
  log: (line) => ({ type: "log", line }),
};

/** Subscribes to the events of the load tester and reconnects until the page is left. */
export function useLive(): LiveState {
  const { api } = useSurroundings();
  const [state, dispatch] = useReducer(reduceLive, FIRST_STATE);
  useEffect(() => {
    const controller = new AbortController();
    void follow(api, controller.signal, (action) => {
      if (!controller.signal.aborted) dispatch(action);
    });
    return () => controller.abort();
  }, [api]);
  return state;
}

async function follow(
  api: Api,
  signal: AbortSignal,
  dispatch: (action: LiveAction) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      // Again after each interruption: a restarted load tester may have another script.
      const document = await api.json<LoadDocument>("api/load", { signal });
      dispatch({ type: "document", document });
      const { body } = await api.send("api/load/events", { accept: "text/event-stream", signal });
      dispatch({ type: "connection", connection: "open" });
      if (body !== null) {
        await readEvents(body, (name, data) => {
          const toAction = ACTIONS[name];
          if (toAction !== undefined) dispatch(toAction(JSON.parse(data) as never));
        });
      }
    } catch (error) {
      const { message, failure } =
        error instanceof ApiError ? error : new ApiError(String(error), "unreachable");
      dispatch({ type: "problem", message, failure });
      // The same request would get the same reply.
      if (failure === "absent" || failure === "key" || failure === "role") return;
    }
    dispatch({ type: "connection", connection: "lost" });
    await wait(RETRY_MS, signal);
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

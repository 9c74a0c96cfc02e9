import { useEffect, useReducer } from "preact/hooks";
import { request, RequestError } from "../lib/http.ts";
import { FIRST_STATE, reduceLive, type LiveAction, type LiveState } from "./live-state.ts";
import type { LoadDocument } from "../../../src/load/contract/load-document.ts";

/** Delay before the page reconnects to a server that closed the stream. */
const RETRY_MS = 2_000;

/** Subscribes to the events of the load tester and reconnects until the page is left. */
export function useLive(): LiveState {
  const [state, dispatch] = useReducer(reduceLive, FIRST_STATE);
  useEffect(() => follow(dispatch), []);
  return state;
}

/** Returns a function that ends the subscription. */
function follow(dispatch: (action: LiveAction) => void): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;

  async function load() {
    try {
      const document = await request<LoadDocument>("api/load");
      if (!isOver) dispatch({ type: "document", document });
    } catch (error) {
      const message = error instanceof RequestError ? error.message : String(error);
      if (!isOver) dispatch({ type: "problem", message });
    }
  }

  function connect() {
    source = new EventSource("api/load/events");
    source.addEventListener("open", () => {
      dispatch({ type: "connection", connection: "open" });
      // A restarted server may have another script.
      void load();
    });
    source.addEventListener("error", () => {
      dispatch({ type: "connection", connection: "lost" });
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(connect, RETRY_MS);
    });
    const on = (name: string, toAction: (data: never) => LiveAction) =>
      source.addEventListener(name, (event: MessageEvent<string>) =>
        dispatch(toAction(JSON.parse(event.data) as never)),
      );
    on("report", (report) => ({ type: "report", report }));
    on("ended", (report) => ({ type: "report", report }));
    on("second", (update) => ({ type: "second", update }));
    on("log", (line) => ({ type: "log", line }));
  }

  void load();
  connect();
  return () => {
    isOver = true;
    clearTimeout(timer);
    source.close();
  };
}

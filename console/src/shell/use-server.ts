import { useEffect, useState } from "preact/hooks";
import { ApiError, type Api } from "../lib/api.ts";
import { announceReconnect } from "../lib/reconnect.ts";
import { compareClocks } from "../lib/server-clock.ts";
import {
  receiveError,
  receiveState,
  toPollDelay,
  type Connection,
  type ServerState,
} from "./server-state.ts";

/** A server that takes longer counts as one that does not reply. */
const TIMEOUT_MS = 10_000;

/** Follows the state of the server: it is read every few seconds while the page is visible, and at once when it becomes visible. */
export function useServer(api: Api): Connection {
  const [connection, setConnection] = useState<Connection>({ phase: "connecting" });
  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let current: Connection = { phase: "connecting" };
    let isReading = false;
    setConnection(current);

    function receive(next: Connection): void {
      const isBack = !isComplete(current) && current.phase !== "connecting" && isComplete(next);
      current = next;
      setConnection(next);
      if (isBack) announceReconnect();
    }

    async function read(): Promise<void> {
      if (isReading || controller.signal.aborted) return;
      isReading = true;
      clearTimeout(timer);
      const sentMs = Date.now();
      const signal = AbortSignal.any([controller.signal, AbortSignal.timeout(TIMEOUT_MS)]);
      try {
        const server = await api.json<ServerState>("console/server", { signal });
        compareClocks(server.now, sentMs, Date.now());
        receive(receiveState(current, server, Date.now()));
      } catch (error) {
        if (controller.signal.aborted) return;
        const failure =
          error instanceof ApiError
            ? error
            : new ApiError("The server does not respond.", "unreachable");
        receive(receiveError(current, failure, Date.now()));
      } finally {
        isReading = false;
      }
      const delay = toPollDelay(current);
      if (delay !== undefined) timer = setTimeout(readIfVisible, delay);
    }
    function readIfVisible(): void {
      if (!document.hidden) void read();
    }

    void read();
    document.addEventListener("visibilitychange", readIfVisible);
    addEventListener("online", readIfVisible);
    return () => {
      controller.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", readIfVisible);
      removeEventListener("online", readIfVisible);
    };
  }, [api]);
  return connection;
}

/** True once the server answers queries, if it can. */
function isComplete(connection: Connection): boolean {
  return connection.phase === "connected" && connection.server.monitor !== "starting";
}

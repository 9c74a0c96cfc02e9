import { Notice } from "../components/notice.tsx";
import { formatSpan, formatTime } from "../lib/format.ts";
import type { Connection } from "./server-state.ts";

/** States that the server does not respond, and when it does again. */
export function OutageToast({ connection }: { readonly connection: Connection }) {
  if (connection.phase === "lost" && connection.server !== undefined) {
    return (
      <div class="toast">
        <Notice tone="warn" title="Reconnecting to the server…">
          It has not responded since {formatTime(connection.sinceMs)}. The page shows what it had
          then, and continues when the server is back.
        </Notice>
      </div>
    );
  }
  if (connection.phase !== "connected" || connection.outage === undefined) return null;
  return (
    <div class="toast">
      <Notice tone="good" title="Connected again">
        The server did not respond for{" "}
        {formatSpan(Math.round(connection.outage.durationMs / 1_000))}.
      </Notice>
    </div>
  );
}

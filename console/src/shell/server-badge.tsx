import { useEffect, useState } from "preact/hooks";
import { formatSpan } from "../lib/format.ts";
import { toBadge, type Connection } from "./server-state.ts";

interface Props {
  readonly connection: Connection;
  /** True if only the state itself fits. */
  readonly isShort: boolean;
}

/** The state of the server, and the model that it serves. Changes of the state are announced. */
export function ServerBadge({ connection, isShort }: Props) {
  const now = useSeconds(connection.phase === "lost");
  const { text, tone } = toBadge(connection, now);
  const server = connection.phase === "connected" ? connection.server : undefined;
  const model = server?.model ?? undefined;
  const outage = connection.phase === "connected" ? connection.outage : undefined;
  const version = server?.version ?? undefined;
  return (
    <span
      class={`server-badge is-${tone}${isShort ? " is-short" : ""}`}
      title={version === undefined ? undefined : `Tepal ${version}`}
    >
      <span class="server-dot" aria-hidden="true" />
      <span role="status" class={isShort && tone === "good" ? "visually-hidden" : ""}>
        {text}
        {outage !== undefined && (
          <span class="visually-hidden">
            {" "}
            again: the server did not respond for{" "}
            {formatSpan(Math.round(outage.durationMs / 1_000))}.
          </span>
        )}
      </span>
      {model !== undefined && (
        <span class="server-model">
          {model.name} <span class="muted">v{model.version}</span>
        </span>
      )}
    </span>
  );
}

/** Returns the time, each second while it matters. */
function useSeconds(isRunning: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    setNow(Date.now());
    if (!isRunning) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}

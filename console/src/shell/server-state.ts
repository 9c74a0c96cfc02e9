import type { ApiError } from "../lib/api.ts";

export type Role = "predict" | "metrics" | "load" | "admin";

/** The state of the server, as `GET /console/server` returns it. */
export interface ServerState {
  readonly state: "ready" | "no model" | "stopping";
  /** The server's clock, in milliseconds since 1970. */
  readonly now: number;
  readonly monitor: "ready" | "starting" | "absent";
  readonly key_required: boolean;
  readonly role: Role | null;
  /** The roles whose routes the session may use. */
  readonly allows: readonly Role[];
  readonly version: string | null;
  readonly model: { readonly name: string; readonly version: number } | null;
}

export interface Outage {
  readonly durationMs: number;
  readonly endedMs: number;
}

/** The connection of the console to its server. */
export type Connection =
  | { readonly phase: "connecting" }
  | {
      readonly phase: "connected";
      readonly server: ServerState;
      /** The outage that has just ended; undefined without one. */
      readonly outage?: Outage | undefined;
    }
  /** No reply since `sinceMs`; `server` is the last known state. */
  | { readonly phase: "lost"; readonly server: ServerState | undefined; readonly sinceMs: number }
  /** The server rejected the key, or the request. */
  | { readonly phase: "rejected"; readonly isKey: boolean; readonly message: string };

/** Time between two looks at the server, and while it does not reply or starts. */
const POLL_MS = 5_000;
const RETRY_MS = 1_000;
/** Time for which the end of an outage is reported. */
const REPORTED_MS = 10_000;

export function receiveState(before: Connection, server: ServerState, nowMs: number): Connection {
  const outage = findOutage(before, nowMs);
  return { phase: "connected", server, ...(outage !== undefined && { outage }) };
}

function findOutage(before: Connection, nowMs: number): Outage | undefined {
  if (before.phase === "lost" && before.server !== undefined) {
    return { durationMs: nowMs - before.sinceMs, endedMs: nowMs };
  }
  const outage = before.phase === "connected" ? before.outage : undefined;
  return outage !== undefined && nowMs - outage.endedMs < REPORTED_MS ? outage : undefined;
}

export function receiveError(
  before: Connection,
  { failure, status, message }: Pick<ApiError, "failure" | "status" | "message">,
  nowMs: number,
): Connection {
  // A proxy in front of a server that is down replies with 502 to 504.
  if (failure === "unreachable" || status >= 500) {
    if (before.phase === "lost") return before;
    const server = before.phase === "connected" ? before.server : undefined;
    return { phase: "lost", server, sinceMs: nowMs };
  }
  return { phase: "rejected", isKey: failure === "key", message };
}

/** Returns milliseconds until the next look at the server; undefined if only the user can change its reply. */
export function toPollDelay(connection: Connection): number | undefined {
  if (connection.phase === "rejected") return undefined;
  if (connection.phase !== "connected") return RETRY_MS;
  return connection.server.monitor === "starting" || connection.server.state === "stopping"
    ? RETRY_MS
    : POLL_MS;
}

/** The state in the bar: a word, and the color of its dot. */
export interface Badge {
  readonly text: string;
  readonly tone: "good" | "warn" | "bad" | "idle";
}

/** Time after which a server that does not reply is called unreachable. */
const UNREACHABLE_MS = 30_000;

export function toBadge(connection: Connection, nowMs: number): Badge {
  switch (connection.phase) {
    case "connecting":
      return { text: "Connecting…", tone: "idle" };
    case "rejected":
      return connection.isKey
        ? { text: "Not signed in", tone: "idle" }
        : { text: "Access denied", tone: "bad" };
    case "lost":
      return connection.server !== undefined && nowMs - connection.sinceMs < UNREACHABLE_MS
        ? { text: "Reconnecting…", tone: "warn" }
        : { text: "Unreachable", tone: "bad" };
    case "connected": {
      const { state, monitor } = connection.server;
      if (state === "stopping") return { text: "Draining", tone: "warn" };
      if (state === "no model") return { text: "No model is ready", tone: "bad" };
      if (monitor === "starting") return { text: "Monitor is starting", tone: "warn" };
      return { text: "Ready", tone: "good" };
    }
  }
}

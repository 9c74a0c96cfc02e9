import { describe, expect, it } from "vitest";
import {
  receiveError,
  receiveState,
  toBadge,
  toPollDelay,
  type Connection,
  type ServerState,
} from "./server-state.ts";

const SERVER: ServerState = {
  state: "ready",
  now: 0,
  monitor: "ready",
  key_required: false,
  role: null,
  allows: ["predict", "metrics", "load"],
  version: "0.1.0",
  model: { name: "iris", version: 1 },
};
const CONNECTED: Connection = { phase: "connected", server: SERVER };
const DOWN = { failure: "unreachable", status: 0, message: "No reply." } as const;

describe("the connection to the server", () => {
  it("reconnects after an outage, and calls a long one unreachable", () => {
    const lost = receiveError(CONNECTED, DOWN, 10_000);
    expect(lost).toEqual({ phase: "lost", server: SERVER, sinceMs: 10_000 });
    expect(toBadge(lost, 12_000)).toEqual({ text: "Reconnecting…", tone: "warn" });
    expect(toBadge(lost, 60_000)).toEqual({ text: "Unreachable", tone: "bad" });
    // The outage began with its first failure.
    expect(receiveError(lost, DOWN, 15_000)).toBe(lost);
    // A proxy replies for a server that is down.
    expect(receiveError(CONNECTED, { ...DOWN, failure: "error", status: 502 }, 10_000)).toEqual(
      lost,
    );
    const back = receiveState(lost, SERVER, 18_000);
    const outage = { durationMs: 8_000, endedMs: 18_000 };
    expect(back).toEqual({ phase: "connected", server: SERVER, outage });
    // Reported for a while, however often the state is read.
    const later = receiveState(receiveState(back, SERVER, 19_000), SERVER, 27_900);
    expect(later).toEqual(back);
    expect(receiveState(later, SERVER, 28_000)).toEqual(CONNECTED);
  });

  it("distinguishes a server that never replied from one that stopped to", () => {
    const never = receiveError({ phase: "connecting" }, DOWN, 0);
    expect(toBadge(never, 0).text).toBe("Unreachable");
    expect(receiveState(never, SERVER, 9_000)).toEqual(CONNECTED);
  });

  it("stops to send a key that the server rejects", () => {
    const rejected = receiveError(
      CONNECTED,
      { failure: "key", status: 401, message: "Unknown." },
      0,
    );
    expect(rejected).toEqual({ phase: "rejected", isKey: true, message: "Unknown." });
    expect(toPollDelay(rejected)).toBeUndefined();
    expect(toPollDelay(CONNECTED)).toBeGreaterThan(toPollDelay({ phase: "connecting" }) ?? 0);
  });

  it.each([
    [{ state: "stopping" }, "Draining"],
    [{ state: "no model" }, "No model is ready"],
    [{ monitor: "starting" }, "Monitor is starting"],
    [{ monitor: "absent" }, "Ready"],
  ] as const)("shows %j as %s", (change, text) => {
    const connection: Connection = { phase: "connected", server: { ...SERVER, ...change } };
    expect(toBadge(connection, 0).text).toBe(text);
  });
});

import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { AlertingLog } from "../../src/alerts/alerts.ts";
import type { Clock } from "../../src/kernel/clock.ts";

/** A request to a receiver. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** Starts a server that replies with `state.status`, or never replies if that is 0. */
export async function startJsonReceiver() {
  const received: Received[] = [];
  const state = { status: 200, requests: 0 };
  const server = createServer(async (incoming, response) => {
    state.requests += 1;
    let text = "";
    for await (const chunk of incoming) text += String(chunk);
    if (state.status === 0) return;
    if (state.status < 300) {
      received.push({
        path: incoming.url ?? "",
        headers: incoming.headers,
        body: JSON.parse(text),
      });
    }
    response.writeHead(state.status).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    state,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** A clock that only `advance` moves. */
export interface TestClock extends Clock {
  advance(seconds: number): void;
}

export function createTestClock(nowMs = Date.UTC(2026, 0, 1)): TestClock {
  let elapsedSeconds = 0;
  return {
    nowMs: () => nowMs + elapsedSeconds * 1_000,
    monotonicSeconds: () => elapsedSeconds,
    advance(seconds) {
      elapsedSeconds += seconds;
    },
  };
}

/** A log that keeps its lines. */
export function createTestLog(): AlertingLog & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  return {
    lines,
    info: (message) => lines.push(`info ${message}`),
    warn: (message) => lines.push(`warn ${message}`),
    error: (message) => lines.push(`error ${message}`),
  };
}

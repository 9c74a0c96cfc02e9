import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { AlertingLog } from "../../src/alerts/alerts.ts";
import type { Clock } from "../../src/kernel/clock.ts";

/** What came to a receiver. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** Answers with the status that is set, or with nothing at all (0). */
export async function startJsonReceiver() {
  const received: Received[] = [];
  const state = { status: 200, asked: 0 };
  const server = createServer(async (incoming, reply) => {
    state.asked += 1;
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
    reply.writeHead(state.status).end();
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

/** A clock that stands still until it is told to go on. */
export interface TestClock extends Clock {
  advance(seconds: number): void;
}

export function createTestClock(nowMs = Date.UTC(2026, 0, 1)): TestClock {
  let passed = 0;
  return {
    nowMs: () => nowMs + passed * 1_000,
    monotonicSeconds: () => passed,
    advance(seconds) {
      passed += seconds;
    },
  };
}

/** Keeps what is logged. */
export function createTestLog(): AlertingLog & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  return {
    lines,
    info: (message) => lines.push(`info ${message}`),
    warn: (message) => lines.push(`warn ${message}`),
    error: (message) => lines.push(`error ${message}`),
  };
}

import { connect } from "node:net";
import { Pool } from "undici";
import { describe, expect, it } from "vitest";
import { toIrisObject } from "../support/models.ts";
import { startServer, type TestServer } from "../support/server.ts";

const BODY = JSON.stringify(toIrisObject([5.1, 3.5, 1.4, 0.2]));
const REQUESTS = 2_000;

interface FloodReply {
  readonly status: number;
  readonly retryAfter: number;
}

/** Sends many requests at once, and expects a reply to each. */
async function flood(server: TestServer): Promise<FloodReply[]> {
  const pool = new Pool(server.url, { connections: 50 });
  const headers = { "content-type": "application/json" };
  const replies = await Promise.all(
    Array.from({ length: REQUESTS }, async () => {
      const reply = await pool.request({ path: "/predict", method: "POST", headers, body: BODY });
      await reply.body.text();
      return {
        status: reply.statusCode,
        retryAfter: Number(reply.headers["retry-after"] ?? Number.NaN),
      };
    }),
  );
  await pool.close();
  return replies;
}

function countPredictions(server: TestServer, status: number): Promise<number> {
  return server.metric(`api_requests_total{method="POST",route="/predict",status="${status}"}`);
}

describe("requests above the server's limits", () => {
  it("must each get 429 above the rate limit, and 200 up to it", async () => {
    let now = 100;
    const clock = { nowMs: () => 0, monotonicSeconds: () => now };
    await using server = await startServer({ rateLimit: 100, maxEventLoopLag: 3_600 }, { clock });
    for (let second = 1; second <= 2; second++) {
      const replies = await flood(server);
      const rejected = replies.filter(({ status }) => status === 429);
      expect(rejected).toHaveLength(REQUESTS - 100);
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(100);
      expect(new Set(rejected.map(({ retryAfter }) => retryAfter))).toEqual(new Set([1]));
      await expect.poll(() => countPredictions(server, 200)).toBe(100 * second);
      await expect.poll(() => countPredictions(server, 429)).toBe((REQUESTS - 100) * second);
      now += 1;
    }
  });

  it("must each get 503 while too many are in flight, and 200 afterwards", async () => {
    await using server = await startServer({ maxInFlight: 8 });
    const { hostname, port } = new URL(server.url);
    const message = `POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;
    const held = Array.from({ length: 8 }, () => {
      const socket = connect(Number(port), hostname).setEncoding("utf8");
      const reply = { socket, received: "" };
      socket.on("data", (chunk: string) => (reply.received += chunk));
      socket.write(message.slice(0, -5));
      return reply;
    });
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(8);
    const replies = await flood(server);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([503]));
    expect(new Set(replies.map(({ retryAfter }) => retryAfter))).toEqual(new Set([5]));
    expect(await server.metric('api_overload_total{reason="in_flight"}')).toBe(REQUESTS);
    for (const { socket } of held) socket.write(message.slice(-5));
    for (const reply of held) {
      await expect.poll(() => reply.received).toMatch(/^HTTP\/1.1 200 /);
    }
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(0);
    expect((await server.post("/predict", JSON.parse(BODY))).status).toBe(200);
  });
});

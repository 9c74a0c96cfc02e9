import { connect } from "node:net";
import { Pool } from "undici";
import { describe, expect, it } from "vitest";
import { toIrisObject } from "../support/models.ts";
import { startServer, type TestServer } from "../support/server.ts";

const BODY = JSON.stringify(toIrisObject([5.1, 3.5, 1.4, 0.2]));
const REQUESTS = 2_000;

interface Answer {
  readonly status: number;
  readonly retryAfter: number;
}

/** Many requests at once, all of which must be answered. */
async function flood(server: TestServer): Promise<Answer[]> {
  const pool = new Pool(server.url, { connections: 50 });
  const headers = { "content-type": "application/json" };
  const answers = await Promise.all(
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
  return answers;
}

function countPredictions(server: TestServer, status: number): Promise<number> {
  return server.metric(`api_requests_total{method="POST",route="/predict",status="${status}"}`);
}

describe("requests beyond what the server takes", () => {
  it("must each get 429 above a limit on requests, and up to it 200", async () => {
    let now = 100;
    const clock = { nowMs: () => 0, monotonicSeconds: () => now };
    await using server = await startServer({ rateLimit: 100, maxEventLoopLag: 3_600 }, { clock });
    for (let second = 1; second <= 2; second++) {
      const answers = await flood(server);
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused).toHaveLength(REQUESTS - 100);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
      expect(new Set(refused.map(({ retryAfter }) => retryAfter))).toEqual(new Set([1]));
      await expect.poll(() => countPredictions(server, 200)).toBe(100 * second);
      expect(await countPredictions(server, 429)).toBe((REQUESTS - 100) * second);
      now += 1;
    }
  });

  it("must each get 503 while too many are in flight, and 200 as soon as they are not", async () => {
    await using server = await startServer({ maxInFlight: 8 });
    const { hostname, port } = new URL(server.url);
    const message = `POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;
    const held = Array.from({ length: 8 }, () => {
      const socket = connect(Number(port), hostname).setEncoding("utf8");
      const reply = { socket, received: "" };
      socket.on("data", (chunk: string) => (reply.received += chunk));
      socket.write(message.slice(0, -5));
      return reply;
    });
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(9);
    const answers = await flood(server);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(new Set(answers.map(({ retryAfter }) => retryAfter))).toEqual(new Set([5]));
    expect(await server.metric('api_overload_total{reason="in_flight"}')).toBe(REQUESTS);
    for (const { socket } of held) socket.write(message.slice(-5));
    for (const reply of held) {
      await expect.poll(() => reply.received).toMatch(/^HTTP\/1.1 200 /);
    }
    await expect.poll(() => server.metric("api_requests_in_flight")).toBe(1);
    expect((await server.post("/predict", JSON.parse(BODY))).status).toBe(200);
  });
});

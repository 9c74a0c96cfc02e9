import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { Value } from "typebox/value";
import { PROBLEM } from "../../src/http/schemas/problem.ts";
import { toIrisObject } from "../support/models.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { connection, play, type Connection, type Played } from "./http-inputs.ts";
import type { RawReply } from "./replies.ts";

/** The results of one run. */
interface HttpCount {
  /** Complete replies, by the first digit of their status. */
  replies: Record<string, number>;
  /** Connections with arbitrary bytes. */
  connections: number;
  /** The number of these connections that the client ended early. */
  resets: number;
}

const ROW = toIrisObject([5.1, 3.5, 1.4, 0.2]);
const REQUEST_SECONDS = 1;
/** Methods × routes × statuses × buckets, all of them known in advance. */
const MOST_SERIES = 30_000;

/**
 * Sends odd and malformed requests to a real server. It must reply to every complete request with a status below 500 and a
 * valid body, continue to predict, and count each request once; no error may occur outside of a request.
 *
 * @param runs groups of connections that are open at the same time
 */
export async function fuzzHttp(runs: number, seed = 1): Promise<HttpCount> {
  const count: HttpCount = { replies: {}, connections: 0, resets: 0 };
  const thrown: unknown[] = [];
  const note = (error: unknown): void => void thrown.push(error);
  process.on("uncaughtException", note).on("unhandledRejection", note);
  const group = fc.array(connection(), { minLength: 1, maxLength: 4 });
  try {
    await using server = await startServer({
      requestTimeout: REQUEST_SECONDS,
      bodyLimit: 20_000,
      batchLimit: 20_000,
    });
    await fc.assert(
      fc.asyncProperty(group, async (connections) => {
        const before = await scrape(server);
        const replies = await Promise.all(connections.map((one) => play(server.url, one)));
        for (const [i, read] of replies.entries()) {
          const one = connections[i] as Connection;
          checkReplies(one, read);
          count.connections++;
          if (one.end === "reset") count.resets++;
          for (const { status } of read.whole) {
            const kind = `${Math.floor(status / 100)}xx`;
            count.replies[kind] = (count.replies[kind] ?? 0) + 1;
          }
        }
        const good = await server.post("/predict", ROW);
        check(good.status === 200 && good.json.prediction === 0, `a prediction: ${good.text}`);
        const answered = replies.reduce((sum, { whole }) => sum + whole.length, 0);
        const isExact = connections.every(({ isWhole, end }) => isWhole && end === "wait");
        // The scrape and the valid request are two more.
        await settle(server, before, answered + 2, isExact);
        check(thrown.length === 0, `no error outside of requests: ${describe(thrown[0])}`);
      }),
      { numRuns: runs, seed, endOnFailure: false, interruptAfterTimeLimit: 600_000 },
    );
    await checkClose(server);
  } finally {
    process.off("uncaughtException", note).off("unhandledRejection", note);
  }
  return count;
}

/** A leaked request would delay the stop of the server. */
async function checkClose(server: TestServer): Promise<void> {
  const begun = performance.now();
  await server.server.close();
  const seconds = (performance.now() - begun) / 1_000;
  check(seconds < 1.9, `a stop at once without requests in flight: it took ${seconds} s`);
}

/** Label values of the routes that the inputs reach, and of every other path. */
const ROUTES: ReadonlySet<string> = new Set([
  "/",
  "/docs",
  "/docs/",
  "/docs/*",
  "/health/live",
  "/health/ready",
  "/metrics",
  "/models",
  "/models/:name",
  "/models/:name/predict",
  "/models/:name/predict/batch",
  "/models/:name/versions/:version",
  "/models/:name/versions/:version/predict",
  "/models/:name/versions/:version/predict/batch",
  "/openapi.json",
  "/predict",
  "/predict/batch",
  "unmatched",
]);

interface Scrape {
  readonly requests: number;
  readonly errors: number;
  readonly inFlight: number;
  readonly routes: readonly string[];
  readonly series: number;
}

async function scrape(server: TestServer): Promise<Scrape> {
  const { text } = await server.get("/metrics");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const sum = (name: string): number =>
    lines
      .filter((line) => line.startsWith(name))
      .reduce((total, line) => total + Number(line.split(" ").at(-1)), 0);
  return {
    requests: sum("api_requests_total{"),
    errors: sum("api_connection_errors_total{"),
    inFlight: sum("api_requests_in_flight "),
    routes: lines.flatMap((line) => /route="([^"]*)"/.exec(line)?.[1] ?? []),
    series: lines.length,
  };
}

/** Waits for the expected counts, which change a moment after the last byte of a reply. */
async function settle(
  server: TestServer,
  before: Scrape,
  answered: number,
  isExact: boolean,
): Promise<void> {
  let scrapes = 0;
  for (let attempt = 0; ; attempt++) {
    const now = await scrape(server);
    const counted = now.requests - before.requests - scrapes;
    const errors = now.errors - before.errors;
    scrapes += 1;
    const unknown = now.routes.filter((route) => !ROUTES.has(route));
    check(unknown.length === 0, `known routes only: ${[...new Set(unknown)].join()}`);
    check(now.series < MOST_SERIES, `a bounded number of series: ${now.series}`);
    // A request that ends in its body counts twice, as a request and as a broken connection; every reply counts.
    const isCounted = isExact
      ? counted === answered && errors === 0
      : counted + errors >= answered && counted >= 2;
    if (isCounted && now.inFlight === 0) return;
    const found = `${counted} requests, ${errors} broken connections, ${now.inFlight} in flight`;
    check(attempt < 100, `counts of ${answered} requests with a reply: ${found}`);
    await sleep(20);
  }
}

function checkReplies(one: Connection, { whole, rest, timedOut }: Played): void {
  check(!timedOut, "a closed connection within 5 s");
  // A client that disconnects during its request may get a part of a reply.
  if (one.end === "wait") check(rest === "", `complete replies only: ${rest.slice(0, 300)}`);
  if (one.isWhole && one.end === "wait") {
    check(whole.length === one.messages, `${one.messages} replies: ${whole.length}`);
  }
  for (const reply of whole) checkReply(reply);
}

function checkReply({ status, headers, body }: RawReply): void {
  const isAllowed = status < 500 || status === 501 || status === 505;
  check(isAllowed, `a status below 500, 501 or 505: ${status} ${body}`);
  const id = headers.get("x-request-id");
  check(id !== undefined || status === 100, `an id on status ${status}`);
  if (status < 400 || body === "") return;
  check(
    headers.get("content-type") === "application/problem+json; charset=utf-8",
    `a problem of status ${status}: ${headers.get("content-type")} ${body}`,
  );
  const problem = JSON.parse(Buffer.from(body, "latin1").toString());
  const errors = [...Value.Errors(PROBLEM, problem)];
  check(errors.length === 0, `valid problem details: ${JSON.stringify(errors[0])}`);
  check(problem.status === status && problem.id === id, `status and id as in the head: ${body}`);
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Expected from the server: ${what}`);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

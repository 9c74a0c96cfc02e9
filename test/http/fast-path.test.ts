import { createServer as createHttpServer } from "node:http";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { pino } from "pino";
import { request } from "undici";
import { OPTIONS } from "../../src/config/config.ts";
import { resolveOptions } from "../../src/config/resolve-options.ts";
import { createServerHostCheck } from "../../src/http/access/check-head.ts";
import { openCredentials } from "../../src/http/access/credentials.ts";
import { createInFlight } from "../../src/http/limits/in-flight.ts";
import { createLiveStreams } from "../../src/http/limits/live-streams.ts";
import { createRequestMeter } from "../../src/http/request-meter.ts";
import { createOverload } from "../../src/http/limits/overload.ts";
import { createFastPath } from "../../src/http/fast-path/fast-path.ts";
import { createWorkLimits } from "../../src/http/limits/work-limits.ts";
import { createUniqueClients } from "../../src/http/limits/unique-clients.ts";
import { WholeBodyRequest } from "../../src/http/fast-path/whole-body-request.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import { createRegistry } from "../../src/model/registry.ts";
import { openPredictor } from "../../src/serving/open-predictor.ts";
import { createFolder } from "../support/folders.ts";
import { copyIris, toIrisObject } from "../support/models.ts";
import { sendRaw } from "../support/raw-http.ts";
import { startServer, type Reply, type TestServer } from "../support/server.ts";

const ROW = toIrisObject([5.1, 3.5, 1.4, 0.2]);
const BODY = JSON.stringify(ROW);
const JSON_TYPE = { "content-type": "application/json" };
/** A header that sends a request past the fast path, and changes nothing else about it. */
const BY_THE_APP = { origin: "http://elsewhere.example" };

/** The parts of a reply that both must send. (The app closes the connection after malformed JSON.) */
function toComparable({ status, headers, text }: Reply): unknown {
  const { date, connection: _, "keep-alive": __, ...others } = headers;
  expect(date).toBeDefined();
  return { status, headers: others, text };
}

const BODIES: readonly [title: string, path: string, body: string][] = [
  ["a row", "/predict", BODY],
  ["an outlier", "/predict", JSON.stringify({ ...ROW, sepal_length: 100 })],
  ["a field that is not ASCII", "/predict", JSON.stringify({ ...ROW, größe: 1 })],
  ["a field that stands twice", "/predict", BODY.replace("{", '{"sepal_length": 1, ')],
  ["a missing feature", "/predict", JSON.stringify({ sepal_length: 5.1 })],
  ["an array", "/predict", "[1, 2]"],
  ["no JSON", "/predict", '{"sepal_length": 5.'],
  ["blanks", "/predict", "   "],
  ["a byte-order mark", "/predict", `\uFEFF${BODY}`],
  ["a batch", "/predict/batch", JSON.stringify({ instances: [ROW, [6, 3, 5, 2]] })],
  [
    "a batch with a problem",
    "/predict/batch",
    JSON.stringify({ instances: [ROW, [6, 3, null, 2]] }),
  ],
  ["an empty batch", "/predict/batch", '{"instances": []}'],
  ["a model's path", "/models/iris/predict", BODY],
  ["a version's path", "/models/iris/versions/1/predict", BODY],
  ["a version's batch", "/models/iris/versions/1/predict/batch", `{"instances": [${BODY}]}`],
  ["an unknown version", "/models/iris/versions/7/predict", BODY],
  ["an unknown model", "/models/rose/predict", BODY],
  ["an escaped name", "/models/%69ris/predict", BODY],
];

describe("the fast path and the app send the same replies", () => {
  it.each(BODIES)("with %s", async (_title, path, body) => {
    const send = async (server: TestServer, more: Readonly<Record<string, string>>) => {
      const headers = { ...JSON_TYPE, "x-request-id": "same", ...more };
      return toComparable(await server.send(path, { method: "POST", headers, body }));
    };
    await using fastPath = await startServer();
    await using app = await startServer();
    expect(await send(fastPath, {})).toEqual(await send(app, BY_THE_APP));
    expect(await toStableMetrics(fastPath)).toEqual(await toStableMetrics(app));
  });

  it("within the rate limit, and above it", async () => {
    const send = async (server: TestServer, more: Readonly<Record<string, string>>) => {
      const headers = { ...JSON_TYPE, "x-request-id": "same", ...more };
      const replies = [];
      for (let i = 0; i < 4; i++) {
        replies.push(await server.send("/predict", { method: "POST", headers, body: BODY }));
      }
      return replies.map(toComparable);
    };
    // One window of the limit, however long the requests take.
    const clock = { nowMs: () => Date.now(), monotonicSeconds: () => 1 };
    await using fastPath = await startServer({ rateLimit: 2 }, { clock });
    await using app = await startServer({ rateLimit: 2 }, { clock });
    const replies = await send(fastPath, {});
    expect(replies).toEqual(await send(app, BY_THE_APP));
    expect(replies).toMatchObject([
      { status: 200, headers: { "x-ratelimit-remaining": "1" } },
      { status: 200, headers: { "x-ratelimit-remaining": "0" } },
      { status: 429, headers: { "retry-after": "1" } },
      { status: 429 },
    ]);
  });

  it("with a body that arrives in several chunks", async () => {
    await using server = await startServer();
    const rows = Array.from({ length: 9_000 }, () => [5.1, 3.5, 1.4, 0.2]);
    const { status, json } = await server.post("/predict/batch", { instances: rows });
    expect(status).toBe(200);
    expect(json.predictions).toHaveLength(9_000);
  });
});

/** The lines of /metrics that do not depend on time. */
async function toStableMetrics(server: TestServer): Promise<string[]> {
  const { text } = await server.get("/metrics");
  return text
    .split("\n")
    .filter(
      (line) => !/seconds|unique_clients|^#|^nodejs_|^process_/.test(line) || /_count/.test(line),
    );
}

/** A fast path in a server whose app replies 418 to every request. */
async function startFastPath(): Promise<AsyncDisposable & { readonly url: string }> {
  const folder = await createFolder();
  await copyIris(`${folder.path}/models`);
  const options = resolveOptions(OPTIONS, { flags: { models: `${folder.path}/models` } });
  const metrics = createMetrics({ process: false });
  const registry = createRegistry(options, {
    prepare: (model) => openPredictor(model, options, metrics, systemClock),
    dispose: (predictor) => predictor.close(),
  });
  await registry.reload();
  const logger = pino({ level: "silent" });
  const inFlight = createInFlight();
  const overload = createOverload(options, inFlight, systemClock);
  const parts = {
    options,
    registry,
    metrics,
    clock: systemClock,
    logger,
    version: "0",
    clients: createUniqueClients(systemClock),
    liveStreams: createLiveStreams(options.requestTimeout),
    renderMetrics: () => metrics.render(),
    monitor: undefined,
    countRequest: () => {},
    inFlight,
    overload,
    credentials: await openCredentials(options, logger),
    reload: async () => ({ ...(await registry.reload()), problems: [] }),
    describe: () => Promise.reject(new Error("no fast path describes the server")),
    isDraining: () => false,
  };
  const fastPathParts = {
    meter: createRequestMeter(parts),
    workLimits: createWorkLimits(parts),
    checkHost: createServerHostCheck(options),
  };
  const fastPath = createFastPath(parts, fastPathParts, (_request, response) => {
    response.writeHead(418).end();
  });
  const server = createHttpServer({ IncomingMessage: WholeBodyRequest }, fastPath);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      overload.close();
      server.closeAllConnections();
      server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("the fast path accepts", () => {
  it.each<[title: string, isAccepted: boolean, path: string, headers: Record<string, string>]>([
    ["a row", true, "/predict", JSON_TYPE],
    ["JSON in UTF-8", true, "/predict", { "content-type": "application/json; charset=utf-8" }],
    ["a model's path", true, "/models/iris/predict", JSON_TYPE],
    ["a version's path", true, "/models/iris/versions/1/predict/batch", JSON_TYPE],
    ["another type", false, "/predict", { "content-type": "text/csv" }],
    ["another charset", false, "/predict", { "content-type": "application/json; charset=latin1" }],
    ["an encoding", false, "/predict", { ...JSON_TYPE, "content-encoding": "identity" }],
    ["a page's request", false, "/predict", { ...JSON_TYPE, origin: "http://a.example" }],
    ["another path", false, "/predicts", JSON_TYPE],
    ["a query", false, "/predict?a=1", JSON_TYPE],
    ["a foreign host", false, "/predict", { ...JSON_TYPE, host: "evil.example" }],
    ["an escape", false, "/models/%69ris/predict", JSON_TYPE],
  ])("%s: %s", async (_title, isAccepted, path, headers) => {
    await using fastPath = await startFastPath();
    const reply = await request(`${fastPath.url}${path}`, {
      method: "POST",
      headers: { ...headers, connection: "close" },
      body: BODY,
    });
    await reply.body.dump();
    expect(reply.statusCode !== 418).toBe(isAccepted);
  });

  it("no chunked body", async () => {
    await using fastPath = await startFastPath();
    const head =
      "POST /predict HTTP/1.1\r\ncontent-type: application/json\r\nconnection: close\r\n";
    const chunks = `transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`;
    expect(await sendRaw(fastPath.url, `${head}host: localhost\r\n${chunks}`)).toContain(" 418 ");
    expect(
      await sendRaw(fastPath.url, `${head}host: localhost\r\ncontent-length: 2\r\n\r\n{}`),
    ).toContain(" 422 ");
  });
});

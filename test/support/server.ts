import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import type { Config } from "../../src/config/config.ts";
import { createServer, type Server, type ServerParts } from "../../src/server.ts";
import { createFolder } from "./folders.ts";
import type { JsonValue } from "./json.ts";
import { copyIris } from "./models.ts";

/** A server on a free port, with a models folder of its own. Disposing closes it. */
export interface TestServer extends AsyncDisposable {
  readonly server: Server;
  readonly url: string;
  readonly models: string;
  get(path: string): Promise<Reply>;
  post(path: string, body: unknown): Promise<Reply>;
  send(path: string, options: SendOptions): Promise<Reply>;
  /** Returns the value of a series on /metrics, for example `api_requests_total{method="GET",…}`; 0 if it is missing. */
  metric(series: string): Promise<number>;
}

export interface SendOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | null;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The parsed body. Its type is open: a test that reads a field requires the field. */
  readonly json: JsonValue;
}

const JSON_HEADERS = { "content-type": "application/json" };

export async function startServer(
  options: Partial<Config> = {},
  {
    prepare = copyIris,
    extend,
    ...parts
  }: ServerParts & {
    /** Fills the models folder. */
    readonly prepare?: (models: string) => Promise<unknown>;
    /** Adds metrics and routes before the server listens. */
    readonly extend?: (server: Server) => void;
  } = {},
): Promise<TestServer> {
  const folder = await createFolder();
  const models = `${folder.path}/models`;
  await prepare(models);
  const server = await createServer(
    // A busy machine that stalls for a second must not make the server reject requests.
    { port: 0, models, drainTimeout: 0.02, maxEventLoopLag: 60, ...options },
    { processMetrics: false, ...parts },
  );
  extend?.(server);
  const url = await server.listen();

  async function send(path: string, { method = "GET", headers = {}, body = null }: SendOptions) {
    const reply = await request(`${url}${path}`, { method, headers, body });
    const text = await reply.body.text();
    const isJson = /\bjson\b/.test(String(reply.headers["content-type"]));
    const json: JsonValue = isJson && text !== "" ? JSON.parse(text) : undefined;
    return { status: reply.statusCode, headers: reply.headers, text, json };
  }

  return {
    server,
    url,
    models,
    send,
    get: (path) => send(path, {}),
    post: (path, body) =>
      send(path, { method: "POST", headers: JSON_HEADERS, body: JSON.stringify(body) }),
    async metric(series) {
      const { text } = await send("/metrics", {});
      const line = text.split("\n").find((candidate) => candidate.startsWith(`${series} `));
      return line === undefined ? 0 : Number(line.slice(series.length + 1));
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/**
 * Waits until servers in this process that listen have ended their start and measure the lag of the event loop: from their
 * first timer, 50 ms after they began to listen. Timers of one process run in the order in which they are due.
 */
export async function waitForEndOfStart(): Promise<void> {
  await sleep(60);
}

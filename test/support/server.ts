import { request } from "undici";
import type { Config } from "../../src/config/config.ts";
import { createServer, type Server, type ServerParts } from "../../src/server.ts";
import { createFolder } from "./folders.ts";
import type { JsonValue } from "./json.ts";
import { copyIris } from "./models.ts";

/** A server on a free port of this machine, with a models folder of its own. Closes itself. */
export interface TestServer extends AsyncDisposable {
  readonly server: Server;
  readonly url: string;
  readonly models: string;
  get(path: string): Promise<Reply>;
  post(path: string, body: unknown): Promise<Reply>;
  send(path: string, options: SendOptions): Promise<Reply>;
  /** The value of a series on /metrics, such as `api_requests_total{method="GET",…}`; 0 when it is not there. */
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
  /** The parsed body; whoever reads a field of it says by that what must be there. */
  readonly json: JsonValue;
}

const JSON_HEADERS = { "content-type": "application/json" };

export async function startServer(
  options: Partial<Config> = {},
  {
    prepare = copyIris,
    ...parts
  }: ServerParts & { readonly prepare?: (models: string) => Promise<unknown> } = {},
): Promise<TestServer> {
  const folder = await createFolder();
  const models = `${folder.path}/models`;
  await prepare(models);
  const server = await createServer(
    // A machine that stands still for a second is no fault of the server's.
    { port: 0, models, drainTimeout: 0.02, maxEventLoopLag: 60, ...options },
    { processMetrics: false, ...parts },
  );
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

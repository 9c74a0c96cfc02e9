import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { FastifyInstance } from "fastify";
import { request } from "undici";
import { systemClock } from "../../src/kernel/clock.ts";
import { createLoadTest } from "../../src/load/coordinator/create-load-test.ts";
import { DEFAULT_HTTP_OPTIONS, type HttpOptions } from "../../src/load/generator/http-options.ts";
import type { LoadTest } from "../../src/load/load.ts";
import { createPage } from "../../src/load/page/create-page.ts";
import { openRunArchive } from "../../src/load/page/open-run-archive.ts";
import type { PageParts } from "../../src/load/page/page.ts";
import type { RunReport } from "../../src/load/contract/report.ts";
import { DEFAULT_PLAN } from "../../src/load/contract/resolve-plan.ts";
import { createFolder } from "./folders.ts";
import type { Reply, SendOptions } from "./server.ts";

/** A load test with its page on a free port of this machine. Disposing closes both. */
export interface TestPage extends AsyncDisposable {
  readonly url: string;
  readonly app: FastifyInstance;
  readonly loadTest: LoadTest;
  /** Folder of the archive. */
  readonly data: string;
  /** Warnings and errors of the page. */
  readonly logs: readonly string[];
  send(path: string, options?: SendOptions): Promise<Reply>;
  post(path: string, body?: object): Promise<Reply>;
  /** Posts a form, as scripts for Locust do. */
  postForm(path: string, fields?: Readonly<Record<string, string>>): Promise<Reply>;
  /** Runs a plan to its end. */
  run(plan: object): Promise<RunReport>;
}

export interface TestPageOptions extends Partial<
  Pick<PageParts, "hostNames" | "allowGetStop" | "pageFolder">
> {
  /** Source of the script. */
  readonly script: string;
  /** URL of the server under test. */
  readonly host: string;
  /** Key of the page. */
  readonly key?: string | null;
  /** @default a new folder */
  readonly data?: string;
  /** Headers of `host`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default 1 */
  readonly generators?: number;
}

export async function startLoadPage(options: TestPageOptions): Promise<TestPage> {
  const folder = await createFolder();
  const script = `${folder.path}/script.ts`;
  await writeFile(script, options.script);
  const { host, generators = 1 } = options;
  const http: HttpOptions = {
    ...DEFAULT_HTTP_OPTIONS,
    headers: options.headers === undefined ? null : { host, values: options.headers },
  };
  const loadTest = await createLoadTest({
    script,
    http,
    toDefaults: () => ({ ...DEFAULT_PLAN, host, workers: generators }),
  });
  const logs: string[] = [];
  const data = options.data ?? `${folder.path}/runs`;
  const archive = await openRunArchive(data, {
    clock: systemClock,
    onWarning: (message) => logs.push(message),
  });
  const app = await createPage({
    loadTest,
    archive,
    key: () => options.key ?? null,
    hostNames: options.hostNames === undefined ? ["127.0.0.1", "localhost"] : options.hostNames,
    allowGetStop: options.allowGetStop ?? false,
    pageFolder: options.pageFolder ?? fileURLToPath(new URL("absent", import.meta.url)),
    version: "1.2.3",
    onError: (message) => logs.push(message),
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });

  async function send(
    path: string,
    { method = "GET", headers = {}, body = null }: SendOptions = {},
  ): Promise<Reply> {
    const reply = await request(`${url}${path}`, { method, headers, body });
    const text = await reply.body.text();
    const isJson = /\bjson\b/.test(String(reply.headers["content-type"]));
    const json: Reply["json"] = isJson && text !== "" ? JSON.parse(text) : undefined;
    return { status: reply.statusCode, headers: reply.headers, text, json };
  }
  const post = (path: string, body: object = {}): Promise<Reply> =>
    send(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  return {
    url,
    app,
    loadTest,
    data,
    logs,
    send,
    post,
    postForm: (path, fields = {}) =>
      send(path, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(fields).toString(),
      }),
    async run(plan) {
      const ended = Promise.withResolvers<RunReport>();
      const unsubscribe = loadTest.subscribe((event) => {
        if (event.type === "ended") ended.resolve(event.report);
      });
      const { status, text } = await post("/api/load/start", plan);
      if (status !== 202) throw new Error(text);
      const report = await ended.promise;
      unsubscribe();
      return report;
    },
    async [Symbol.asyncDispose]() {
      await loadTest.close();
      await app.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Names that a spreadsheet or a browser would execute without escaping. */
export const HOSTILE = {
  formula: "=cmd|' /C calc'!A0",
  markup: `<img src="http://127.0.0.1:9/x" onerror="document.title='broken in'">`,
} as const;

/** A script with successes, failures and exceptions, under harmless and hostile names. */
export const SCRIPT = `
import { constant, defineUser, task, type VirtualUser } from "tepal/load";

async function predict(user: VirtualUser): Promise<void> {
  await user.post("/predict", { json: { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 } });
}
async function root(user: VirtualUser): Promise<void> {
  await user.get("/", { name: ${JSON.stringify(HOSTILE.formula)} });
}
async function missing(user: VirtualUser): Promise<void> {
  await user.get("/nowhere", { name: ${JSON.stringify(HOSTILE.markup)} });
}
function broken(): void {
  throw new Error(${JSON.stringify(HOSTILE.markup)});
}
export default [
  defineUser({ name: "Visitor", weight: 3, waitTime: constant(0.01), tasks: [task(3, predict), task(1, root)] }),
  defineUser({ name: "Stranger", waitTime: constant(0.01), tasks: [task(3, missing), task(1, broken)] }),
];
`;

/** Two seconds of both user classes. */
export const SHORT_RUN = {
  profile: { kind: "users", users: 8, spawn_rate: 100 },
  run_time_seconds: 2,
} as const;

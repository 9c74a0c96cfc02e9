import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { createLoadTest } from "../../src/load/coordinator/create-load-test.ts";
import { DEFAULT_HTTP_OPTIONS, type HttpOptions } from "../../src/load/generator/http-options.ts";
import type { LoadEvent, LoadTest } from "../../src/load/load.ts";
import type { RunPlan } from "../../src/load/contract/plan.ts";
import type { EndpointStatistics, RunReport } from "../../src/load/contract/report.ts";
import { DEFAULT_PLAN } from "../../src/load/contract/resolve-plan.ts";
import { createFolder } from "./folders.ts";

/** A load test of a short script, with the output of its generators. Disposing closes it. */
export interface TestLoad extends AsyncDisposable {
  readonly loadTest: LoadTest;
  readonly logs: string[];
  /** Starts a run. Missing fields of the plan have their defaults. */
  start(plan?: Partial<RunPlan>): Promise<void>;
  /** Waits until the current run meets a condition; checks it every second and after each change. */
  until(isReached: (report: RunReport) => boolean): Promise<RunReport>;
  /** Runs a plan until it ends by itself. */
  run(plan?: Partial<RunPlan>): Promise<RunReport>;
}

export async function startLoad(
  script: string,
  { generators = 1, ...http }: Partial<HttpOptions> & { readonly generators?: number } = {},
): Promise<TestLoad> {
  const folder = await createFolder();
  const file = await writeScript(folder.path, script);
  const logs: string[] = [];
  let loadTest: LoadTest;
  try {
    loadTest = await createLoadTest({
      script: file,
      toDefaults: () => ({ ...DEFAULT_PLAN, workers: generators }),
      http: { ...DEFAULT_HTTP_OPTIONS, ...http },
    });
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
  loadTest.subscribe((event) => {
    if (event.type === "log") logs.push(event.line.message);
  });
  const waitFor = (isReached: (event: LoadEvent) => boolean): Promise<RunReport> =>
    new Promise((resolve) => {
      const end = loadTest.subscribe((event) => {
        if (!isReached(event)) return;
        end();
        resolve(loadTest.report());
      });
    });
  const start = (plan: Partial<RunPlan> = {}): Promise<void> =>
    loadTest.start({ ...loadTest.defaults, stop_timeout_seconds: 5, ...plan });
  return {
    loadTest,
    logs,
    start,
    until: (isReached) => waitFor(() => isReached(loadTest.report())),
    async run(plan) {
      const ended = waitFor(({ type }) => type === "ended");
      await start(plan);
      return ended;
    },
    async [Symbol.asyncDispose]() {
      await loadTest.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** @param name path in the folder */
export async function writeScript(
  folder: string,
  text: string,
  name = "script.ts",
): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

/** Returns the statistics of an endpoint by name. */
export function findEndpoint(report: RunReport, name: string): EndpointStatistics {
  const found = report.endpoints.find((endpoint) => endpoint.name === name);
  if (found === undefined)
    throw new Error(`There is no ${name} in ${JSON.stringify(report.endpoints)}`);
  return found;
}

interface Listening extends AsyncDisposable {
  readonly url: string;
}

export async function startHttp(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: toUrl(server.address()),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Starts a TCP server with any behaviour per connection. */
export async function startTcp(onConnection: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: toUrl(server.address()),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

const DEAF = `
require("node:net").createServer().listen({ host: "127.0.0.1", port: 0, backlog: 1 }, function () {
  console.log(this.address().port);
});`;

/** Starts a port that neither accepts nor refuses connections: its process is stopped, and its queue is full. */
export async function startDeaf(): Promise<Listening> {
  const child = spawn(process.execPath, ["-e", DEAF], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  child.kill("SIGSTOP");
  // The queue takes one more than the backlog.
  const sockets = [0, 1].map(() => connect(Number(port), "127.0.0.1").on("error", () => {}));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  return {
    url: `http://127.0.0.1:${Number(port)}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      child.kill("SIGKILL");
      await once(child, "close");
    },
  };
}

function toUrl(address: AddressInfo | string | null): string {
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return `http://127.0.0.1:${address.port}`;
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SMALL_HEAP_FLAGS } from "../src/kernel/child-process.ts";
import { readTree } from "../test/support/process-tree.ts";
import { connectLoad, type Load } from "./http-load.ts";

const START_SECONDS = 60;
const MAIN = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

/** A server in processes of its own, and its requests. */
export interface ServerCommand extends Load {
  /** Returns the program and its arguments. */
  command(port: number): readonly [string, ...string[]];
  readonly folder?: string;
  /** Returns additional variables. */
  environment?(port: number): Promise<Readonly<Record<string, string>>>;
}

/** Returns the command that serves a folder of models on a port, with the flags of `npm start` and further arguments. */
export function toTepalCommand(
  models: string,
  port: number,
  ...words: readonly string[]
): [string, ...string[]] {
  const serve = [MAIN, "serve", "--models", models, "--port", String(port), "--log-level", "warn"];
  // A stalled machine must not end the comparison.
  return [process.execPath, ...SMALL_HEAP_FLAGS, ...serve, "--max-event-loop-lag", "60", ...words];
}

/** A running server. */
export interface ServerProcess extends AsyncDisposable {
  /** Sends one request. @returns the parsed reply */
  request(body: string): Promise<unknown>;
  /** Sends requests for a duration. @returns CPU time of all processes of the server per request, in microseconds */
  measure(milliseconds: number): Promise<number>;
  /** Returns the resident memory of all processes. Shared pages count for each. */
  readResidentBytes(): Promise<number>;
}

/** Starts a server and waits until it replies with status 200. */
export async function startProcess(server: ServerCommand): Promise<ServerProcess> {
  const port = await findPort();
  const [program, ...words] = server.command(port);
  const child = spawn(program, words, {
    ...(server.folder !== undefined && { cwd: server.folder }),
    env: { ...process.env, ...(await server.environment?.(port)) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(child, "exit");
  // Ends the server also if this process fails.
  const kill = (): void => void child.kill();
  process.once("exit", kill);
  const { pid } = child;
  if (pid === undefined) throw new Error(`Cannot start ${program}.`);
  const url = `http://127.0.0.1:${port}${server.path}`;
  await waitForReply(url, server, () => child.exitCode);
  return {
    request: async (body) => (await post(url, body)).json(),
    async measure(milliseconds) {
      // A new connection for each request, since uvicorn closes connections that are idle for five seconds.
      using driver = await connectLoad(port, server);
      const before = await readTree(pid);
      const answered = await driver.drive(milliseconds);
      const after = await readTree(pid);
      return (1e6 * (after.cpuSeconds - before.cpuSeconds)) / answered;
    },
    readResidentBytes: async () => (await readTree(pid)).residentBytes,
    async [Symbol.asyncDispose]() {
      const { children } = await readTree(pid);
      kill();
      process.off("exit", kill);
      await ended;
      // LitServe leaves its workers behind.
      for (const each of children) killIfRunning(each);
    },
  };
}

function killIfRunning(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function post(url: string, body: string): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
}

async function waitForReply(
  url: string,
  { body }: ServerCommand,
  exitCode: () => number | null,
): Promise<void> {
  const first = typeof body === "string" ? body : (body[0] ?? "");
  const end = performance.now() + START_SECONDS * 1_000;
  while (performance.now() < end) {
    const reply = await post(url, first).catch(() => undefined);
    await reply?.arrayBuffer();
    if (reply?.status === 200) return;
    if (exitCode() !== null) throw new Error(`The server for ${url} exited.`);
    await sleep(200);
  }
  throw new Error(`${url} did not respond within ${START_SECONDS} s.`);
}

/** Finds a free port. */
export async function findPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("Expected a port.");
  return address.port;
}

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import type { HasPath } from "./check-endpoints.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** `tepal up` in a folder. Its disposal stops it. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  readonly loadPage: string;
}

/** Starts `tepal up` and waits until the server is ready and its load page answers. */
export async function startUp(
  folder: string,
  port: number,
  words: readonly string[] = [],
): Promise<RunningServer> {
  const ports = ["--port", String(port), "--load-port", String(port + 1)];
  const patient = ["--max-event-loop-lag", "60", "--drain-timeout", "0.02"];
  const child = spawn(process.execPath, [MAIN, "up", ...ports, ...patient, ...words], {
    cwd: folder,
    env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = (): boolean => child.kill("SIGTERM");
  process.once("exit", stop);
  child.once("exit", () => process.off("exit", stop));
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => (log += chunk));
  }
  const url = `http://127.0.0.1:${port}`;
  const loadPage = `http://127.0.0.1:${port + 1}`;
  for (const ready of [`${url}/health/ready`, `${loadPage}/health`]) {
    while (!(await isReady(ready))) {
      if (child.exitCode !== null) throw new Error(`The server ended:\n${log}`);
      await sleep(50);
    }
  }
  return { url, loadPage, [Symbol.asyncDispose]: () => end(child) };
}

async function isReady(url: string): Promise<boolean> {
  return request(url).then(
    async ({ statusCode, body }) => {
      await body.dump();
      return statusCode === 200;
    },
    () => false,
  );
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/** Paths whose routes forward to others: only a reply to GET shows that there is something. */
const FORWARDED = /^\/(?:prometheus|alertmanager|console|docs|load)(?:\/|$)|^\/$/;

/** Returns a check of paths: a route replies to PUT, which none has, with status 405, and a path without a route with 404. */
export function createPathCheck({ url, loadPage }: RunningServer): HasPath {
  const found = new Map<string, Promise<boolean>>();
  return (server, path) => {
    const base = server === "api" ? url : loadPage;
    const key = `${base}${path}`;
    const known = found.get(key);
    if (known !== undefined) return known;
    const isForwarded = FORWARDED.test(path);
    const result = isFound(key, isForwarded ? "GET" : "PUT");
    found.set(key, result);
    return result;
  };
}

async function isFound(url: string, method: "GET" | "PUT"): Promise<boolean> {
  const { statusCode, body } = await request(url, { method });
  await body.dump();
  return statusCode !== 404;
}

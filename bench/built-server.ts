import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { SMALL_HEAP_FLAGS } from "../src/kernel/child-process.ts";

/** The entry file of the package that `npm run build` writes. */
export const BUILT_MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

/** A listening server in a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

export interface ServerRequest {
  /** The file of the command line, built or not. */
  readonly main: string;
  /** The command and its flags. */
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a server as `npm start` and the image do, on a free port, and waits until it listens. @throws Error if the package is not built */
export async function startServerProcess(request: ServerRequest): Promise<ServerProcess> {
  if (!existsSync(request.main)) {
    throw new Error("The package is not built. Run `npm run build` first.");
  }
  const words = [...SMALL_HEAP_FLAGS, request.main, ...request.words, "--port", "0"];
  const child = spawn(process.execPath, words, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...request.environment },
  });
  const port = await waitForPort(child.stderr);
  return {
    pid: child.pid ?? 0,
    port,
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, "exit");
    },
  };
}

/** Sends one prediction. @throws Error unless its status is 200 */
export async function predictOnce(port: number, body: string): Promise<void> {
  const reply = await fetch(`http://127.0.0.1:${port}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  if (!reply.ok) throw new Error(`The first response has status ${reply.status}.`);
}

async function waitForPort(log: Readable): Promise<number> {
  let text = "";
  for await (const chunk of log.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    const port = /(?:listening on|serve) http:\/\/[^:]+:(\d+)/.exec(text)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`The server exited: ${text}`);
}

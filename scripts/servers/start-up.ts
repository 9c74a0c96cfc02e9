import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { request } from "undici";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const START_SECONDS = 60;
/** Options for a busy machine: the server accepts late requests, and stops at once. */
export const PATIENT = ["--max-event-loop-lag=60", "--drain-timeout=0.02"];
const STOP_SECONDS = 30;

/** `tepal up` in a folder. Its disposal stops it. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  readonly loadPage: string;
}

/**
 * Starts `tepal up` and waits until the server is ready and its load page answers.
 *
 * @param words options beside the ports
 * @throws Error if a port is in use, and if the server ends or is not ready within a minute; nothing runs then
 */
export async function startUp(
  folder: string,
  ports: { readonly port: number; readonly loadPort: number },
  words: readonly string[] = [],
): Promise<RunningServer> {
  const { port, loadPort } = ports;
  for (const each of [port, loadPort]) {
    if (await isListening(each)) throw new Error(`Port ${each} is in use.`);
  }
  const args = [MAIN, "up", "--port", String(port), "--load-port", String(loadPort), ...words];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = (): boolean => child.kill("SIGTERM");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => (log += chunk));
  }
  const url = `http://127.0.0.1:${port}`;
  const loadPage = `http://127.0.0.1:${loadPort}`;
  try {
    for (const page of [`${url}/health/ready`, `${loadPage}/health`]) {
      await waitUntilReady(page, child);
    }
  } catch (cause) {
    await stopProgram(child);
    throw new Error(`${String(cause)}\n${log}`, { cause });
  }
  return { url, loadPage, [Symbol.asyncDispose]: () => stopProgram(child) };
}

async function waitUntilReady(page: string, child: ChildProcess): Promise<void> {
  const end = performance.now() + START_SECONDS * 1_000;
  while (!(await isReady(page))) {
    if (hasEnded(child)) throw new Error("The server ended.");
    if (performance.now() > end) throw new Error(`No reply from ${page} in ${START_SECONDS} s.`);
    await sleep(50);
  }
}

async function isReady(page: string): Promise<boolean> {
  return request(page).then(
    async ({ statusCode, body }) => {
      await body.dump();
      return statusCode === 200;
    },
    () => false,
  );
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const isOpen = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}

/** Stops a program: with SIGTERM, and after half a minute with SIGKILL. */
export async function stopProgram(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_SECONDS * 1_000);
  await ended;
  clearTimeout(timer);
}

/** Ended by a signal, a program has no exit code. */
function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

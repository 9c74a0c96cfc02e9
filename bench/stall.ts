import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { createFolder } from "../test/support/folders.ts";
import { startLearnerServer, type LearnerServer } from "./tutorial/learner-server.ts";

const SECONDS = 20;
const STALL_MS = 2_000;
/** From the start of the generator: it warms up for less than a second. */
const BEGIN_MS = 8_000;
const MODELS = { closed: "--users 10 --spawn-rate 100", open: "--rate 100" } as const;

/** The parts of a load test's report that are used. `response_time` is null in a closed model. */
interface Report {
  readonly total: {
    readonly requests: number;
    readonly service_time: Times;
    readonly response_time: Times | null;
  };
}

interface Times {
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
}

/**
 * Measures a stall of two seconds with a closed and an open model, as docs/tutorial/understanding/load-tests.md describes: the server's process
 * is stopped and continued meanwhile. Takes a minute.
 */
export async function run(): Promise<void> {
  await using server = await startLearnerServer(["--max-event-loop-lag=10"]);
  await using folder = await createFolder();
  const pid = await findServer(server);
  for (const [model, flags] of Object.entries(MODELS)) {
    const file = join(folder.path, `${model}.json`);
    const words = `src/cli/main.ts load examples/tutorial/steady.ts --host ${server.url} --run-time ${SECONDS}s --headless --json ${file} ${flags}`;
    await Promise.all([server.run(words.split(" "), { mayFail: true }), stall(pid)]);
    const { total }: Report = JSON.parse(await readFile(file, "utf8"));
    const {
      p50_ms: p50,
      p95_ms: p95,
      p99_ms: p99,
      max_ms: most,
    } = total.response_time ?? total.service_time;
    console.log(
      `${model}: ${total.requests} requests, p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, maximum ${most.toFixed(0)} ms`,
    );
  }
}

async function stall(pid: number): Promise<void> {
  await sleep(BEGIN_MS);
  process.kill(pid, "SIGSTOP");
  try {
    await sleep(STALL_MS);
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

interface Status {
  readonly processes: readonly { readonly role: string; readonly pid: number }[];
}

async function findServer({ url }: LearnerServer): Promise<number> {
  const { body } = await request(`${url}/admin/status`);
  const { processes } = (await body.json()) as Status;
  const server = processes.find(({ role }) => role === "server");
  if (server === undefined) throw new Error("Expected a process of the server.");
  return server.pid;
}

import { access, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { request, type Dispatcher } from "undici";
import { startCli, waitForOutput, type Running } from "./cli.ts";
import { createFolder } from "./folders.ts";
import { copyIris, IRIS, toIrisObject } from "./models.ts";

/** `tepal serve --workers N` on a free port, with an Iris model. */
export interface RunningWorkers extends AsyncDisposable {
  readonly running: Running;
  readonly url: string;
  readonly folder: string;
  /** Returns the process ids of the running workers. */
  pids(): Promise<readonly number[]>;
  /** Returns the samples of /metrics by series, as written there. */
  scrape(): Promise<ReadonlyMap<string, number>>;
  isRunning(pid: number): Promise<boolean>;
  /** Waits until each worker sleeps: the turn of the event loop with its last reply has then ended. */
  idle(): Promise<void>;
}

export async function startWorkers(
  count: number,
  words: readonly string[] = [],
  prepare: (folder: string) => Promise<unknown> = async () => {},
): Promise<RunningWorkers> {
  const folder = await createFolder();
  await copyIris(`${folder.path}/models`);
  await prepare(folder.path);
  // On a busy machine the server must not reject the requests of a test.
  const patient = ["--max-event-loop-lag", "60"];
  const all = ["serve", "--port", "0", "--workers", String(count), ...patient, ...words];
  const running = startCli(all, folder.path);
  const url = await waitForOutput(running, /workers serve (https?:\/\/127\.0\.0\.1:\d+)/);
  return {
    running,
    url,
    folder: folder.path,
    pids: () => listChildren(running.process.pid ?? 0),
    scrape: () => scrape(`${url}/metrics`),
    async idle() {
      for (const pid of await listChildren(running.process.pid ?? 0)) {
        await waitUntilIdle(pid);
      }
    },
    isRunning: (pid) =>
      access(`/proc/${pid}`).then(
        () => true,
        () => false,
      ),
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Waits until the main thread of a process sleeps and has used no CPU time between two looks. */
async function waitUntilIdle(pid: number): Promise<void> {
  let before: string | undefined;
  await until(async () => {
    const stat = await readFile(`/proc/${pid}/task/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // State, and CPU time in user and kernel mode in ticks of 10 ms.
    const activity = [fields[0], fields[11], fields[12]].join(" ");
    const isIdle = fields[0] === "S" && activity === before;
    before = activity;
    return isIdle;
  });
}

/** The children of a process, from Linux's /proc. */
async function listChildren(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

async function scrape(url: string): Promise<ReadonlyMap<string, number>> {
  const reply = await request(url);
  const text = await reply.body.text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/** Sends a request over the connections of a dispatcher, or (`reset`) over one of its own. */
interface SendOptions {
  readonly dispatcher?: Dispatcher;
  readonly reset?: boolean;
}

/** Counts requests and replies, for comparison with the server's metrics. */
export class Tally {
  readonly classes = new Map<string, number>();
  rows = 0;
  answered = 0;
  attempted = 0;

  /** Predicts one row of Iris and counts the reply. */
  async predict(url: string, i: number, options: SendOptions = {}) {
    const { row } = IRIS[i % IRIS.length] ?? { row: [] };
    this.attempted += 1;
    const reply = await request(`${url}/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(toIrisObject(row)),
      headersTimeout: 20_000,
      ...options,
    });
    const body: unknown = await reply.body.json();
    const label = Object(body)["label"];
    if (reply.statusCode !== 200) throw new Error(`${reply.statusCode} ${JSON.stringify(body)}`);
    this.classes.set(label, (this.classes.get(label) ?? 0) + 1);
    this.answered += 1;
    this.rows += 1;
  }
}

/** Polls a condition; the timeout of the test ends it. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await sleep(20);
}

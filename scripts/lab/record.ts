/** Records a quarter of an hour of a real server under traffic, for the lab. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rm, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startUp, PATIENT } from "../servers/start-up.ts";
import { CHECKED_QUERIES } from "./checked-queries.ts";

const ROOT = join(import.meta.dirname, "../..");
const MAIN = join(ROOT, "src/cli/main.ts");
const USERS = join(ROOT, "scripts/lab/users.ts");

/** Begin, duration and users of each user class, as shares of the recording. The same for every recording. */
export const PHASES = [
  { users: "Visitor", count: 10, seed: 1, from: 0.01, to: 0.99 },
  { users: "Careless", count: 3, seed: 2, from: 0.22, to: 0.36 },
  { users: "Importer", count: 2, seed: 3, from: 0.45, to: 0.56 },
  { users: "Inches", count: 4, seed: 4, from: 0.64, to: 0.76 },
] as const;
/** The server stops and starts again here. */
export const RESTART = 0.84;

/** A series as the Prometheus API returns its samples. */
export interface RawSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [seconds: number, value: string])[];
}

export interface RawReply {
  readonly path: string;
  readonly status: number;
  readonly body: string;
}

/** The replies of a server at the end of its recording. */
export interface RawRecording {
  readonly endSeconds: number;
  readonly minutes: number;
  readonly series: readonly RawSeries[];
  readonly metadata: Readonly<
    Record<string, readonly { readonly type: string; readonly help: string }[]>
  >;
  readonly targets: readonly {
    readonly labels: { readonly job: string; readonly instance: string };
    readonly scrapeUrl: string;
    readonly scrapeInterval: string;
  }[];
  readonly alerts: readonly object[];
  readonly replies: readonly RawReply[];
}

/**
 * Runs a server with its built-in monitor, and load tests with fixed seeds against it.
 *
 * @param port the first of two free ports
 */
export async function record(folder: string, minutes: number, port: number): Promise<RawRecording> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const ports = { port, loadPort: port + 1 };
  const start = () => startUp(folder, ports, PATIENT);
  let server = await start();
  const tests: ChildProcess[] = [];
  const startMs = Date.now();
  const durationMs = minutes * 60_000;
  const until = (share: number): Promise<unknown> =>
    sleep(Math.max(0, startMs + share * durationMs - Date.now()));
  try {
    const restart = async (): Promise<void> => {
      await until(RESTART);
      await server[Symbol.asyncDispose]();
      server = await start();
    };
    await Promise.all([
      restart(),
      ...PHASES.map(async (phase) => {
        await until(phase.from);
        const seconds = Math.round(((phase.to - phase.from) * durationMs) / 1_000);
        const child = startLoadTest(folder, server.url, { ...phase, seconds });
        tests.push(child);
        await once(child, "exit");
      }),
    ]);
    await until(1);
    return await read(server.url, minutes);
  } finally {
    for (const test of tests) test.kill("SIGTERM");
    await server[Symbol.asyncDispose]();
  }
}

interface LoadTest {
  readonly users: string;
  readonly count: number;
  readonly seed: number;
  readonly seconds: number;
}

function startLoadTest(folder: string, url: string, test: LoadTest): ChildProcess {
  const { users, count, seed, seconds } = test;
  const args = [
    MAIN,
    "load",
    USERS,
    `--host=${url}`,
    "--headless",
    `--user-classes=${users}`,
    `--users=${count}`,
    "--spawn-rate=1",
    `--seed=${seed}`,
    `--run-time=${seconds}`,
  ];
  return spawn(process.execPath, args, { cwd: folder, stdio: "ignore" });
}

async function read(url: string, minutes: number): Promise<RawRecording> {
  const api = `${url}/prometheus/api/v1/`;
  const get = async <T>(path: string): Promise<T> => {
    const reply = await fetch(`${api}${path}`);
    if (!reply.ok) throw new Error(`${path}: Expected status 200, got ${reply.status}.`);
    return ((await reply.json()) as { readonly data: T }).data;
  };
  const now = await get<{ readonly result: readonly [number, string] }>("query?query=time()");
  // A moment whose samples no longer change.
  const endSeconds = Math.floor(now.result[0]) - 10;
  const names = await get<readonly string[]>("label/__name__/values");
  const series: RawSeries[] = [];
  for (const name of names) {
    const query = `{__name__="${name}"}[${Math.ceil((minutes + 1) * 60)}s]`;
    const form = new URLSearchParams({ query, time: String(endSeconds) });
    const { result } = await get<{ readonly result: readonly RawSeries[] }>(`query?${form}`);
    series.push(...result);
  }
  const replies: RawReply[] = [];
  for (const query of CHECKED_QUERIES) {
    const instant = new URLSearchParams({ query, time: String(endSeconds) });
    const times = { start: String(endSeconds - 300), end: String(endSeconds), step: "30" };
    const range = new URLSearchParams({ query, ...times });
    for (const path of [`query?${instant}`, `query_range?${range}`]) {
      const reply = await fetch(`${api}${path}`);
      replies.push({ path, status: reply.status, body: await reply.text() });
    }
  }
  return {
    endSeconds,
    minutes,
    series,
    metadata: await get("metadata"),
    targets: (await get<{ readonly activeTargets: RawRecording["targets"] }>("targets"))
      .activeTargets,
    alerts: (await get<{ readonly alerts: readonly object[] }>("alerts")).alerts,
    replies,
  };
}

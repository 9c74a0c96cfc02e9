import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createKey, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { runCli, startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { trainIris } from "../support/models.ts";
import { countDescriptors, readTree } from "../support/process-tree.ts";
import { addOne, countReplies, createTally, type Tally } from "./tally.ts";
import { createClient, keepTraffic, type SoakServer } from "./traffic.ts";
import { findGrowth, findMiscounts, type ServerSample } from "./verdict.ts";

export interface SoakOptions {
  readonly seconds: number;
  /** Seconds between calls of `onReport`. */
  readonly reportEvery: number;
  onReport(report: SoakReport): void;
}

/** A sample of the server, and the replies to all clients so far. */
export interface SoakReport extends ServerSample {
  readonly inFlight: number;
  readonly requestsPerSecond: number;
  readonly tally: Tally;
}

export interface SoakResult {
  readonly samples: readonly ServerSample[];
  readonly tally: Tally;
  readonly reloads: number;
  /** The number of worker processes that were killed. */
  readonly kills: number;
  /** Everything that went wrong. */
  readonly problems: readonly string[];
}

const SAMPLE_MS = 1_000;
const RELOAD_MS = 2_000;
const KILL_MS = 10_000;
/** The time after a kill in which connections may break. */
const BREAK_SECONDS = 3;
/** Descriptors that an idle server may have in addition to those before the traffic. */
const SPARE_DESCRIPTORS = 5;
const SETTLE_SECONDS = 10;

/**
 * Starts a server in processes of its own and sends it every kind of traffic, while model versions appear and disappear and
 * worker processes are killed. Each reply must have its expected status, the server must count each request, and neither
 * memory nor descriptors may grow.
 */
export async function soak({ seconds, reportEvery, onReport }: SoakOptions): Promise<SoakResult> {
  await using folder = await createFolder();
  const models = join(folder.path, "models");
  await trainIris(models, { trees: 32 });
  const keysFile = join(folder.path, "keys.json");
  const made = {
    predict: createKey("predict", "predict", "2026-01-01"),
    metrics: createKey("metrics", "metrics", "2026-01-01"),
    admin: createKey("admin", "admin", "2026-01-01"),
  };
  await writeKeysFile(
    keysFile,
    Object.values(made).map(({ stored }) => stored),
  );
  const hasWorkers = (await runCli(["serve", "--help"], folder.path)).stdout.includes("--workers");
  const words = ["serve", "--port", "0", "--models", models, "--api-keys-file", keysFile];
  words.push(
    "--body-limit",
    "262144",
    "--batch-limit",
    "262144",
    "--request-timeout",
    "5",
    "--max-event-loop-lag",
    "60",
  );
  if (hasWorkers) words.push("--workers", "2");
  await using running = startCli(words, folder.path);
  const url = await waitForOutput(running, /(http:\/\/127\.0\.0\.1:\d+)/);
  const pid = running.process.pid ?? 0;

  const tally = createTally();
  let brokenUntil = 0;
  const target: SoakServer = {
    url,
    keys: { predict: made.predict.text, metrics: made.metrics.text, admin: made.admin.text },
    tally,
    mayBreak: () => performance.now() / 1_000 < brokenUntil,
  };
  await using observer = createClient("observer", target);
  const scrape = async (): Promise<string> =>
    (await observer.send({ path: "/metrics", key: target.keys.metrics, status: 200 })) ?? "";
  const take = async (): Promise<Omit<ServerSample, "heapBytes" | "heapTotalBytes">> => {
    const { residentBytes, children } = await readTree(pid);
    return {
      seconds: (performance.now() - begun) / 1_000,
      residentBytes,
      descriptors: await countDescriptors([pid, ...children]),
    };
  };

  const begun = performance.now();
  await scrape();
  const quiet = await take();
  const stop = new AbortController();
  const samples: ServerSample[] = [];
  let reloads = 0;
  let kills = 0;

  async function observe(): Promise<void> {
    let reported = { seconds: 0, replies: 0 };
    while (!stop.signal.aborted) {
      await sleep(SAMPLE_MS);
      const metrics = await scrape();
      // The worker of the scrape was killed: there is no sample.
      if (metrics === "" && running.process.exitCode === null) continue;
      const sample: ServerSample = {
        ...(await take()),
        heapBytes: readGauge(metrics, "nodejs_heap_size_used_bytes"),
        heapTotalBytes: readGauge(metrics, "nodejs_heap_size_total_bytes"),
      };
      samples.push(sample);
      if (running.process.exitCode !== null) {
        addOne(tally.problems, `the server ended: ${running.output().slice(-300)}`);
        break;
      }
      if (sample.seconds - reported.seconds < reportEvery) continue;
      const inFlight = readGauge(metrics, "api_requests_in_flight");
      const replies = countReplies(tally);
      const rate = (replies - reported.replies) / (sample.seconds - reported.seconds);
      reported = { seconds: sample.seconds, replies };
      onReport({ ...sample, inFlight, requestsPerSecond: rate, tally });
    }
  }

  /** Adds and removes versions, and reloads the server by signal and by HTTP in turn. The newest version is always valid. */
  async function changeModels(): Promise<void> {
    for (let seed = 1; !stop.signal.aborted; seed++) {
      const { version } = await trainIris(models, { trees: 16, seed });
      if (version > 2) await rm(join(models, "iris", String(version - 2)), { recursive: true });
      if (seed % 2 === 0) running.process.kill("SIGHUP");
      else {
        const path = "/admin/reload";
        await observer.send({ method: "POST", path, key: target.keys.admin, status: 200 });
      }
      reloads += 1;
      await sleep(RELOAD_MS);
    }
  }

  async function killWorkers(): Promise<void> {
    if (!hasWorkers) return;
    for (let number = 0; !stop.signal.aborted; number++) {
      await sleep(KILL_MS, undefined, { signal: stop.signal }).catch(() => {});
      const { children } = await readTree(pid);
      const victim = children[number % children.length];
      if (victim === undefined || stop.signal.aborted) continue;
      brokenUntil = performance.now() / 1_000 + BREAK_SECONDS;
      kills += 1;
      process.kill(victim, "SIGKILL");
    }
  }

  setTimeout(() => stop.abort(), seconds * 1_000);
  await Promise.all([keepTraffic(target, stop.signal), observe(), changeModels(), killWorkers()]);

  const problems = await settle();
  problems.push(...findGrowth(samples));
  running.process.kill("SIGTERM");
  const { code, stderr } = await running.ended;
  if (code !== 0) problems.push(`the server ended with exit code ${code}`);
  if (stderr.includes("request failed")) {
    problems.push(`the log has a failed request: ${/^.*request failed.*$/m.exec(stderr)?.[0]}`);
  }
  for (const [what, count] of tally.problems) problems.push(`${what} (${count} times)`);
  return { samples, tally, reloads, kills, problems };

  /** Waits until no request is in flight, then compares descriptors and counts with those before. */
  async function settle(): Promise<string[]> {
    let after = await take();
    let metrics = "";
    const end = performance.now() + SETTLE_SECONDS * 1_000;
    let sent = new Map(tally.replies);
    while (performance.now() < end) {
      await sleep(500);
      // A scrape is counted when it has ended, and so not in its own response.
      sent = new Map(tally.replies);
      metrics = await scrape();
      after = await take();
      const spare = after.descriptors - quiet.descriptors;
      if (readGauge(metrics, "api_requests_in_flight") === 0 && spare <= SPARE_DESCRIPTORS) break;
    }
    const found: string[] = [];
    const inFlight = readGauge(metrics, "api_requests_in_flight");
    if (inFlight !== 0) found.push(`${inFlight} requests are in flight without a client`);
    const spare = after.descriptors - quiet.descriptors;
    if (spare > SPARE_DESCRIPTORS) found.push(`${spare} descriptors are still open`);
    // The last counts of a killed process may be lost.
    if (kills === 0) found.push(...findMiscounts(sent, tally.vanished, metrics));
    return found;
  }
}

function readGauge(metrics: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(metrics)?.[1] ?? Number.NaN);
}

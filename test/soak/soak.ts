import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createKey, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { runCli, startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { trainIris } from "../support/models.ts";
import { countDescriptors, readTree } from "../support/process-tree.ts";
import { addOne, countReplies, createTally, type Tally } from "./tally.ts";
import { createAsk, keepTraffic, type Target } from "./traffic.ts";
import { findGrowth, findMiscounts, type Sample } from "./verdict.ts";

export interface SoakOptions {
  readonly seconds: number;
  /** How often `onReport` is told of the server, in seconds. */
  readonly reportEvery: number;
  onReport(report: SoakReport): void;
}

/** The server at one moment, and the clients since the last report. */
export interface SoakReport extends Sample {
  readonly inFlight: number;
  readonly requestsPerSecond: number;
  readonly tally: Tally;
}

export interface SoakResult {
  readonly samples: readonly Sample[];
  readonly tally: Tally;
  readonly reloads: number;
  /** Processes of the server that were killed; 0 where it has only one. */
  readonly kills: number;
  /** Everything that must not be. */
  readonly faults: readonly string[];
}

const SAMPLE_MS = 1_000;
const RELOAD_MS = 2_000;
const KILL_MS = 10_000;
/** How long connections may break after a kill. */
const BREAK_SECONDS = 3;
/** What a quiet server may have open beyond what it had before the traffic. */
const SPARE_DESCRIPTORS = 5;
const SETTLE_SECONDS = 10;

/**
 * Keeps a server of its own, in a real process, under every kind of traffic, while model versions come and go, and where it has
 * several processes, one after another is killed. Each reply must have the status that it must have, the server must count
 * what was sent, and neither memory nor descriptors may grow.
 */
export async function soak({ seconds, reportEvery, onReport }: SoakOptions): Promise<SoakResult> {
  await using folder = await createFolder();
  const models = join(folder.path, "models");
  await trainIris(models, { forest: { trees: 32 } });
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
  words.push("--body-limit", "262144", "--request-timeout", "5", "--max-event-loop-lag", "60");
  if (hasWorkers) words.push("--workers", "2");
  await using running = startCli(words, folder.path);
  const url = await waitForOutput(running, /(http:\/\/127\.0\.0\.1:\d+)/);
  const pid = running.process.pid ?? 0;

  const tally = createTally();
  let brokenUntil = 0;
  const target: Target = {
    url,
    keys: { predict: made.predict.text, metrics: made.metrics.text, admin: made.admin.text },
    tally,
    mayBreak: () => performance.now() / 1_000 < brokenUntil,
  };
  await using observer = createAsk("observer", target);
  const scrape = async (): Promise<string> =>
    (await observer.ask({ path: "/metrics", key: target.keys.metrics, status: 200 })) ?? "";
  const take = async (): Promise<Omit<Sample, "heapBytes" | "heapTotalBytes">> => {
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
  const samples: Sample[] = [];
  let reloads = 0;
  let kills = 0;

  async function observe(): Promise<void> {
    let reported = { seconds: 0, replies: 0 };
    while (!stop.signal.aborted) {
      await sleep(SAMPLE_MS);
      const metrics = await scrape();
      // The worker that was asked has been killed: there is nothing to judge by.
      if (metrics === "" && running.process.exitCode === null) continue;
      const sample: Sample = {
        ...(await take()),
        heapBytes: readGauge(metrics, "nodejs_heap_size_used_bytes"),
        heapTotalBytes: readGauge(metrics, "nodejs_heap_size_total_bytes"),
      };
      samples.push(sample);
      if (running.process.exitCode !== null) {
        addOne(tally.faults, `the server ended: ${running.output().slice(-300)}`);
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

  /** Versions come and go, and the server is told of it in both ways; the newest is always a good one. */
  async function changeModels(): Promise<void> {
    for (let seed = 1; !stop.signal.aborted; seed++) {
      const { version } = await trainIris(models, { forest: { trees: 16, seed } });
      if (version > 2) await rm(join(models, "iris", String(version - 2)), { recursive: true });
      if (seed % 2 === 0) running.process.kill("SIGHUP");
      else {
        const path = "/admin/reload";
        await observer.ask({ method: "POST", path, key: target.keys.admin, status: 200 });
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

  const faults = await settle();
  faults.push(...findGrowth(samples));
  running.process.kill("SIGTERM");
  const { code, stderr } = await running.ended;
  if (code !== 0) faults.push(`the server ended with exit code ${code}`);
  if (stderr.includes("request failed")) {
    faults.push(`the log has a failed request: ${/^.*request failed.*$/m.exec(stderr)?.[0]}`);
  }
  for (const [what, count] of tally.faults) faults.push(`${what} (${count} times)`);
  return { samples, tally, reloads, kills, faults };

  /** Waits until nothing is in flight, then compares what is left with what was before. */
  async function settle(): Promise<string[]> {
    let after = await take();
    let metrics = "";
    const end = performance.now() + SETTLE_SECONDS * 1_000;
    let sent = new Map(tally.replies);
    while (performance.now() < end) {
      await sleep(500);
      // A scrape is counted only when it has ended, so not by itself.
      sent = new Map(tally.replies);
      metrics = await scrape();
      after = await take();
      const spare = after.descriptors - quiet.descriptors;
      if (readGauge(metrics, "api_requests_in_flight") === 1 && spare <= SPARE_DESCRIPTORS) break;
    }
    const found: string[] = [];
    const inFlight = readGauge(metrics, "api_requests_in_flight");
    if (inFlight !== 1) found.push(`${inFlight - 1} requests are in flight though nobody asks`);
    const spare = after.descriptors - quiet.descriptors;
    if (spare > SPARE_DESCRIPTORS) found.push(`${spare} descriptors are still open`);
    // The counts of a process that was killed went with it.
    if (kills === 0) found.push(...findMiscounts(sent, tally.vanished, metrics));
    return found;
  }
}

function readGauge(metrics: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(metrics)?.[1] ?? Number.NaN);
}

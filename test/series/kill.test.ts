import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createRandom } from "../../src/kernel/random.ts";
import { createSeriesStore } from "../../src/series/store/create-series-store.ts";
import { openHistoryFolder } from "../../src/series/disk/history-folder.ts";
import { createMemoryFolder } from "./memory-folder.ts";
import { readTimes } from "./sampled.ts";

const WRITER = fileURLToPath(new URL("./write-forever.ts", import.meta.url));
const RETENTION_MS = 60_000;
const STEP_MS = 100;

/**
 * Runs a process that writes into a folder until it is killed. @returns the samples that it reported as stored, by
 * group
 */
async function writeAndKill(
  folder: string,
  firstMs: number,
  afterMs: number,
): Promise<Map<string, number[]>> {
  const child = spawn(process.execPath, [WRITER, folder, String(firstMs)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  await Promise.race([once(child.stdout, "data"), once(child, "close")]);
  await sleep(afterMs);
  child.kill("SIGKILL");
  await once(child, "close");
  // A truncated line belongs to a sample that was stored but not reported.
  const reported = new Map<string, number[]>([
    ["a", []],
    ["b", []],
  ]);
  for (const line of output.split("\n").slice(0, -1)) {
    const [group = "", time] = line.split(" ");
    reported.get(group)?.push(Number(time));
  }
  expect(
    errors.replaceAll(
      /history: \S+: \d+ of \d+ bytes are damaged or have another format; skipped them\n/g,
      "",
    ),
  ).toBe("");
  return reported;
}

/**
 * Kills a writer repeatedly, and checks each time what is recovered. @returns the number of samples reported as stored
 */
async function killRepeatedly(seed: number, kills: number): Promise<number> {
  await using folder = await createMemoryFolder();
  const random = createRandom(seed);
  const log = { info() {}, warn() {} };
  let firstMs = 1_000_000;
  const stored = new Map<string, number[]>();
  let reported = 0;
  for (let round = 0; round < kills; round++) {
    // Mostly early, while files are created; sometimes after some blocks and files.
    const afterMs = round % 10 === 0 ? 60 : random.below(12);
    for (const [group, times] of await writeAndKill(folder.path, firstMs, afterMs)) {
      stored.set(group, [...(stored.get(group) ?? []), ...times]);
      reported += times.length;
    }
    const store = createSeriesStore({
      retentionMs: RETENTION_MS,
      maxSeries: 100,
      samplesPerBlock: 7,
    });
    using _ = openHistoryFolder(folder.path, store, { retentionMs: RETENTION_MS, log }, 0);
    const recovered = readTimes(store);
    const newestMs = Math.max(firstMs, ...[...recovered.values()].map((times) => times.at(-1)!));
    for (const [group, times] of stored) {
      const found = recovered.get(group) ?? [];
      const kept = times.filter((time) => time >= newestMs - RETENTION_MS);
      expect(kept.filter((time) => !found.includes(time))).toEqual([]);
      // One more sample may be stored than reported: the next one, or the first of this round, before which this group
      // may lack one.
      const nextMs = Math.max(firstMs, (times.at(-1) ?? firstMs) + STEP_MS);
      expect(found.at(-1) ?? nextMs).toBeLessThanOrEqual(nextMs);
      stored.set(group, found);
    }
    firstMs = newestMs + STEP_MS;
  }
  return reported;
}

it("a process that is killed a hundred times loses nothing that it reported as stored", async () => {
  const told = await Promise.all([1, 2, 3, 4].map((seed) => killRepeatedly(seed, 25)));
  for (const samples of told) expect(samples).toBeGreaterThan(500);
});

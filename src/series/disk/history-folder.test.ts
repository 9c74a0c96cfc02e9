import { spawnSync } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appendSample, readTimes } from "../../../test/series/sampled.ts";
import { createMemoryFolder } from "../../../test/series/memory-folder.ts";
import { AppendFile } from "./append-file.ts";
import { createSeriesStore } from "../store/create-series-store.ts";
import type { RestorableStore } from "../store/restorable-store.ts";
import { createMatcher } from "../matcher.ts";
import { openHistoryFolder, type HistoryFolder } from "./history-folder.ts";

const SAMPLES_PER_BLOCK = 10;
const GROUPS = ["a", "b"];

interface Opened extends Disposable {
  readonly store: RestorableStore;
  readonly folder: HistoryFolder;
  readonly logged: readonly string[];
}

function open(path: string, { retentionMs = 1e9, nowMs = 0 } = {}): Opened {
  const logged: string[] = [];
  const log = {
    info: (text: string) => logged.push(text),
    warn: (text: string) => logged.push(text),
  };
  const store = createSeriesStore({
    retentionMs,
    maxSeries: 100,
    samplesPerBlock: SAMPLES_PER_BLOCK,
  });
  const folder = openHistoryFolder(path, store, { retentionMs, log: log as never }, nowMs);
  return { store, folder, logged, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

/** Appends scrapes of both groups at 1, 2, … seconds. */
function append(store: RestorableStore, from: number, to: number): void {
  for (let i = from; i <= to; i++)
    for (const group of GROUPS) appendSample(store, group, i * 1_000);
}

const countAll = (store: RestorableStore): number =>
  [...readTimes(store).values()].reduce((sum, times) => sum + times.length, 0);

/** Creates a folder with 3 sealed blocks and 5 more scrapes of each group. */
async function createHistory(path: string): Promise<void> {
  using opened = open(path);
  append(opened.store, 1, 35);
  await Promise.resolve();
}

describe("a history folder", () => {
  it("restores everything after a stop, including the heads, without a log line", async () => {
    await using folder = await createMemoryFolder();
    for (let round = 0; round < 4; round++) {
      using opened = open(folder.path);
      expect(opened.logged).toEqual([]);
      expect(countAll(opened.store)).toBe(round * 2 * 27);
      append(opened.store, round * 27 + 1, round * 27 + 27);
      expect(opened.folder.statistics()).toMatchObject({ failures: 0, unsaved: 0 });
    }
    // Also across restarts without new samples.
    for (let round = 0; round < 3; round++) {
      using opened = open(folder.path);
      expect(countAll(opened.store)).toBe(216);
    }
    using opened = open(folder.path);
    append(opened.store, 109, 112);
    // One write-ahead log for each group, of the last round only.
    const names = await readdir(folder.path);
    expect(names.filter((name) => name.startsWith("open-")).length).toBe(2);
  });

  it("ends series that existed before a stop and do not return", async () => {
    await using folder = await createMemoryFolder();
    await createHistory(folder.path);
    using opened = open(folder.path);
    opened.store.append("a", 36_000, []);
    const ended = opened.store.select([createMatcher("group", "=", "a")], 35_000, 36_000);
    const last = ended.map(({ stale }) => stale?.at(-1));
    expect(new Set(last)).toEqual(new Set([1]));
    expect(last.length).toBeGreaterThan(1);
  });

  it("deletes files whose samples are all older than the retention", async () => {
    await using folder = await createMemoryFolder();
    using opened = open(folder.path, { retentionMs: 60_000 });
    append(opened.store, 1, 1_000);
    const times = readTimes(opened.store);
    expect(times.get("a")!.length).toBeLessThan(80);
    const files = (await readdir(folder.path)).filter((name) => name.startsWith("windows-"));
    expect(files.length).toBeLessThanOrEqual(16);
    opened.folder[Symbol.dispose]();
    using again = open(folder.path, { retentionMs: 60_000, nowMs: 1_000_000 });
    expect(readTimes(again.store)).toEqual(times);
    again.folder[Symbol.dispose]();
    using late = open(folder.path, { retentionMs: 60_000, nowMs: 9_000_000 });
    expect(countAll(late.store)).toBe(0);
    late.folder[Symbol.dispose]();
    const left = (await readdir(folder.path)).filter((name) => name.endsWith(".tps"));
    expect(left).toEqual([]);
  });

  it("has one writer at a time; the second gets an error with advice", async () => {
    await using folder = await createMemoryFolder();
    const first = open(folder.path);
    expect(() => open(folder.path)).toThrow(
      /in use by another process\. Stop it, or give each process its own --data-dir/,
    );
    first[Symbol.dispose]();
    open(folder.path)[Symbol.dispose]();
    await writeFile(join(folder.path, "lock"), "a file of another program\n");
    open(folder.path)[Symbol.dispose]();
  });

  it("loses only the damaged part after a flipped bit or a truncation, also in later runs", async () => {
    await using folder = await createMemoryFolder();
    const good = join(folder.path, "good");
    await createHistory(good);
    const names = (await readdir(good)).filter((name) => name.endsWith(".tps"));
    expect(names.length).toBe(3);
    const damage = fc.record({
      name: fc.constantFrom(...names),
      // Not fc.double, which is mostly near 0.
      at: fc.nat(999_999).map((n) => n / 1e6),
      bit: fc.option(fc.nat(7)),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ name, at, bit }) => {
        const bad = join(folder.path, "bad");
        await rm(bad, { recursive: true, force: true });
        await cp(good, bad, { recursive: true });
        const file = join(bad, name);
        const bytes = await readFile(file);
        const place = Math.floor(at * bytes.length);
        if (bit === null) {
          await truncate(file, place);
        } else {
          bytes[place]! ^= 1 << bit;
          await writeFile(file, bytes);
        }
        using opened = open(bad);
        const count = countAll(opened.store);
        const isOpen = name.startsWith("open-");
        // Damage may hit a block's labels; truncation may hit everything after it.
        const lost = isOpen ? 5 : bit === null ? 60 : SAMPLES_PER_BLOCK;
        expect(count).toBeGreaterThanOrEqual(70 - lost);
        if (count < 70 && bit !== null) expect(opened.logged.join()).toContain("are damaged");
        append(opened.store, 36, 60);
        opened[Symbol.dispose]();
        using again = open(bad);
        expect(countAll(again.store)).toBe(count + 50);
      }),
      { numRuns: 120 },
    );
  }, 120_000);

  it("continues without a file that is missing, foreign or unreadable, and leaves it unchanged", async () => {
    await using folder = await createMemoryFolder();
    await createHistory(folder.path);
    await writeFile(join(folder.path, "notes.txt"), "mine");
    await writeFile(
      join(folder.path, "windows-00000077.tps"),
      "a foreign file that happens to have such a name",
    );
    await mkdir(join(folder.path, "windows-00000078.tps"));
    const sealed = (await readdir(folder.path)).find((name) => name.startsWith("windows-"))!;
    await rm(join(folder.path, sealed));
    using opened = open(folder.path);
    expect(countAll(opened.store)).toBe(10);
    expect(opened.logged.length).toBe(2);
    expect(opened.logged.join()).toMatch(
      /77\.tps: 47 of 47 bytes are damaged or have another format.*78\.tps cannot be read: EISDIR/,
    );
    append(opened.store, 36, 50);
    expect(await readFile(join(folder.path, "windows-00000077.tps"), "utf8")).toMatch(
      /^a foreign file/,
    );
    opened[Symbol.dispose]();
    using again = open(folder.path);
    expect(countAll(again.store)).toBe(40);
  });

  it("cannot be opened at an impossible path", async () => {
    await using folder = await createMemoryFolder();
    await writeFile(join(folder.path, "file"), "");
    expect(() => open(join(folder.path, "file"))).toThrow(/EEXIST|ENOTDIR/);
  });
});

const tiny = await createMemoryFolder();
const canMount = mount(tiny.path);
if (canMount) spawnSync("umount", [tiny.path]);
else process.stderr.write("skipped: a small file system can be mounted only as root\n");
await tiny[Symbol.asyncDispose]();

function mount(path: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=32k", "tmpfs", path]).status === 0;
}

describe("samples of the future", () => {
  /** Seconds, within the retention: later samples would expire the earlier ones. */
  const AHEAD = 86_400;
  const counts = fc.record({
    before: fc.nat(35),
    ahead: fc.integer({ min: 1, max: 35 }),
    after: fc.nat(35),
    // Restarts before the clock is right, after it, and later.
    restarts: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
  });

  it("are set aside, also if they are sealed, cached or read again, and new samples follow the earlier ones", async () => {
    await using folder = await createMemoryFolder();
    let run = 0;
    fc.assert(
      fc.property(counts, ({ before, ahead, after, restarts }) => {
        const path = join(folder.path, String(run++));
        let opened = open(path);
        const restartIf = (isDue: boolean | undefined): void => {
          if (!isDue) return;
          opened[Symbol.dispose]();
          opened = open(path);
        };
        append(opened.store, 1, before);
        append(opened.store, AHEAD, AHEAD + ahead - 1);
        // Fills the cache.
        expect(countAll(opened.store)).toBe(2 * (before + ahead));
        restartIf(restarts[0]);
        expect(opened.store.setAside(before * 1_000 + 500)).toBe(2 * ahead);
        expect(opened.store.setAside(before * 1_000 + 500)).toBe(0);
        expect(countAll(opened.store)).toBe(2 * before);
        restartIf(restarts[1]);
        append(opened.store, before + 1, before + after);
        restartIf(restarts[2]);
        const expected = Array.from({ length: before + after }, (_, i) => (i + 1) * 1_000);
        const found = readTimes(opened.store);
        for (const group of GROUPS) expect(found.get(group) ?? []).toEqual(expected);
        expect(opened.logged).toEqual([]);
        opened[Symbol.dispose]();
      }),
      { numRuns: 60 },
    );
  });
});

describe.runIf(canMount)("a full disk", () => {
  it("contains no partial writes", async () => {
    await using folder = await createMemoryFolder();
    expect(mount(folder.path)).toBe(true);
    try {
      const file = new AppendFile(join(folder.path, "file"));
      file.append(Buffer.alloc(5_000, 1));
      expect(() => file.append(Buffer.alloc(100_000, 2))).toThrow("ENOSPC");
      expect((await stat(file.path)).size).toBe(5_000);
      file.append(Buffer.alloc(100, 3));
      file.close();
      const bytes = await readFile(file.path);
      expect([bytes.length, bytes[4_999], bytes[5_000]]).toEqual([5_100, 1, 3]);
    } finally {
      spawnSync("umount", [folder.path]);
    }
  });

  it("at the start loses nothing that was read, and writes it once there is space", async () => {
    await using folder = await createMemoryFolder();
    expect(mount(folder.path)).toBe(true);
    try {
      const ballast = join(folder.path, "ballast");
      {
        using before = open(folder.path);
        append(before.store, 1, 15);
      }
      spawnSync("sh", ["-c", `cat /dev/zero > ${ballast}`]);
      {
        using full = open(folder.path);
        expect(full.logged.join()).toMatch(/cannot write to .*: ENOSPC/);
        expect(full.folder.statistics().unsaved).toBe(2);
        expect(countAll(full.store)).toBe(30);
      }
      await rm(ballast);
      using again = open(folder.path);
      expect(again.logged).toEqual([]);
      expect(countAll(again.store)).toBe(30);
    } finally {
      spawnSync("umount", [folder.path]);
    }
  });

  it("loses nothing while the process runs, is logged once, and pending blocks are written once there is space", async () => {
    await using folder = await createMemoryFolder();
    expect(mount(folder.path)).toBe(true);
    try {
      const ballast = join(folder.path, "ballast");
      using opened = open(folder.path);
      append(opened.store, 1, 15);
      const bytes = 4_096 * 8 - 4_096 * Math.ceil((await stat(folder.path)).size / 4_096);
      spawnSync("sh", ["-c", `head -c ${bytes} /dev/zero > ${ballast}`]);
      append(opened.store, 16, 75);
      // One log line at the start, not one for each of many failed writes.
      expect(opened.logged[0]).toMatch(/cannot write to .*; history continues in memory: ENOSPC/);
      expect(opened.folder.statistics().failures).toBeGreaterThan(5);
      expect(opened.logged.length).toBeLessThan(6);
      expect(countAll(opened.store)).toBe(150);
      await rm(ballast);
      append(opened.store, 76, 102);
      expect(opened.logged.at(-1)).toMatch(/is writable again/);
      expect(opened.folder.statistics().unsaved).toBe(0);
      opened[Symbol.dispose]();
      using again = open(folder.path);
      expect(again.logged).toEqual([]);
      expect(countAll(again.store)).toBe(204);
    } finally {
      spawnSync("umount", [folder.path]);
    }
  });
});

import { expect, it } from "vitest";
import { createFolder } from "../../test/support/folders.ts";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { createLabels } from "./labels.ts";
import { createMonitorStore } from "./monitor-store.ts";
import { SERIES_OPTIONS, type SeriesOptions } from "./options.ts";
import { parseScrapeItem } from "./scrape/scrape-option.ts";
import type { Target } from "./scrape/target.ts";

const own: Target = {
  job: "tepal",
  instance: "localhost:8000",
  url: "http://localhost:8000/metrics",
  read: () => Promise.resolve("a 1\n"),
};

const DEFAULTS: SeriesOptions = {
  scrapeInterval: 0.1,
  scrape: [],
  retention: 24,
  maxSeries: 1_000,
  maxDriftSeries: 1_000,
  dataDir: "data",
  persist: true,
};

function open(options: Partial<SeriesOptions>, clock: Clock = systemClock) {
  const logged: string[] = [];
  const log = { info: () => {}, warn: (text: string) => void logged.push(text) };
  const monitor = createMonitorStore({
    options: { ...DEFAULTS, ...options },
    own,
    zeroMs: undefined,
    kindOf: (labels) => (labels.has("feature") ? "drift" : "other"),
    clock,
    log,
  });
  const count = (): number => monitor.store.select([], 0, Infinity)[0]?.times.length ?? 0;
  return { monitor, logged, count };
}

it("a monitor's store scrapes, keeps its samples over a restart, and describes its targets", async () => {
  await using folder = await createFolder();
  const options = {
    dataDir: folder.path,
    scrape: ["http://127.0.0.1:9", "tepal=http://localhost:8000"],
  };
  let before = 0;
  {
    const { monitor, count, logged } = open(options);
    await using _ = monitor;
    await expect.poll(count).toBeGreaterThan(2);
    await expect.poll(() => monitor.targets().map(({ health }) => health)).toEqual(["up", "down"]);
    expect(monitor.targets()[1]).toMatchObject({
      job: "127.0.0.1",
      instance: "127.0.0.1:9",
      url: "http://127.0.0.1:9/metrics",
    });
    expect(logged).toEqual([
      "http://localhost:8000/metrics is not scraped: another target has job tepal at localhost:8000 already",
    ]);
    // The second process has no disk, and continues in memory.
    const second = open(options);
    await using __ = second.monitor;
    expect(second.logged[0]).toMatch(
      /^history is kept in memory only: The history folder .* is in use by another process/,
    );
    expect(second.monitor.diskStatistics()).toBeUndefined();
    before = count();
  }
  const { monitor, count } = open(options);
  await using _ = monitor;
  expect(count()).toBeGreaterThanOrEqual(before);
  expect(monitor.diskStatistics()).toMatchObject({ failures: 0, unsaved: 0 });
  await expect.poll(count).toBeGreaterThan(before + 2);
});

it("a monitor's store logs once for each limit that it reaches", async () => {
  const { monitor, logged } = open({ persist: false, maxSeries: 100, maxDriftSeries: 1 });
  await using _ = monitor;
  const toSamples = (name: string, count: number, label: string) =>
    Array.from({ length: count }, (__, i) => ({
      labels: createLabels({ __name__: name, [label]: String(i) }),
      value: 1,
    }));
  const samples = [...toSamples("a", 200, "i"), ...toSamples("b", 3, "feature")];
  for (const timeMs of [1, 2]) monitor.store.append("test", timeMs, samples);
  expect(logged).toHaveLength(2);
  expect(logged[0]).toMatch(/^The history has 100 series and stores no new ones: .*--max-series/);
  expect(logged[1]).toMatch(
    /^The history has 1 series of features .*: 2 samples .*--max-drift-series/,
  );
});

it("a monitor's store sets samples of the future aside, also those of an earlier process, and logs it", async () => {
  await using folder = await createFolder();
  const clock = { ...systemClock, offset: 0, nowMs: () => systemClock.nowMs() + clock.offset };
  const openWith = (offset: number) => {
    clock.offset = offset;
    return open({ dataDir: folder.path }, clock);
  };
  const year = 365 * 86_400_000;
  {
    const { monitor, count, logged } = openWith(0);
    await using _ = monitor;
    await expect.poll(count).toBeGreaterThan(2);
    clock.offset = year;
    const before = count();
    await expect.poll(count).toBeGreaterThan(before + 2);
    clock.offset = 0;
    await expect.poll(() => logged.length).toBe(1);
    expect(logged[0]).toMatch(
      /^The clock was ahead by (?:365d|364d23h59m59s) and is set back. Set aside the samples of \d+ scrapes/,
    );
    const right = count();
    await expect.poll(count).toBeGreaterThan(right + 2);
    expect(monitor.store.newestMs()).toBeLessThanOrEqual(clock.nowMs());
    expect(monitor.store.statistics().samplesAhead).toBeGreaterThan(0);
    expect(logged).toHaveLength(1);
    clock.offset = year;
    await expect
      .poll(() => monitor.store.newestMs())
      .toBeGreaterThan(systemClock.nowMs() + year / 2);
  }
  const { monitor, count, logged } = openWith(0);
  await using _ = monitor;
  expect(logged).toHaveLength(1);
  const before = count();
  expect(before).toBeGreaterThan(0);
  await expect.poll(count).toBeGreaterThan(before + 2);
});

it("a monitor's store can work without the disk", async () => {
  const { monitor } = open({ persist: false, dataDir: "/nowhere/at/all" });
  await using _ = monitor;
  expect(monitor.diskStatistics()).toBeUndefined();
});

it.each([
  ["node=http://h:9100", { job: "node", url: "http://h:9100/metrics" }],
  ["http://h:9100/", { job: "h", url: "http://h:9100/" }],
  ["a b=https://u:p@h/x?y=z", { job: "a b", url: "https://u:p@h/x?y=z" }],
  ["http://h/x?a=http://b", { job: "h", url: "http://h/x?a=http://b" }],
  ["h:9100", undefined],
  ["=http://h", undefined],
  ["x=ftp://h", undefined],
  ["http://", undefined],
  ["x=http://me:50%@h", undefined],
])("--scrape %s", (item, parsed) => {
  expect(parseScrapeItem(item)).toEqual(parsed);
  expect("value" in SERIES_OPTIONS.scrape.item.parse(item, true)).toBe(parsed !== undefined);
});

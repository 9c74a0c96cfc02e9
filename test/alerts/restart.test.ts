import { cp } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { describeAlerts } from "../../src/alerts/evaluate/describe.ts";
import type { SampleWriter } from "../../src/alerts/alerts.ts";
import { createSeriesStore } from "../../src/series/store/create-series-store.ts";
import { openHistoryFolder } from "../../src/series/disk/history-folder.ts";
import { createLabels, toLabelsKey } from "../../src/series/labels.ts";
import type { SeriesReader } from "../../src/series/series.ts";
import { createFolder } from "../support/folders.ts";
import { createGroups, evaluate } from "./evaluate.ts";
import { createTestStore, type TestStore } from "./store.ts";

const MINUTE = 60_000;
const RULES = JSON.stringify({
  groups: [
    {
      name: "g",
      rules: [
        { alert: "Long", expr: "a > 0", for: "30m", labels: { level: "{{ $labels.x }}!" } },
        { alert: "Short", expr: "a > 0", for: "5m" },
        { alert: "Kept", expr: "a > 0", for: "10m", keep_firing_for: "5m" },
      ],
    },
  ],
});

const START = Date.UTC(2026, 0, 1);

/** Simulates a process: evaluates each minute from one time to another, while `a` has a value. */
function run(store: SeriesReader & SampleWriter, fromMinute: number, toMinute: number, value = 1) {
  const groups = createGroups([["r.yml", RULES]], store, { restore: true });
  for (let minute = fromMinute; minute <= toMinute; minute++) {
    const timeMs = START + minute * MINUTE;
    const labels = createLabels({ __name__: "a", x: "1" });
    store.append("a", timeMs, [{ labels, value }]);
    evaluate(groups, timeMs, timeMs, MINUTE);
  }
  return Object.fromEntries(
    describeAlerts(groups).map(({ labels, state, activeAt }) => [
      labels["alertname"],
      `${state} since ${(Date.parse(activeAt) - START) / MINUTE}`,
    ]),
  );
}

describe("after a restart", () => {
  it("a firing alert fires again, with its start time, once its state is restored", () => {
    const store = createTestStore();
    expect(run(store, 0, 40)).toEqual({
      Long: "firing since 0",
      Short: "firing since 0",
      Kept: "firing since 0",
    });
    // State is restored after the second evaluation. An alert with `for` below ten minutes waits again.
    const again = createTestStoreFrom(store);
    expect(run(again, 45, 46)).toEqual({
      Long: "pending since 0",
      Short: "pending since 45",
      Kept: "pending since 0",
    });
    expect(run(store, 45, 47)).toEqual({
      Long: "firing since 0",
      Short: "pending since 45",
      Kept: "firing since 0",
    });
    expect(store.dump("ALERTS_FOR_STATE")).toMatchObject({
      "alertname=Long level=1! x=1": expect.arrayContaining([
        `${(START + 47 * MINUTE) / 1_000}: ${START / 1_000}`,
      ]) as object,
    });
  });

  it("state is restored from a history on disk, also after a kill", async () => {
    await using folder = await createFolder();
    const open = (path: string, nowMs: number) => {
      const retentionMs = 24 * 60 * MINUTE;
      const store = createSeriesStore({ retentionMs, maxSeries: 100 });
      const log = { info() {}, warn() {} };
      return { store, history: openHistoryFolder(path, store, { retentionMs, log }, nowMs) };
    };
    const killed = open(`${folder.path}/killed`, START);
    run(killed.store, 0, 40);
    // Copies the folder while the process runs.
    await cp(`${folder.path}/killed`, `${folder.path}/left`, { recursive: true });
    killed.history[Symbol.dispose]();
    const again = open(`${folder.path}/left`, START + 45 * MINUTE);
    expect(run(again.store, 45, 47)).toMatchObject({ Long: "firing since 0" });
    again.history[Symbol.dispose]();
  });

  it("an alert that had just started to fire fires again", () => {
    const store = createTestStore();
    expect(run(store, 0, 30)).toMatchObject({ Long: "firing since 0" });
    expect(run(store, 35, 37)).toMatchObject({ Long: "firing since 0" });
  });

  it("the time without evaluation does not count for a pending alert", () => {
    const store = createTestStore();
    expect(run(store, 0, 10)).toMatchObject({ Long: "pending since 0" });
    // Ten minutes count; the 21 minutes until the restore at minute 31 do not.
    expect(run(store, 30, 32)).toMatchObject({ Long: "pending since 21" });
    expect(run(createTestStoreFrom(store), 33, 51)).toMatchObject({ Long: "pending since 23" });
  });

  it("an alert that would fire soon waits for ten more minutes", () => {
    const store = createTestStore();
    run(store, 0, 25);
    // Restored at minute 31, so it fires at 41: thirty minutes after 11.
    expect(run(store, 30, 40)).toMatchObject({ Long: "pending since 11" });
    expect(run(createTestStoreFrom(store), 41, 43)).toMatchObject({ Long: "pending since 22" });
  });

  it("old state and resolved alerts are not restored", () => {
    const store = createTestStore();
    run(store, 0, 40);
    expect(run(store, 102, 105)).toMatchObject({ Long: "pending since 102" });
    const resolved = createTestStore();
    const groups = createGroups([["r.yml", RULES]], resolved);
    for (const [minute, value] of [
      [0, 1],
      [1, 1],
      [2, 0],
    ] as const) {
      const timeMs = START + minute * MINUTE;
      resolved.append("a", timeMs, [{ labels: createLabels({ __name__: "a", x: "1" }), value }]);
      evaluate(groups, timeMs, timeMs, MINUTE);
    }
    expect(run(resolved, 10, 13)).toMatchObject({ Long: "pending since 10" });
  });

  it("nothing is recorded about alerts before their state is restored", () => {
    const store = createTestStore();
    run(store, 0, 1);
    expect(store.dump("ALERTS")).toEqual({});
    run(store, 2, 4);
    expect(Object.keys(store.dump("ALERTS"))).toHaveLength(3);
  });
});

/** Copies the samples to a new store. */
function createTestStoreFrom(store: TestStore): TestStore {
  const copy = createTestStore();
  for (const { labels, times, values, stale } of store.select([], -Infinity, Infinity)) {
    for (const [i, time] of times.entries()) {
      const sample = { labels, value: values[i] ?? 0 };
      copy.append(toLabelsKey(labels), time, stale?.[i] === 1 ? [] : [sample]);
    }
  }
  return copy;
}

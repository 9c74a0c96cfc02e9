import { cp } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { describeAlerts } from "../../src/alerts/describe.ts";
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

/** A process: evaluates each minute from one time to another, with `a` there all the while; then it is gone. */
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
  it("what fired fires on, since when it began, as soon as its state is known", () => {
    const store = createTestStore();
    expect(run(store, 0, 40)).toEqual({
      Long: "firing since 0",
      Short: "firing since 0",
      Kept: "firing since 0",
    });
    // The first two evaluations do not know; the third does. What waits for less than ten minutes waits anew.
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

  it("a history on disk has what is needed, also after a kill", async () => {
    await using folder = await createFolder();
    const open = (path: string, nowMs: number) => {
      const retentionMs = 24 * 60 * MINUTE;
      const store = createSeriesStore({ retentionMs, maxSeries: 100 });
      const log = { info() {}, warn() {} };
      return { store, history: openHistoryFolder(path, store, { retentionMs, log }, nowMs) };
    };
    const killed = open(`${folder.path}/killed`, START);
    run(killed.store, 0, 40);
    // As it is on the disk while the process lives.
    await cp(`${folder.path}/killed`, `${folder.path}/left`, { recursive: true });
    killed.history[Symbol.dispose]();
    const again = open(`${folder.path}/left`, START + 45 * MINUTE);
    expect(run(again.store, 45, 47)).toMatchObject({ Long: "firing since 0" });
    again.history[Symbol.dispose]();
  });

  it("what had just begun to fire fires on, too", () => {
    const store = createTestStore();
    expect(run(store, 0, 30)).toMatchObject({ Long: "firing since 0" });
    expect(run(store, 35, 37)).toMatchObject({ Long: "firing since 0" });
  });

  it("what was waiting does not count the time in which nothing was evaluated", () => {
    const store = createTestStore();
    expect(run(store, 0, 10)).toMatchObject({ Long: "pending since 0" });
    // Ten minutes of waiting are done; 21 were lost until the state was known, at minute 31.
    expect(run(store, 30, 32)).toMatchObject({ Long: "pending since 21" });
    expect(run(createTestStoreFrom(store), 33, 51)).toMatchObject({ Long: "pending since 23" });
  });

  it("what would have fired soon waits for ten minutes more", () => {
    const store = createTestStore();
    run(store, 0, 25);
    // Restored at minute 31, so that it fires at 41: thirty minutes after 11.
    expect(run(store, 30, 40)).toMatchObject({ Long: "pending since 11" });
    expect(run(createTestStoreFrom(store), 41, 43)).toMatchObject({ Long: "pending since 22" });
  });

  it("what was long ago begins anew, and what was over before", () => {
    const store = createTestStore();
    run(store, 0, 40);
    expect(run(store, 102, 105)).toMatchObject({ Long: "pending since 102" });
    const over = createTestStore();
    const groups = createGroups([["r.yml", RULES]], over);
    for (const [minute, value] of [
      [0, 1],
      [1, 1],
      [2, 0],
    ] as const) {
      const timeMs = START + minute * MINUTE;
      over.append("a", timeMs, [{ labels: createLabels({ __name__: "a", x: "1" }), value }]);
      evaluate(groups, timeMs, timeMs, MINUTE);
    }
    expect(run(over, 10, 13)).toMatchObject({ Long: "pending since 10" });
  });

  it("nothing is written of alerts before their state is known", () => {
    const store = createTestStore();
    run(store, 0, 1);
    expect(store.dump("ALERTS")).toEqual({});
    run(store, 2, 4);
    expect(Object.keys(store.dump("ALERTS"))).toHaveLength(3);
  });
});

/** The same samples in another store. */
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

import { describe, expect, it } from "vitest";
import { TepalError } from "../kernel/errors.ts";
import { createLabels } from "../series/labels.ts";
import { createMemoryStore } from "../series/store/memory-store.ts";
import { createEngine, type EngineSettings } from "./engine.ts";
import { toErrorType } from "./errors.ts";

const MINUTE_MS = 60_000;

/** Twenty series of an hour, a sample every 10 s. */
function createStore() {
  const store = createMemoryStore();
  const times = Float64Array.from({ length: 360 }, (_, i) => i * 10_000);
  for (let i = 0; i < 20; i++) {
    const labels = createLabels({ __name__: "up", host: `host-${i}` });
    store.add(
      labels,
      times,
      times.map((_, at) => (at * (i + 3)) % 17),
    );
  }
  return store;
}

const store = createStore();
const HOUR = { startMs: 0, endMs: 60 * MINUTE_MS, stepMs: 15_000 };

/** Returns the error of a query over an hour. */
function fail(query: string, settings: EngineSettings = {}): { type: string; message: string } {
  try {
    createEngine(settings).queryRange(store, query, HOUR);
  } catch (error) {
    return { type: toErrorType(error), message: error instanceof Error ? error.message : "" };
  }
  throw new Error(`${query} did not fail`);
}

describe("the limits of a query", () => {
  const tooMany = {
    type: "execution",
    message: "query processing would load too many samples into memory in query execution",
  };

  it.each([
    ["series of an instant selector", "up"],
    ["samples of a range selector", "sum(max_over_time(up[30m]))"],
    ["steps of a subquery, before there is memory for them", "sum_over_time(vector(1)[1y:1ms])"],
    ["steps of a subquery of a number", "max_over_time(vector(time())[1h:100ms])"],
    ["values that each become a series", 'count_values("v", up * time())'],
  ])("too many samples: %s", (_, query) => {
    expect(fail(query, { limits: { maxSamples: 4_000 } })).toEqual(tooMany);
  });

  it("counts samples in memory, not those that were freed", () => {
    const engine = createEngine({ limits: { maxSamples: 15_000 } });
    const query = Array.from({ length: 20 }, () => "sum(up)").join(" + ");
    const { value } = engine.queryRange(store, query, HOUR);
    expect(value).toMatchObject({ type: "matrix", series: [{ times: { length: 241 } }] });
  });

  it("time: checked within one function and one regular expression too", () => {
    let now = 0;
    const clock = { nowMs: () => 0, monotonicSeconds: () => (now += 1) };
    const settings = { clock, limits: { timeoutSeconds: 3 } };
    const timedOut = { type: "timeout", message: "query timed out in expression evaluation" };
    expect(fail("sum(quantile_over_time(0.5, up[50m]))", settings)).toEqual(timedOut);
    now = 0;
    settings.limits.timeoutSeconds = 1;
    const slow = "([a-z]+-?){9}(h{800}|.{700})*.*";
    expect(fail(`up{host=~"${slow}"}`, settings)).toEqual(timedOut);
    now = 0;
    expect(fail(`label_replace(up, "a", "$1", "host", "${slow}")`, settings)).toEqual(timedOut);
  });

  it("applies a query's own time limit, if it is shorter, and its own lookback", () => {
    let now = 0;
    const clock = { nowMs: () => 0, monotonicSeconds: () => (now += 1) };
    const engine = createEngine({ clock, limits: { timeoutSeconds: 1_000 } });
    const query = "sum(quantile_over_time(0.5, up[50m]))";
    expect(() => engine.queryRange(store, query, HOUR)).not.toThrow();
    expect(() => engine.queryRange(store, query, HOUR, { timeoutSeconds: 3 })).toThrow("timed out");
    const late = 65 * MINUTE_MS;
    expect(engine.queryInstant(store, "count(up)", late).value).toMatchObject({ samples: [] });
    const own = { lookbackSeconds: 600 };
    expect(engine.queryInstant(store, "count(up)", late, own).value).toMatchObject({
      samples: [{ value: 20 }],
    });
  });

  it.each([
    [
      "length",
      `up{host="${"x".repeat(70_000)}"}`,
      "1:1: parse error: expression is longer than 65536 characters",
    ],
    [
      "nesting",
      "(".repeat(600) + "up" + ")".repeat(600),
      "1:501: parse error: expression nests deeper than 500 levels",
    ],
    [
      "a chain of operators",
      Array.from({ length: 600 }, () => "up").join(" + "),
      "1:1: parse error: expression nests deeper than 500 levels",
    ],
    [
      "the length of a regular expression",
      `up{host=~"${"[ab]".repeat(3_000)}"}`,
      "1:10: parse error: the regular expression is longer than 10000 characters",
    ],
    [
      "the size of a regular expression",
      `up{host=~"${"[ab]{990}".repeat(20)}"}`,
      "1:10: parse error: the regular expression is too large; use smaller repetitions",
    ],
  ])("of the expression: %s", (_, query, message) => {
    expect(fail(query)).toEqual({ type: "bad_data", message });
  });

  it("expressions just below the limits of nesting can be evaluated", () => {
    const engine = createEngine();
    const chain = Array.from({ length: 499 }, () => "up").join(" or ");
    const nested = `${"abs(".repeat(240)}up${")".repeat(240)}`;
    for (const query of [chain, nested, `${"-(".repeat(200)}up${")".repeat(200)}`]) {
      expect(() => engine.queryInstant(store, query, MINUTE_MS)).not.toThrow();
    }
  });

  it("steps, and their width and order", () => {
    const engine = createEngine();
    const ask = (endMs: number, stepMs: number) => () =>
      engine.queryRange(store, "1", { startMs: 0, endMs, stepMs });
    expect(ask(11_000_000, 1_000)).not.toThrow();
    expect(ask(11_001_000, 1_000)).toThrow(
      "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing",
    );
    expect(ask(-1, 1_000)).toThrow("end timestamp must not be before start time");
    expect(ask(1, 0)).toThrow("zero or negative query resolution step widths are not accepted");
    expect(ask(1, Number.NaN)).toThrow(TepalError);
  });
});

describe("the result of a query", () => {
  const engine = createEngine();

  it("a range selector returns its samples, but not in a range query", () => {
    const { value } = engine.queryInstant(store, 'up{host="host-0"}[25s]', MINUTE_MS);
    expect(value).toEqual({
      type: "matrix",
      series: [
        {
          labels: createLabels({ __name__: "up", host: "host-0" }),
          times: Float64Array.of(40_000, 50_000, 60_000),
          values: Float64Array.of(12, 15, 1),
        },
      ],
    });
    expect(() => engine.queryRange(store, "up[1m]", HOUR)).toThrow(
      'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    );
  });

  it("scalars and strings", () => {
    expect(engine.queryInstant(store, "1 + 1", 5).value).toEqual({
      type: "scalar",
      timeMs: 5,
      value: 2,
    });
    expect(engine.queryInstant(store, "'a'", 5).value).toEqual({
      type: "string",
      timeMs: 5,
      value: "a",
    });
    const range = { startMs: 0, endMs: 2, stepMs: 1 };
    expect(engine.queryRange(store, "time() * 1000", range).value).toEqual({
      type: "matrix",
      series: [
        { labels: new Map(), times: Float64Array.of(0, 1, 2), values: Float64Array.of(0, 1, 2) },
      ],
    });
  });

  it("a step for range queries only", () => {
    expect(engine.queryInstant(store, "step() + range()", 5_000).value).toMatchObject({ value: 0 });
    expect(() => engine.queryInstant(store, "sum_over_time(up[step()])", 5_000)).toThrow(
      "duration must be greater than 0, but the one at 15 is 0 s",
    );
  });

  it.each([
    "-up",
    "up * 2",
    "2 - up",
    "up == bool 1",
    "up == bool up",
    "abs(up)",
    "timestamp(up)",
    "rate(up[1m])",
    "sum by (__name__) (-up)",
    "histogram_quantile(0.5, label_replace(up, 'le', '+Inf', '', ''))",
  ])("the name that %s drops, until the end with delayed name removal", (query) => {
    const ask = (delayedNameRemoval: boolean) => {
      const named = `max by (was) (label_replace(${query}, "was", "$1", "__name__", "(.+)"))`;
      const { value } = createEngine({ delayedNameRemoval }).queryInstant(store, named, 60_000);
      return value.type === "vector" ? value.samples.map(({ labels }) => labels.get("was")) : [];
    };
    expect(ask(false)).toEqual([undefined]);
    expect(ask(true)).toEqual(["up"]);
  });

  it("the series of a range query in the order of their labels as UTF-8 bytes", () => {
    const other = createMemoryStore();
    // In UTF-16 order the last of these would precede the one before it.
    const hosts = ["Z", "a", "é", "\uffee", "\u{1f600}"];
    for (const host of hosts.toReversed()) {
      other.add(createLabels({ host, up: "1" }), Float64Array.of(0), Float64Array.of(1));
    }
    const { value } = engine.queryRange(other, '{up="1"}', { startMs: 0, endMs: 1, stepMs: 1 });
    const series = value.type === "matrix" ? value.series : [];
    expect(series.map(({ labels }) => labels.get("host"))).toEqual(hosts);
  });

  it("line and column in errors, warnings and infos", () => {
    const query = "# rates\nrate(up[1m])\n  +\nhistogram_quantile(2, up)";
    const { warnings, infos } = engine.queryInstant(store, query, MINUTE_MS);
    expect(warnings).toContain(
      "PromQL warning: quantile value should be between 0 and 1, got 2 (4:20)",
    );
    expect(infos).toEqual([
      'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "up" (2:6)',
    ]);
    expect(() => engine.queryInstant(store, "up +\n  rate(up)", 0)).toThrow(
      '2:8: parse error: expected type range vector in call to function "rate", got instant vector',
    );
  });

  it("does not change the arrays of the reader", () => {
    const before = JSON.stringify([...createStore().select([], 0, HOUR.endMs)]);
    for (const query of [
      "-up",
      "sort(up)",
      "quantile_over_time(0.5, up[5m])",
      "up or -up",
      "sum(up)",
      "quantile(0.5, up)",
    ]) {
      engine.queryRange(store, query, HOUR);
      engine.queryInstant(store, query, HOUR.endMs);
    }
    expect(JSON.stringify([...store.select([], 0, HOUR.endMs)])).toBe(before);
  });
});

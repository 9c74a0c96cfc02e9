import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Distribution, RunReport } from "../../src/load/contract/report.ts";
import { parseReport } from "../../src/load/contract/parse-report.ts";
import { renderHtmlReport } from "../../src/load/reports/html/html-report.ts";
import { CSV_TABLES } from "../../src/load/reports/locust-csv.ts";
import { formatLine, formatSummary } from "../../src/load/reports/terminal-table.ts";
import { startLoadPage, type TestPage } from "../support/load-page.ts";

const SCRIPT = `
import { constant, defineUser, task } from "tepal/load";
export default defineUser({ waitTime: constant(0.05), tasks: [task(1, ({ get }) => get("/x"))] });`;

/** A port on which no server listens. */
const NOBODY = "http://127.0.0.1:9";

const resources = new AsyncDisposableStack();
let page: TestPage;
let ready: RunReport;
let closed: RunReport;
let open: RunReport;
let readyMetrics: string;
beforeAll(async () => {
  page = resources.use(await startLoadPage({ script: SCRIPT, host: NOBODY, generators: 2 }));
  ready = page.loadTest.report();
  readyMetrics = await page.loadTest.renderMetrics();
  const plan = { run_time_seconds: 2, thresholds: ["p(95)<50"] };
  closed = await page.run({ ...plan, profile: { kind: "users", users: 2, spawn_rate: 100 } });
  open = await page.run({
    ...plan,
    profile: { kind: "constant_rate", rate: 20, poisson: false, max_users: 5 },
  });
});
afterAll(() => resources.disposeAsync());

const toMissing = (count: number): Distribution =>
  ({
    count,
    ...Object.fromEntries(
      [
        "mean",
        "min",
        "max",
        "p50",
        "p66",
        "p75",
        "p80",
        "p90",
        "p95",
        "p98",
        "p99",
        "p999",
        "p9999",
      ].map((name) => [`${name}_ms`, null]),
    ),
  }) as Distribution;

const RUNS = [
  ["before the first run", () => ready],
  ["without any reply, in a closed model", () => closed],
  ["without any reply, in an open model", () => open],
] as const;

describe.each(RUNS)("a report %s", (_what, pick) => {
  it("has null for every time of successes", () => {
    const report = pick();
    for (const endpoint of [...report.endpoints, report.total]) {
      expect(endpoint.service_time).toEqual(toMissing(0));
      expect(endpoint.response_time ?? toMissing(0)).toEqual(toMissing(0));
      if (endpoint.failures > 0) expect(endpoint.failure_time.p95_ms).toBeGreaterThan(0);
      else expect(endpoint.failure_time).toEqual(toMissing(0));
    }
    expect(report.current).toMatchObject({ p50_ms: null, p95_ms: null, p99_ms: null });
    for (const point of report.series) {
      expect(point).toMatchObject({
        p50_ms: null,
        p95_ms: null,
        total: { mean_ms: null, min_ms: null, percentiles_ms: [] },
      });
    }
    expect(report.thresholds.every(({ actual, passed }) => actual === null && !passed)).toBe(true);
  });

  it("has N/A in CSV files", () => {
    const report = pick();
    for (const table of ["stats", "stats_history"] as const) {
      const rows: Record<string, string>[] = parse(CSV_TABLES[table](report), { columns: true });
      expect(rows.length > 0 || report === ready).toBe(true);
      for (const row of rows) {
        const times = Object.entries(row).filter(([name]) => /%$|Response Time$/.test(name));
        expect(times.length).toBeGreaterThan(10);
        expect(new Set(times.map(([, value]) => value))).toEqual(new Set(["N/A"]));
      }
    }
  });

  it("has dashes in HTML and in the terminal", () => {
    const report = pick();
    const markup = renderHtmlReport(report, "1.2.3");
    const cards = [...markup.matchAll(/<dt>(p\d+)<\/dt>\s*<dd>([^<]*)<\/dd>/g)];
    expect(cards.map(([, name, value]) => [name, value])).toEqual([
      ["p50", "–"],
      ["p95", "–"],
      ["p99", "–"],
    ]);
    expect(markup).not.toMatch(/[>\s]0 ms|NaN|undefined|null/);
    expect(formatLine(report)).toMatch(/p50 – +p95 –$/);
    expect(formatSummary(report)).not.toMatch(/(?<![\d.])0 ms|NaN|undefined|null/);
  });
});

describe("Locust's statistics", () => {
  it("have null for times without a success", async () => {
    const { json } = await page.send("/stats/requests");
    expect(json.current_response_time_percentiles).toEqual({
      "response_time_percentile_0.5": null,
      "response_time_percentile_0.95": null,
    });
    for (const entry of json.stats) {
      expect(entry).toMatchObject({
        min_response_time: null,
        max_response_time: null,
        avg_response_time: null,
        median_response_time: null,
        "response_time_percentile_0.95": null,
        "response_time_percentile_0.99": null,
      });
    }
  });
});

describe("the generator", () => {
  it("has no values before the first run", () => {
    expect(ready.generator).toMatchObject({
      processes: 2,
      lateness_p99_ms: null,
      utilisation_max: null,
      utilisation_mean: null,
      memory_bytes: null,
    });
  });

  it("has no utilisation in metrics without a run", async () => {
    const name = "load_generator_utilisation_ratio";
    expect(readyMetrics).toMatch(new RegExp(`^${name} NaN$`, "mi"));
    expect(await page.loadTest.renderMetrics()).toMatch(new RegExp(`^${name} NaN$`, "mi"));
  });
});

describe("a report of an earlier version", () => {
  it("gets null instead of 0, and its cause", () => {
    const { current: _current, ...rest } = closed;
    const { workers: _workers, ...plan } = closed.plan;
    const { invalid: _invalid, ...generator } = closed.generator;
    const zeros = Object.fromEntries(Object.keys(toMissing(0)).map((name) => [name, 0]));
    const old = {
      ...rest,
      plan,
      generator: { ...generator, overloaded: "It was busy." },
      endpoints: closed.endpoints.map((endpoint) => ({ ...endpoint, service_time: zeros })),
      total: { ...closed.total, service_time: zeros },
      series: closed.series.map(({ total: _total, ...point }) => point),
    };
    const report = parseReport(JSON.parse(JSON.stringify(old)));
    expect(report?.total).toEqual(closed.total);
    expect(report?.endpoints).toEqual(closed.endpoints);
    expect(report?.plan).toEqual(closed.plan);
    expect(report?.generator.invalid).toEqual({
      cause: "generator_overloaded",
      message: "It was busy.",
    });
    // It has no totals by the second.
    const [row] = parse(CSV_TABLES.stats_history(report!), { columns: true });
    expect(row).toMatchObject({ "50%": "N/A", "Total Request Count": "N/A" });
  });
});

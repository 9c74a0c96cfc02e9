import { createServer } from "node:http";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import { parse } from "csv-parse/sync";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatCsv } from "../../src/load/reports/csv.ts";
import { renderHtmlReport } from "../../src/load/reports/html/html-report.ts";
import { CSV_TABLES } from "../../src/load/reports/locust-csv.ts";
import type { RunReport } from "../../src/load/contract/report.ts";
import { openBrowser } from "../support/browser.ts";
import { createFolder } from "../support/folders.ts";
import { HOSTILE, SCRIPT, SHORT_RUN, startLoadPage, type TestPage } from "../support/load-page.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer } from "../support/server.ts";

const resources = new AsyncDisposableStack();
let page: TestPage;
let closed: RunReport;
let open: RunReport;
let empty: RunReport;
beforeAll(async () => {
  const server = resources.use(await startServer());
  page = resources.use(await startLoadPage({ script: SCRIPT, host: server.url }));
  empty = page.loadTest.report();
  closed = await page.run({ ...SHORT_RUN, thresholds: ["p(95)<0.001", "failures<1"] });
  const profile = { kind: "constant_rate", rate: 100, poisson: true, max_users: 50 };
  open = await page.run({ profile, run_time_seconds: 2 });
});
afterAll(() => resources.disposeAsync());

type Row = Readonly<Record<string, string>>;
const read = (table: keyof typeof CSV_TABLES, report: RunReport): Row[] =>
  parse(CSV_TABLES[table](report), { columns: true });

const PERCENTILES = "50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%";

describe("CSV", () => {
  it("has Locust's columns, in its order", () => {
    const header = (table: keyof typeof CSV_TABLES): string | undefined =>
      CSV_TABLES[table](closed).split("\n")[0];
    expect(header("stats")).toBe(
      `Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,${PERCENTILES}`,
    );
    expect(header("stats_history")).toBe(
      `Timestamp,User Count,Type,Name,Requests/s,Failures/s,${PERCENTILES},Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,Total Average Content Size`,
    );
    expect(header("failures")).toBe("Method,Name,Error,Occurrences,First Seen,Last Seen");
    expect(header("exceptions")).toBe("Count,Message,Traceback,Nodes");
  });

  it.each([
    ["closed", () => closed],
    ["open", () => open],
  ] as const)("agrees with the report of a run of the %s model", (_model, pick) => {
    const report = pick();
    const rows = read("stats", report);
    expect(rows).toHaveLength(report.endpoints.length + 1);
    // In Locust's order.
    const endpoints = [...report.endpoints].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    for (const [index, endpoint] of [...endpoints, report.total].entries()) {
      const time = endpoint.response_time ?? endpoint.service_time;
      expect(rows[index]).toMatchObject({
        Type: endpoint.method,
        "Request Count": String(endpoint.requests),
        "Failure Count": String(endpoint.failures),
        "Median Response Time": time.p50_ms === null ? "N/A" : String(Math.round(time.p50_ms)),
        "Min Response Time": String(time.min_ms ?? "N/A"),
        "Average Content Size": String(endpoint.received_bytes / endpoint.requests),
        "95%": time.p95_ms === null ? "N/A" : String(Math.round(time.p95_ms)),
        "100%": time.max_ms === null ? "N/A" : String(Math.round(time.max_ms)),
      });
      const percentiles = PERCENTILES.split(",").map((name) => rows[index]?.[name] ?? "");
      if (time.count === 0) expect(new Set(percentiles)).toEqual(new Set(["N/A"]));
      else {
        for (const value of percentiles) expect(value).toMatch(/^\d+$/);
        const numbers = percentiles.map(Number);
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }
    }
    const history = read("stats_history", report);
    // One row a second, with numbers only once a request has succeeded.
    const times = history.map((row) => Number(row["Timestamp"]));
    expect(times).toEqual(times.map((_, i) => times[0]! + i));
    const numeric = history.filter((row) => row["50%"] !== "N/A");
    expect(numeric.length).toBeGreaterThan(0);
    for (const { Type: type, Name: name, ...numbers } of numeric) {
      expect([type, name]).toEqual(["", "Aggregated"]);
      for (const value of Object.values(numbers)) expect(value).toMatch(/^\d+(\.\d+)?(e-\d+)?$/);
    }
    // The last row has the totals of the run.
    const total = read("stats", report).at(-1)!;
    const last = history.at(-1)!;
    for (const column of ["Request Count", "Failure Count", "Average Content Size"]) {
      expect([column, last[`Total ${column}`]]).toEqual([column, total[column]]);
    }
    for (const column of ["Average", "Min", "Max"]) {
      const name = `${column} Response Time`;
      expect(Number(last[`Total ${name}`])).toBeCloseTo(Number(total[name]), 2);
    }
    for (const name of PERCENTILES.split(",")) expect(last[name]).toBe(total[name]);
    expect(Math.abs((times[0] ?? 0) - (report.started_at_ms ?? 0) / 1_000)).toBeLessThan(3);
    expect(read("failures", report)).toMatchObject([
      { Error: "404", "First Seen": expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) },
    ]);
  });

  it("has one row a second, however long the points of the series are", () => {
    const started = 1_000_000;
    const [point] = closed.series;
    const series = [1.001, 2.4, 2.6, 5.002, 5.3].map((at, i) => ({
      ...point!,
      elapsed_seconds: at,
      requests_per_second: 10,
      total: { ...point!.total!, requests: i },
    }));
    const rows = read("stats_history", { ...closed, started_at_ms: started, series });
    expect(rows.map((row) => [row["Timestamp"], row["Total Request Count"]])).toEqual([
      ["1001", "0"],
      ["1002", "1"],
      ["1003", "2"],
      ["1004", "2"],
      ["1005", "4"],
    ]);
    for (const row of rows) expect(row["Requests/s"]).toBe("10");
  });

  it("escapes formulas in names and messages, and leaves other strings unchanged", () => {
    const names = read("stats", closed).map((row) => row["Name"]);
    expect(names).toContain(`'${HOSTILE.formula}`);
    expect(names).toContain(HOSTILE.markup);
    expect(read("exceptions", closed)[0]?.["Traceback"]).toContain("\n");
    const texts = ["=1", "+1+1", "-x", "@x", "\tx", "\rx", "\nx", 'a "quoted", text', "plain=1"];
    const [, row = []] = parse(formatCsv(["a"], [texts]), { relax_column_count: true });
    expect(row).toEqual([...texts.slice(0, 7).map((text) => `'${text}`), ...texts.slice(7)]);
    expect(formatCsv(["a"], [[-1.5, null, 0]])).toBe("a\n-1.5,N/A,0\n");
  });

  it("is empty before the first run", () => {
    expect(read("stats", empty)).toMatchObject([{ Name: "Aggregated", "Request Count": "0" }]);
    for (const table of ["failures", "exceptions", "stats_history"] as const) {
      expect(read(table, empty)).toEqual([]);
    }
  });
});

describe("the HTML report", () => {
  it("escapes markup in names and messages", () => {
    const text = renderHtmlReport(closed, "1.2.3");
    expect(text).not.toContain("<img");
    expect(text).not.toContain("<script");
    expect(text).toContain("&lt;img src=&quot;http://127.0.0.1:9/x&quot;");
  });

  it.each([
    ["has not started", () => empty],
    ["is in progress", () => ({ ...closed, verdict: null, ended_at_ms: null })],
    ["has one second", () => ({ ...closed, series: closed.series.slice(0, 1) })],
    ["took a day", () => ({ ...closed, series: toDay(closed) })],
  ] as const)("renders a run that %s", (_what, pick) => {
    const text = renderHtmlReport(pick(), "1.2.3");
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
    // Indistinguishable points are not all drawn.
    expect(text.length).toBeLessThan(200_000);
  });
});

/** Repeats the seconds of a run for a day. */
function toDay({ series }: RunReport): RunReport["series"] {
  return Array.from({ length: 86_400 }, (_, index) => ({
    ...series[index % series.length]!,
    elapsed_seconds: index + 1,
  }));
}

describe.runIf(hasProgram("chromium"))("the HTML report in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  /** Opens the report from a file, and records its requests and console messages. */
  async function show(
    report: RunReport,
    colorScheme: "light" | "dark" = "light",
  ): Promise<{ shown: Page; requests: readonly string[]; messages: readonly string[] }> {
    const folder = resources.use(await createFolder());
    const path = join(folder.path, "report.html");
    await writeFile(path, renderHtmlReport(report, "1.2.3"));
    const shown = await browser.newPage({ colorScheme, javaScriptEnabled: true });
    const requests: string[] = [];
    const messages: string[] = [];
    shown.on("request", (request) => requests.push(request.url()));
    shown.on("console", (message) => messages.push(message.text()));
    await shown.goto(pathToFileURL(path).href);
    return { shown, requests: requests.slice(1), messages };
  }

  it("shows tables and charts, sends no request, and executes no markup", async () => {
    // Receives the requests of injected markup.
    const received: string[] = [];
    const stranger = createServer((request) => received.push(request.url ?? "")).listen(
      0,
      "127.0.0.1",
    );
    await once(stranger, "listening");
    const { port } = stranger.address() as AddressInfo;
    const text = JSON.stringify(closed).replaceAll("127.0.0.1:9/x", `127.0.0.1:${port}/x`);
    const {
      shown,
      requests: sent,
      messages,
    } = await show({
      ...JSON.parse(text),
      // Independent of the speed of the machine.
      verdict: { outcome: "threshold_crossed", exit_code: 99 },
    });
    expect(await shown.title()).toBe(`Load test of ${closed.plan.host}`);
    expect([sent, messages, received]).toEqual([[], [], []]);
    expect(await shown.locator("svg").count()).toBe(3);
    const requests = shown.locator("table").filter({ hasText: "Abandoned" });
    expect(await requests.locator("tbody tr").count()).toBe(closed.endpoints.length + 1);
    const total = requests.locator("tbody tr").last();
    expect(await total.innerText()).toContain(closed.total.requests.toLocaleString("en"));
    expect(await shown.getByText("Threshold crossed").count()).toBe(1);
    expect(await shown.getByText(HOSTILE.formula).count()).toBeGreaterThan(0);
    // Each line spans its chart.
    for (const path of await shown.locator("path.line").all()) {
      const box = await path.boundingBox();
      expect(box?.width).toBeGreaterThan(100);
    }
    stranger.close();
  });

  it("follows the color scheme of the reader, and is white on paper", async () => {
    const background = (where: Page): Promise<string> =>
      where.evaluate("getComputedStyle(document.body).backgroundColor");
    const { shown: light } = await show(open);
    expect(await background(light)).toBe("rgb(255, 255, 255)");
    const { shown: dark } = await show(open, "dark");
    expect(await background(dark)).toBe("rgb(17, 21, 27)");
    await dark.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await background(dark)).toBe("rgb(255, 255, 255)");
    // An open model has both times.
    expect(await dark.getByRole("heading", { name: "Response time" }).count()).toBe(1);
    expect(await dark.getByRole("heading", { name: "Service time" }).count()).toBe(1);
  });

  it("does not violate the policy of the page", async () => {
    const shown = await browser.newPage();
    const messages: string[] = [];
    const paths: string[] = [];
    shown.on("console", (message) => messages.push(message.text()));
    shown.on("request", (request) => paths.push(new URL(request.url()).pathname));
    await shown.goto(`${page.url}/api/load/runs/${closed.id}/report.html`);
    expect(await shown.locator("svg").count()).toBe(3);
    const background: string = await shown.evaluate(
      "getComputedStyle(document.body).backgroundColor",
    );
    expect(background).toBe("rgb(255, 255, 255)");
    expect(messages.filter((text) => !text.includes("favicon"))).toEqual([]);
    expect(paths.filter((path) => path !== "/favicon.ico")).toHaveLength(1);
  });
});

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDashboard } from "../../console/src/grafana/dashboard.ts";
import { toText } from "../../console/src/grafana/display.ts";
import { TRANSFORMS } from "../../console/src/grafana/transform/transform.ts";
import { formatUnit } from "../../console/src/grafana/units.ts";
import { DRAWN_TYPES, listGaps } from "../../console/src/panels/drawn-types.ts";
import { checkDashboard } from "../../scripts/look/coverage.ts";
import { openBrowser } from "../support/browser.ts";
import {
  capture,
  findOverflow,
  findPanel,
  openPage,
  startServerWithTraffic,
  waitForData,
  type ServerWithTraffic,
} from "../support/console.ts";
import { hasProgram } from "../support/programs.ts";
import { until } from "../support/workers.ts";

const FOLDER = fileURLToPath(new URL("../fixtures/dashboards", import.meta.url));
const readFixture = async (): Promise<unknown> =>
  JSON.parse(await readFile(`${FOLDER}/variety.json`, "utf8"));

describe("the dashboard of every kind", () => {
  it("has each panel type and each transformation", async () => {
    const { panels } = parseDashboard(await readFixture());
    const types = new Set(panels.map(({ type }) => type));
    const ids = new Set(
      panels.flatMap(({ transformations }) => transformations.map(({ id }) => id)),
    );
    expect(DRAWN_TYPES.filter((type) => !types.has(type))).toEqual([]);
    expect(Object.keys(TRANSFORMS).filter((id) => !ids.has(id))).toEqual([]);
  });

  it("lists what is not drawn", async () => {
    const { panels, drawn, foreign, gaps } = checkDashboard(await readFixture());
    expect({ drawn: drawn - panels, foreign, gaps: [...gaps.keys()] }).toEqual({
      drawn: -2,
      foreign: 1,
      gaps: ["panel type logs", "data source loki", "panel type geomap"],
    });
  });
});

const PREDICTIONS = 'api_requests_total{route="/predict"}';
const BY_STATUS = `sum by (status) (${PREDICTIONS})`;
/** No step of a chart is longer. */
const SETTLED_SECONDS = 5;

type Count = readonly [status: string, count: number];

describe.runIf(hasProgram("chromium"))("panels show the Prometheus API's values", () => {
  const resources = new AsyncDisposableStack();
  let browser: Browser;
  let traffic: ServerWithTraffic;
  let page: Page;
  let faults: readonly string[];
  let counts: readonly Count[];
  let total: number;
  /** The end of the page's range, in milliseconds. The counters have not changed since a while. */
  let end: number;
  /** Replies of range queries, by query and step. */
  const ranges = new Map<string, Promise<Range>>();
  let alerts: Promise<AlertsReply> | undefined;

  const ask = async (expr: string, time = end): Promise<readonly Sample[]> => {
    const query = new URLSearchParams({ query: expr, time: String(time / 1_000) });
    return (await traffic.server.get(`/prometheus/api/v1/query?${query}`)).json.data.result;
  };
  const countAt = async (expr: string, time: number): Promise<readonly Count[]> =>
    (await ask(expr, time)).map(({ metric, value: [, count] }) => [
      metric["status"]!,
      Number(count),
    ]);
  const toUrl = (): string =>
    `${traffic.server.url}/console/#/dashboards/variety?from=${end - 300_000}&to=${end}&refresh=`;

  beforeAll(async () => {
    browser = await openBrowser();
    resources.defer(() => browser.close());
    traffic = resources.use(await startServerWithTraffic({ dashboards: FOLDER }));
    await until(async () => {
      end = Date.now();
      const [now, before] = await Promise.all([
        countAt(BY_STATUS, end),
        countAt(BY_STATUS, end - SETTLED_SECONDS * 1_000),
      ]);
      counts = now;
      // A panel with a step of 10 seconds has a sample only if the history is longer.
      const hasSample = (await ask("up offset 11s")).length > 0;
      return hasSample && JSON.stringify(now) === JSON.stringify(before);
    });
    total = counts.reduce((sum, [, count]) => sum + count, 0);
    const opened = await openPage(browser, "about:blank");
    ({ page, faults } = opened);
    page.on("response", (response) => {
      const { pathname, searchParams } = new URL(response.url());
      // Alerts begin and end; the panel shows those of its own request.
      if (pathname.endsWith("/api/v1/alerts")) alerts = response.json();
      if (!pathname.endsWith("/query_range")) return;
      const id = `${searchParams.get("query")} ${searchParams.get("step")}`;
      ranges.set(
        id,
        response.json().then(({ data }) => data.result),
      );
    });
    await page.goto(toUrl());
    await page.locator(".panel-body > *").first().waitFor();
    await until(
      async () =>
        (await page.locator('.panel[aria-busy="true"], .panel [aria-busy="true"]').count()) === 0,
    );
  }, 180_000);
  afterAll(() => resources.disposeAsync());

  const short = (value: number): string => toText(formatUnit("short", value));

  it("on the whole page, without errors", async () => {
    await capture(page, "panels");
    expect(counts.length).toBeGreaterThan(1);
    expect(await page.locator(".panel-problem").allInnerTexts()).toEqual([]);
    expect(faults).toEqual([]);
  });

  it("in legends of charts, sorted as saved", async () => {
    const falling = counts.toSorted(([, a], [, b]) => b - a);
    expect(await readRows(findPanel(page, "Lines"), ".legend-table")).toEqual(
      falling.map(([status, count]) => [status, short(count), short(count)]),
    );
    const old = await readRows(findPanel(page, "Old graph"), ".legend-table");
    expect(old).toEqual(counts.map(([status, count]) => [status, short(count)]));
    expect(await readRows(findPanel(page, "Above and below"), ".legend-table")).toEqual(
      [total, total / 2, total].map((value, index) => [
        ["in", "low", "out"][index],
        toText(formatUnit("", value)),
      ]),
    );
  });

  it("with the lines that the dashboard hides, until a click in the legend", async () => {
    const panel = findPanel(page, "Stack in percent");
    const hidden = panel.locator(".is-hidden .legend-text");
    const others = counts.map(([status]) => status).filter((status) => status !== "200");
    expect(await hidden.allInnerTexts()).toEqual(others);
    await panel.getByRole("button", { name: "200", exact: true }).click();
    await expect.poll(() => hidden.count()).toBe(0);
  });

  it("as numbers, gauges and bars", async () => {
    for (const title of ["Total", "Old number"]) {
      const number = findPanel(page, title).locator(".big-value");
      expect([title, await number.innerText()]).toEqual([title, short(total)]);
    }
    const share = counts.find(([status]) => status === "200")![1] / total;
    expect(await findPanel(page, "Share").locator(".gauge-text").textContent()).toBe(
      toText(formatUnit("percentunit", share)),
    );
    const bars = findPanel(page, "By status").locator(".bar");
    expect(await readTexts(bars, ".bar-name, .bar-value")).toEqual(toTexts(counts));
  });

  it("as slices and bars, each also as a table", async () => {
    const falling = counts.toSorted(([, a], [, b]) => b - a);
    const pie = findPanel(page, "Pie");
    expect(await readRows(pie, ".legend-table")).toEqual(
      falling.map(([status, count]) => [
        status,
        String(count),
        `${Math.round((count / total) * 100)}%`,
      ]),
    );
    await showTable(pie);
    expect(await readRows(pie)).toEqual(toTexts(counts));
    const titles = findPanel(page, "Bars").locator("rect title");
    await titles.first().waitFor({ state: "attached" });
    expect(await titles.allTextContents()).toEqual(
      counts.map(([status, count]) => `${status}, Value: ${count}`),
    );
  });

  it("as a histogram", async () => {
    const values = (await ask('api_request_latency_seconds_bucket{route="/predict"}')).map(
      ({ value }) => Number(value[1]),
    );
    const bucketOf = (value: number): string => String(Math.floor(value / 5) * 5);
    const expected = Map.groupBy(values, bucketOf);
    const panel = findPanel(page, "Distribution");
    await showTable(panel);
    const rows = await readRows(panel);
    expect(rows.filter(([, count]) => count !== "0")).toEqual(
      [...expected]
        .map(([from, inside]) => [from, String(inside.length)] as const)
        .toSorted(([a], [b]) => Number(a) - Number(b)),
    );
  });

  it("as states and samples", async () => {
    const states = findPanel(page, "States").locator("rect[data-state]");
    await states.first().waitFor();
    const names = await states.evaluateAll((all) =>
      all.map((each) => [each.getAttribute("data-row"), each.getAttribute("data-state")]),
    );
    // A scrape on a busy machine may time out.
    const toState = (value: string): string => (value === "1" ? "up" : "down");
    const id = [...ranges.keys()].find((each) => /^up \d+$/.test(each) && each !== "up 10");
    const [up] = (await ranges.get(id!))!;
    const drawn = up!.values.map(([, value]) => toState(value));
    const merged = drawn.filter((state, index) => state !== drawn[index - 1]);
    expect(names).toEqual(merged.map((state) => [up!.metric["job"], state]));
    // 30 points of 5 minutes.
    const samples = (await ranges.get("up 10"))!.flatMap(({ values }) => values);
    const cells = findPanel(page, "Samples").locator("rect[data-state]");
    await cells.first().waitFor();
    expect(await cells.count()).toBe(samples.length);
  });

  it("as the buckets of a heat map", async () => {
    const panel = findPanel(page, "Buckets");
    await panel.locator("canvas").waitFor();
    await showTable(panel);
    const [, ...newest] = (await readRows(panel))[0]!;
    const id = [...ranges.keys()].find((each) => each.startsWith("sum by (le) (increase("));
    const toBound = (le: string): number => (le === "+Inf" ? Infinity : Number(le));
    const totals = (await ranges.get(id!))!
      .toSorted((a, b) => toBound(a.metric["le"]!) - toBound(b.metric["le"]!))
      .map(({ values }) => Number(values.at(-1)![1]));
    const expected = totals.map((value, index) => value - (totals[index - 1] ?? 0));
    expect(newest).toEqual(
      expected.map((value) => toText(formatUnit("", value < 1e-9 ? 0 : value))),
    );
  });

  it("as text, alerts and links", async () => {
    await expect(findPanel(page, "Text").locator("strong").innerText()).resolves.toBe("each");
    const { data } = await alerts!;
    const names = findPanel(page, "Alerts").locator(".alert > strong");
    expect((await names.allInnerTexts()).toSorted()).toEqual(
      data.alerts.map(({ labels }) => labels["alertname"]!).toSorted(),
    );
    const links = findPanel(page, "Lists").getByRole("link");
    expect(await links.allInnerTexts()).toEqual(["Overview"]);
    expect(await links.getAttribute("href")).toMatch(/#\/dashboards\/tepal-overview/);
  });

  it("in tables, after every transformation", async () => {
    const statuses = counts.map(([status]) => status);
    const values = counts.map(([, count]) => String(count));
    const rows = toTexts(counts);
    const twice = counts.map(([status, count]) => [status, String(2 * count)]);
    const falling = counts.toSorted(([, a], [, b]) => b - a);
    const tables: Readonly<Record<string, readonly (readonly string[])[]>> = {
      organize: [
        ["Twice", "status", "Requests"],
        ...falling.map(([status, count]) => [String(2 * count), status, String(count)]),
        [String(2 * total), "", String(total)],
      ],
      joinByField: [
        ["status", "Value #A", "Value #B"],
        ...counts.map(([status, count]) => [status, String(count), String(2 * count)]),
      ],
      seriesToColumns: [statuses, values],
      renameByRegex: [statuses.map((status) => `HTTP ${status}`), values],
      groupBy: [
        ["method", "Value (sum)", "Value (count)"],
        ["POST", String(total), String(counts.length)],
      ],
      filterFieldsByName: [["status", "Value"], ...rows],
      filterByRefId: [["status", "Value #B"], ...twice],
      filterByValue: [["status", "Value"], ...rows.filter(([status]) => status!.startsWith("2"))],
      calculateField: [
        ["status", "Value #A", "Value #B", "Difference"],
        ...counts.map(([status, count]) => [status, `${count}`, `${2 * count}`, `${count}`]),
      ],
      reduce: [["Field", "Last *"], ...rows],
      labelsToFields: [["status", "Value"], ...rows],
      limit: [["status", "Value"], ...toTexts(falling.slice(0, 1))],
      seriesToRows: [["Metric", "Value"], ...rows],
      concatenate: [
        ["Value #A", "Value #B"],
        [String(total), String(2 * total)],
      ],
      prepareTimeSeries: [["Field", "Max"], ...rows],
      convertFieldType: [["status", "Value"], ...rows],
      timeSeriesTable: [["status", "Trend #A"], ...rows],
      joinByLabels: [
        ["method", ...statuses],
        ["POST", ...values],
      ],
      groupingToMatrix: [
        [String.raw`method\status`, ...statuses],
        ["POST", ...values],
      ],
      partitionByValues: [["Field", "Max"], ...rows],
      histogram: [
        ["xMin", "xMax", "count"],
        ["0", "100000", String(counts.length)],
      ],
    };
    const shown: Record<string, readonly (readonly string[])[]> = {};
    for (const title of Object.keys(tables)) {
      shown[title] = await readTexts(findPanel(page, title).locator(".table tr"), "th, td");
    }
    expect(shown).toEqual(tables);
    const table = (title: string): Locator => findPanel(page, title).locator("tbody");
    expect(await table("timeSeriesTable").locator("svg path").count()).toBe(counts.length);
    expect(await table("convertFieldType").locator("th.align-end").count()).toBe(counts.length);
    const links = table("joinByField").getByRole("link");
    expect(await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")))).toEqual(
      counts.map(([status, count]) => `#/explore?q=status_${status}_${count}`),
    );
    expect(await table("organize").locator(".cell-gauge").count()).toBe(counts.length);
  });

  it("or the reason why they are not drawn, with their queries", async () => {
    const { panels } = parseDashboard(await readFixture());
    const undrawn = panels.filter((panel) => listGaps(panel).length > 0);
    expect(undrawn.map(({ title }) => title)).toEqual(["Logs", "Map"]);
    for (const { title, targets } of undrawn) {
      const notice = findPanel(page, title).locator(".not-drawn");
      expect(await notice.locator("code").allInnerTexts()).toEqual(targets.map(({ expr }) => expr));
      expect(await notice.innerText()).toMatch(
        title === "Logs" ? /panel type logs, data source loki/ : /panel type geomap/,
      );
    }
    expect([...ranges.keys()].join()).not.toMatch(/job="tepal"/);
  });

  it("on a small screen, in the dark", async () => {
    const { page: small, faults: found } = await openPage(browser, toUrl(), {
      viewport: { width: 360, height: 12_000 },
      colorScheme: "dark",
    });
    await waitForData(small);
    await capture(small, "panels-small");
    expect(await findOverflow(small)).toBe(0);
    expect(found).toEqual([]);
    await small.close();
  });
});

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

interface AlertsReply {
  readonly data: { readonly alerts: readonly { readonly labels: Sample["metric"] }[] };
}

type Range = readonly {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}[];

function toTexts(counts: readonly Count[]): readonly (readonly string[])[] {
  return counts.map(([status, count]) => [status, String(count)]);
}

/** Returns the content of the parts of each row. */
function readTexts(rows: Locator, parts: string): Promise<readonly (readonly string[])[]> {
  return rows.evaluateAll(
    (all, selector) =>
      all.map((row) =>
        [...row.querySelectorAll(selector)].map((part) => (part.textContent ?? "").trim()),
      ),
    parts,
  );
}

function readRows(panel: Locator, table = ".table"): Promise<readonly (readonly string[])[]> {
  return readTexts(panel.locator(`${table} tbody tr`), "th, td");
}

/** Shows the values of a chart by its menu. */
async function showTable(panel: Locator): Promise<void> {
  await panel.hover();
  await panel.getByRole("button", { name: /^Menu of / }).click();
  await panel.getByRole("button", { name: /as a table/ }).click();
  await panel.locator("tbody tr").first().waitFor();
}

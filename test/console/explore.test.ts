import { writeFile } from "node:fs/promises";
import type { Browser, Locator, Page } from "playwright-core";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import {
  buildConsole,
  capture,
  findOverflow,
  openPage,
  startServerWithTraffic,
  waitForData,
  type ServerWithTraffic,
} from "../support/console.ts";
import { createFolder } from "../support/folders.ts";
import type { JsonValue } from "../support/json.ts";
import { startPrometheusWith } from "../support/monitoring.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/workers.ts";

const QUERY = "sum by (status) (api_requests_total)";
const TREE = "sum by (route) (rate(api_requests_total[1m])) / on () group_left () vector(2) > 0";

/** Reads the visible rows of a table as text of their cells. */
async function readRows(table: Locator): Promise<readonly (readonly string[])[]> {
  const rows = await table.locator("tbody tr").all();
  return Promise.all(
    rows.map(async (row) =>
      (await row.locator("th, td").allInnerTexts()).map((text) => text.trim()),
    ),
  );
}

const toNumber = (text: string | undefined): number => Number(text?.replaceAll(",", ""));

/**
 * Replaces an expression. Chromium writes text over a selection of several colors with inline styles, which the Content-Security-Policy
 * reports, so the old text is deleted first.
 */
async function rewrite(field: Locator, expression: string): Promise<void> {
  await field.press("Control+a");
  await field.press("Backspace");
  await field.pressSequentially(expression);
}

/**
 * Completes the word before the closing brackets and quotes, by the keyboard. The list is drawn again when values arrive: if it closes just
 * before an arrow key, the key moves the caret to the end of the line, so the caret is moved back then.
 */
async function choose(page: Page, field: Locator, name: string): Promise<void> {
  const option = page.getByRole("option", { name });
  const selected = page.getByRole("option", { name, selected: true });
  const isShown = (): Promise<boolean> =>
    option
      .first()
      .waitFor({ timeout: 2_000 })
      .then(
        () => true,
        () => false,
      );
  await until(async () => {
    const text = await field.innerText();
    if (text.includes(name)) return true;
    if ((await selected.count()) > 0) await field.press("Enter");
    else if (await isShown()) await field.press("ArrowDown");
    else {
      await field.press("End");
      for (const _ of /[)\]}"]*$/.exec(text)![0]) await field.press("ArrowLeft");
      await field.press("Control+Space");
    }
    return false;
  });
}

describe.runIf(hasProgram("chromium"))("Explore", () => {
  const resources = new AsyncDisposableStack();
  let browser: Browser;
  let source: ServerWithTraffic;
  beforeAll(async () => {
    browser = await openBrowser();
    resources.defer(() => browser.close());
    source = resources.use(await startServerWithTraffic());
  }, 180_000);
  afterAll(() => resources.disposeAsync());

  const open = (path: string, options = {}) => openPage(browser, source.toUrl(path), options);

  async function query(expr: string): Promise<JsonValue> {
    const parameters = new URLSearchParams({ query: expr, time: String(source.end / 1_000) });
    return (await source.server.get(`/prometheus/api/v1/query?${parameters}`)).json.data;
  }

  it("completes, runs, draws and restores an expression, by keyboard only", async () => {
    const { page, faults, hosts } = await open("explore");
    const field = page.getByLabel("Expression 1");
    await field.focus();
    await field.pressSequentially("sum by (status) (api_requests_to");
    await choose(page, field, "api_requests_total");
    await field.pressSequentially("{me");
    await choose(page, field, "method");
    await field.pressSequentially('="P');
    await choose(page, field, "POST");
    const expression = 'sum by (status) (api_requests_total{method="POST"})';
    await expect.poll(() => field.innerText()).toBe(expression);
    await field.press("Enter");
    await waitForData(page, ".query");
    const { result } = await query(expression);
    expect(result.length).toBeGreaterThan(1);
    expect(await readRows(page.locator(".query table"))).toEqual(
      result.map(({ metric, value }: { metric: { status: string }; value: [number, string] }) => [
        metric.status,
        value[1],
      ]),
    );
    // The graph, by the arrow keys of the control.
    await page.getByRole("radio", { name: "Table" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.locator(".query canvas").waitFor();
    await expect.poll(() => page.locator(".query .series-legend li").count()).toBe(result.length);
    // The URL holds all of it.
    await page.reload();
    await page.locator(".query canvas").waitFor();
    expect(await field.innerText()).toBe(expression);
    // Functions are completed too, and the Tab key leaves the editor.
    await rewrite(field, "histogram_qu");
    await choose(page, field, "histogram_quantile");
    await expect.poll(() => field.innerText()).toMatch(/^histogram_quantile/);
    await field.press("Tab");
    await expect
      .poll(() => field.evaluate("document.activeElement?.className"))
      .not.toContain("expression");
    await page.getByRole("button", { name: "History" }).click();
    const options = await page.locator(".dropdown-panel .option").allInnerTexts();
    expect([options[0], options.at(-1)]).toEqual([expression, "Clear the history"]);
    await page.getByRole("button", { name: "Clear the history" }).click();
    await page.getByRole("button", { name: "History" }).click();
    await page.getByText("No expression was run in this browser").waitFor();
    expect(faults).toEqual([]);
    expect([...hosts]).toEqual([source.server.url]);
    await page.close();
  });

  it("keeps the table until the data of the graph arrive", async () => {
    const { page, faults } = await open(`explore?${new URLSearchParams({ q: QUERY })}`);
    await waitForData(page, ".query");
    const { promise: isSeen, resolve: release } = Promise.withResolvers<void>();
    await page.route("**/query_range**", async (route) => {
      await isSeen;
      await route.continue();
    });
    const rows = await readRows(page.locator(".query table"));
    await page.getByRole("radio", { name: "Table" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.locator('.query[aria-busy="true"]').waitFor();
    expect(await readRows(page.locator(".query table"))).toEqual(rows);
    expect(await page.locator(".query .time-series").count()).toBe(0);
    release();
    await page.locator(".query canvas").waitFor();
    await expect.poll(() => page.locator(".query .series-legend li").count()).toBe(rows.length);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("marks an error at its column while it is written, and announces it when it is run", async () => {
    const { page, faults } = await open("explore");
    const field = page.getByLabel("Expression 1");
    await field.focus();
    await field.pressSequentially("rate(up[5m]) foo");
    const marked = page.locator(".cm-lintRange-error");
    await expect.poll(() => marked.allInnerTexts()).toEqual(["foo"]);
    const message =
      '1:14: parse error: unexpected identifier "foo" in expression, expected end of input';
    expect(await page.locator(".field-problem").innerText()).toBe(message);
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(await page.getByRole("alert").count()).toBe(0);
    await field.press("Enter");
    await expect.poll(() => page.getByRole("alert").allInnerTexts()).toEqual([message]);
    await capture(page, "explore-error");
    for (let i = 0; i < 4; i++) await field.press("Backspace");
    await expect.poll(() => marked.count()).toBe(0);
    await expect.poll(() => field.getAttribute("aria-invalid")).toBe("false");
    // A function that only the engine's own parser knows to be absent.
    await rewrite(field, "1 + info(up)");
    await expect
      .poll(() => page.locator(".field-problem").allInnerTexts())
      .toEqual([expect.stringMatching(/^1:5: parse error: .*info.* not supported/)]);
    await expect.poll(() => marked.allInnerTexts()).toEqual(["info"]);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("shows help for the word under the pointer and at the caret", async () => {
    const { page, faults } = await open("explore?q=rate(api_requests_total[5m])");
    const help = page.locator(".cm-help");
    const { data: metadata } = (await source.server.get("/prometheus/api/v1/metadata")).json;
    const known = metadata.api_requests_total?.[0] ?? metadata.api_requests[0];
    // The descriptions of metrics may come after the pointer.
    const hover = async (): Promise<string> => {
      await page.mouse.move(0, 0);
      await page.getByText("api_requests_total", { exact: true }).first().hover();
      return help.innerText({ timeout: 2_000 }).catch(() => "");
    };
    await expect.poll(hover).toContain(known.help);
    expect(await help.innerText()).toContain("Counter");
    await page.mouse.move(0, 0);
    await expect.poll(() => help.count()).toBe(0);
    const field = page.getByLabel("Expression 1");
    await field.focus();
    await field.press("Control+Home");
    await field.press("Control+i");
    await expect.poll(() => help.innerText()).toContain("rate(v[range])");
    expect(await help.innerText()).toContain("increase per second");
    await field.press("Escape");
    await expect.poll(() => help.count()).toBe(0);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("shows the query as a tree whose numbers are those of the API", async () => {
    const { page, faults } = await open("explore");
    const replied = page.waitForResponse((reply) => reply.url().includes("stats=tree"));
    await page.goto(source.toUrl(`explore?view=tree&q=${encodeURIComponent(TREE)}`));
    const { tree } = (await (await replied).json()).data.stats;
    const table = page.locator(".tree-table");
    await expect.poll(async () => (await readRows(table))[0]?.[1]).toBe(String(tree.series));
    const rows = await readRows(table);
    expect(rows.length).toBe(8);
    const codes = await table.locator(".node-code").allInnerTexts();
    for (const [i, text] of codes.entries()) {
      const [, series, samples] = rows[i]!;
      const isRange = text.endsWith("]");
      const data = await query(text);
      if (data.resultType === "scalar") expect([text, series, samples]).toEqual([text, "0", "1"]);
      else {
        const count = data.result.reduce(
          (sum: number, { values }: { values?: unknown[] }) => sum + (values?.length ?? 1),
          0,
        );
        expect([text, isRange, toNumber(series), toNumber(samples)]).toEqual([
          text,
          data.resultType === "matrix",
          data.result.length,
          count,
        ]);
      }
    }
    // Own times, those with the nodes below, and labels.
    const [outermost] = rows;
    expect(outermost![4]).toMatch(/^[\d.]+ (?:ns|µs|ms|s)$/);
    expect(outermost![5]).toContain(`route ${tree.labels[0].values}`);
    // A node selects its part in the editor, and has a query of its own.
    await page.getByRole("button", { name: "api_requests_total[1m]", exact: true }).click();
    await page.keyboard.press("Delete");
    await expect
      .poll(() => page.getByLabel("Expression 1").innerText())
      .toBe(TREE.replace("api_requests_total[1m]", ""));
    await page
      .getByRole("link", { name: "Query alone: rate(api_requests_total[1m])", exact: true })
      .click();
    await expect
      .poll(() => page.getByLabel("Expression 1").innerText())
      .toBe("rate(api_requests_total[1m])");
    expect(faults).toEqual([]);
    await page.close();
  });

  it("explains each node in a sentence", async () => {
    const { page, faults } = await open(`explore?view=explain&q=${encodeURIComponent(TREE)}`);
    await page.locator(".explanation li").first().waitFor();
    const texts = await page.locator(".explanation li").allInnerTexts();
    expect(texts.length).toBe(8);
    expect(texts.join("\n")).toContain("Adds up the values for each value of route.");
    expect(texts.join("\n")).toContain(
      "Selects the series of api_requests_total: all samples of each within 1 minute.",
    );
    // It follows the text, without a query.
    await rewrite(page.getByLabel("Expression 1"), "topk(3, up)");
    await expect
      .poll(() => page.locator(".explanation li").allInnerTexts())
      .toEqual([
        expect.stringContaining("Keeps the 3 series with the largest values of all series."),
        expect.stringContaining("The number 3."),
        expect.stringContaining("Selects the series of up: the newest sample of each."),
      ]);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("lists the metrics with their cost, and inserts them", async () => {
    const { page, faults } = await open("explore?q=1");
    const counted = page.waitForResponse((reply) => reply.url().includes("/status/tsdb?"));
    await page.getByRole("button", { name: "Metrics", exact: true }).click();
    const browserOf = page.getByRole("region", { name: "Metrics browser" });
    const table = browserOf.locator("table").first();
    const { result } = await query('count by (__name__) ({__name__!=""})');
    const counts = new Map<string, number>(
      result.map(({ metric, value }: { metric: { __name__: string }; value: [number, string] }) => [
        metric.__name__,
        Number(value[1]),
      ]),
    );
    const largest = Math.max(...counts.values());
    await expect.poll(async () => toNumber((await readRows(table))[0]?.[2])).toBe(largest);
    await capture(page, "explore-metrics");
    const rows = await readRows(table);
    expect(rows.length).toBeGreaterThan(50);
    for (const [name = "", , series] of rows) {
      expect([name, toNumber(series)]).toEqual([name, counts.get(name) ?? 0]);
    }
    await browserOf.getByLabel("Search in names and help").fill("requests_total completed");
    await expect
      .poll(async () => (await readRows(table)).map(([name]) => name))
      .toEqual(["api_requests_total"]);
    // The labels of a metric, with the series of each value.
    await browserOf.getByRole("button", { name: /^Labels of api_requests_total/ }).click();
    const labels = browserOf.getByRole("region", { name: "Labels of api_requests_total" });
    await labels.locator(".metric-label").first().waitFor();
    const status = labels.locator(".metric-label", {
      has: page.locator("code", { hasText: "status" }),
    });
    const { result: byStatus } = await query("count by (status) (api_requests_total)");
    expect((await status.locator("li").allInnerTexts()).toSorted()).toEqual(
      byStatus
        .map(
          ({ metric, value }: { metric: { status: string }; value: [number, string] }) =>
            `${metric.status} ${value[1]}`,
        )
        .toSorted(),
    );
    await status.getByRole("button", { name: "200" }).click();
    await expect
      .poll(() => page.getByLabel("Expression 1").innerText())
      .toContain('api_requests_total{status="200"}');
    // Labels by their number of values.
    await browserOf.getByText("Labels", { exact: true }).click();
    // The history changes: the page shows the reply that it got.
    const { data } = await (await counted).json();
    await expect
      .poll(async () => (await readRows(table)).length)
      .toBe(data.labelValueCountByLabelName.length);
    expect((await readRows(table)).map(([name, values]) => [name, toNumber(values)])).toEqual(
      data.labelValueCountByLabelName.map(({ name, value }: { name: string; value: number }) => [
        name,
        value,
      ]),
    );
    expect(faults).toEqual([]);
    await page.close();
  });

  it("offers examples whose metrics the server has, and runs several queries", async () => {
    const { page, faults } = await open("explore");
    const examples = page.getByRole("region", { name: "Examples" });
    await examples.getByRole("link").first().waitFor();
    expect(await examples.innerText()).not.toContain("node_");
    await examples.getByRole("link", { name: "Targets that respond" }).click();
    await page.locator(".query canvas").waitFor();
    await page.getByRole("button", { name: "Add a query" }).click();
    const second = page.getByLabel("Expression 2");
    await second.focus();
    await second.pressSequentially("vector(42)");
    await second.press("Enter");
    await expect.poll(() => page.locator(".query canvas").count()).toBe(2);
    expect(new URLSearchParams(page.url().split("?")[1]).getAll("q")).toEqual(["up", "vector(42)"]);
    await page.getByRole("button", { name: "Remove query 1" }).click();
    await expect.poll(() => page.getByLabel("Expression 1").innerText()).toBe("vector(42)");
    expect(faults).toEqual([]);
    await page.close();
  });

  it("fits 360 px in both themes", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const viewport = { width: 360, height: 740 };
      const { page, faults } = await open(
        `explore?view=tree&q=${encodeURIComponent(TREE)}&q=${encodeURIComponent(QUERY)}`,
        { viewport, colorScheme },
      );
      await page.locator(".tree-table").nth(1).waitFor();
      await page.getByRole("button", { name: "Metrics", exact: true }).click();
      await page.locator(".browser tbody tr").first().waitFor();
      expect(await findOverflow(page)).toBe(0);
      await capture(page, `explore-360-${colorScheme}`);
      expect(faults).toEqual([]);
      await page.close();
    }
  });

  it.runIf(hasProgram("prometheus"))(
    "explores a real Prometheus, which measures nodes by queries, and states when it is down",
    async () => {
      await using folder = await createFolder();
      const job = {
        job_name: "tepal",
        scrape_interval: "1s",
        static_configs: [{ targets: [new URL(source.server.url).host] }],
      };
      await writeFile(`${folder.path}/prometheus.yml`, JSON.stringify({ scrape_configs: [job] }));
      const prometheus = await startPrometheusWith([
        `--config.file=${folder.path}/prometheus.yml`,
        `--storage.tsdb.path=${folder.path}/data`,
      ]);
      let isStopped = false;
      const stop = async (): Promise<void> => {
        if (!isStopped) await prometheus[Symbol.asyncDispose]();
        isStopped = true;
      };
      await using cleanup = new AsyncDisposableStack();
      cleanup.defer(stop);
      await using server = await startServer(
        { prometheusUrl: prometheus.url },
        { consoleFolder: await buildConsole() },
      );
      const direct = async (expr: string, time: number): Promise<JsonValue> => {
        const parameters = new URLSearchParams({ query: expr, time: String(time) });
        const reply = await request(`${prometheus.url}/api/v1/query?${parameters}`);
        return ((await reply.body.json()) as JsonValue).data.result;
      };
      await until(async () => (await direct(QUERY, Date.now() / 1_000)).length > 1);
      const end = Date.now();
      const url = (view: string, expr: string): string =>
        `${server.url}/console/#/explore?view=${view}&q=${encodeURIComponent(expr)}&from=${end - 60_000}&to=${end}`;
      const { page, faults } = await openPage(browser, url("tree", QUERY));
      await page.getByText(`Source: Prometheus 2.42.0`).waitFor();
      expect(await page.locator(".source").innerText()).toContain(prometheus.url);
      // 2.42 has no syntax tree: the console's own parser makes it, and each node is a query.
      await page.getByRole("button", { name: "Measure the nodes with 2 queries" }).click();
      const table = page.locator(".tree-table");
      const expected = await Promise.all(
        [QUERY, "api_requests_total"].map(async (expr) =>
          String((await direct(expr, end / 1_000)).length),
        ),
      );
      await expect.poll(async () => (await readRows(table)).map((row) => row[1])).toEqual(expected);
      // Errors have the position of Prometheus's parser.
      const field = page.getByLabel("Expression 1");
      await rewrite(field, "sum(up) foo");
      await expect.poll(() => page.locator(".cm-lintRange-error").allInnerTexts()).toEqual(["foo"]);
      await stop();
      await rewrite(field, "up");
      await page.getByText("Table", { exact: true }).click();
      await field.press("Enter");
      await expect
        .poll(() => page.getByRole("alert").allInnerTexts())
        .toEqual([
          expect.stringMatching(
            /^The Prometheus at .* is unreachable: .*\. Check that it runs, and --prometheus-url\.$/,
          ),
        ]);
      await capture(page, "explore-prometheus-down");
      expect(faults).toEqual([]);
      await page.close();
    },
  );
});

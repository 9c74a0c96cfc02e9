import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatUnit } from "../../console/src/grafana/units.ts";
import { openBrowser } from "../support/browser.ts";
import {
  capture,
  findPanel,
  openPage,
  startServerWithTraffic,
  waitForData,
  type ServerWithTraffic,
} from "../support/console.ts";
import { createFolder } from "../support/folders.ts";
import type { JsonValue } from "../support/json.ts";
import { hasProgram } from "../support/programs.ts";
import type { TestServer } from "../support/server.ts";

const grid = (x: number, y: number, w: number, h = 6) => ({ gridPos: { x, y, w, h } });
const target = (expr: string, more: object = {}) => ({
  targets: [{ expr, refId: "A", ...more }],
});
const INSTANT = { instant: true, range: false };

/** A dashboard with what those of the package do not use. */
const OWN = {
  title: "Own",
  uid: "own",
  graphTooltip: 2,
  time: { from: "now-5m", to: "now" },
  templating: {
    list: [
      {
        type: "query",
        name: "status",
        label: "Status",
        multi: true,
        includeAll: true,
        query: 'label_values(api_requests_total{status=~"200|422"}, status)',
        sort: 3,
        current: { value: ["$__all"] },
      },
      { type: "custom", name: "word", query: "one, two words : two" },
    ],
  },
  annotations: {
    list: [
      { name: "Always", expr: "vector(1)", iconColor: "purple", textFormat: "all the time" },
      { name: "Never", expr: "vector(0)", enable: false },
    ],
  },
  links: [
    { type: "link", title: "Model", url: "/d/tepal-model/x?var-word=$word", keepTime: true },
    { type: "link", title: "Hostile", url: "javascript:document.title='broken in'" },
  ],
  panels: [
    {
      id: 1,
      type: "stat",
      title: "Status $status",
      repeat: "status",
      maxPerRow: 2,
      ...grid(0, 0, 6),
      ...target('sum(api_requests_total{status=~"$status"}) * 0 + 7', INSTANT),
    },
    {
      id: 2,
      type: "timeseries",
      title: "Not finite",
      ...grid(0, 6, 12),
      targets: ["vector(NaN)", "vector(1) / 0", "vector(-1) / 0", "vector(3)"].map(
        (expr, index) => ({ expr, refId: "ABCD"[index], legendFormat: "ABCD"[index] }),
      ),
      links: [{ title: "Docs of ${word}", url: "https://docs.example/${word}", targetBlank: true }],
    },
    { id: 3, type: "timeseries", title: "Broken", ...grid(12, 6, 12), ...target("rate(up[") },
    { id: 4, type: "timeseries", title: "Nothing", ...grid(0, 12, 6), ...target("absent_metric") },
    { id: 11, type: "timeseries", title: "Only NaN", ...grid(6, 12, 6), ...target("vector(NaN)") },
    {
      id: 5,
      type: "timeseries",
      title: "Earlier",
      timeFrom: "2m",
      timeShift: "1h",
      ...grid(12, 12, 12),
      ...target("vector(4)"),
    },
    { id: 6, type: "timeseries", title: "Slow", ...grid(0, 18, 24), ...target("vector(5)") },
    { id: 7, type: "text", title: "Words", options: { content: "No query" }, ...grid(0, 24, 24) },
  ],
};

describe.runIf(hasProgram("chromium"))("dashboards", () => {
  const resources = new AsyncDisposableStack();
  let browser: Browser;
  let server: TestServer;
  let toUrl: ServerWithTraffic["toUrl"];
  beforeAll(async () => {
    browser = await openBrowser();
    resources.defer(() => browser.close());
    const folder = resources.use(await createFolder());
    await writeFile(join(folder.path, "own.json"), JSON.stringify({ dashboard: OWN }));
    await writeFile(join(folder.path, "broken.json"), "{");
    ({ server, toUrl } = resources.use(await startServerWithTraffic({ dashboards: folder.path })));
  });
  afterAll(() => resources.disposeAsync());

  it("list the files of the folder, also one that cannot be drawn", async () => {
    const { page, faults } = await openPage(browser, toUrl("dashboards"));
    const card = page.locator(".dashboard-card", { hasText: "broken" });
    expect(await card.innerText()).toMatch(/Cannot be drawn\. Expected JSON/);
    await capture(page, "dashboard-list");
    await page.getByRole("link", { name: "Own", exact: true }).click();
    await page.getByRole("heading", { name: "Own", exact: true }).waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  it("repeat panels for the values of a variable, and follow its choice", async () => {
    const { page, faults } = await openPage(browser, toUrl("dashboards/own"));
    await waitForData(page);
    const repeated = page.locator(".panel", { hasText: /^Status / });
    const titles = () => repeated.getByRole("heading").allInnerTexts();
    expect(await titles()).toEqual(["Status 200", "Status 422"]);
    expect(await repeated.locator(".big-value").allInnerTexts()).toEqual(["7", "7"]);
    await page.getByRole("button", { name: "Status: All" }).click();
    await page.getByLabel("422", { exact: true }).click();
    await expect.poll(titles).toEqual(["Status 422"]);
    expect(page.url()).toContain("var-status=422");
    // The link keeps the time and fills in the variable; the hostile one is not there.
    const href = await page.locator(".siblings a", { hasText: "Model" }).getAttribute("href");
    expect(href).toMatch(/^#\/dashboards\/tepal-model\?var-word=one&from=\d+&to=\d+$/);
    expect(await page.getByText("Hostile").count()).toBe(0);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("show gaps, no data, errors, own times and annotations", async () => {
    const { page, faults } = await openPage(browser, toUrl("dashboards/own"));
    await waitForData(page);
    await capture(page, "dashboard-own");
    expect(await findPanel(page, "Nothing").innerText()).toContain("No data");
    await findPanel(page, "Only NaN").locator(".plot canvas").waitFor();
    expect(await findPanel(page, "Only NaN").locator(".plot").innerText()).toBe("No data");
    // The range was chosen by its dates: it is moved, but not replaced.
    expect(await findPanel(page, "Earlier").locator(".panel-time").innerText()).toBe("1h earlier");
    const broken = findPanel(page, "Broken");
    await expect.poll(() => broken.innerText()).toMatch(/parse error: unexpected end of input/);
    await broken.getByRole("button", { name: "Try again" }).waitFor();
    // Values that no chart can draw are in the tooltip and in the table, and the annotation is with them.
    const plot = findPanel(page, "Not finite").locator(".plot");
    await plot.locator("canvas").waitFor();
    const status = findPanel(page, "Not finite").locator('p[role="status"]');
    // The annotation may come after the samples.
    const readLast = async (): Promise<string> => {
      await plot.press("End");
      return await status.innerText();
    };
    await expect.poll(readLast).toMatch(/Always all the time.*A NaN.*D 3/);
    await page.getByLabel("Always").uncheck();
    await expect.poll(readLast).toMatch(/^(?!.*Always).*A NaN.*D 3/);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("are complete when variables are known after the panels are in view", async () => {
    const { page } = await openPage(browser, "about:blank");
    await page.setViewportSize({ width: 1_280, height: 2_000 });
    const known = Promise.withResolvers<void>();
    await page.route(/\/label\/status\/values/, async (route) => {
      await known.promise;
      await route.continue();
    });
    await page.goto(toUrl("dashboards/own"));
    const words = findPanel(page, "Words");
    await expect.poll(() => words.getAttribute("aria-busy")).toBe("true");
    known.resolve();
    await expect.poll(() => words.getAttribute("aria-busy")).toBe("false");
    await page.close();
  });

  it("cancel and repeat a slow query", async () => {
    const { page } = await openPage(browser, "about:blank");
    let release = (): void => {};
    await page.route(/query_range\?query=vector%285%29/, async (route) => {
      await new Promise<void>((resolve) => (release = resolve));
      await route.continue().catch(() => {});
    });
    await page.goto(toUrl("dashboards/own"));
    const slow = findPanel(page, "Slow");
    await slow.getByRole("button", { name: "Cancel" }).click();
    await slow.getByText("Cancelled.").waitFor();
    await page.unroute(/query_range\?query=vector%285%29/);
    release();
    await slow.getByRole("button", { name: "Try again" }).click();
    await slow.locator("canvas").waitFor();
    expect(await slow.getByText("Cancelled.").count()).toBe(0);
    await page.close();
  });

  it("work by keyboard: view, table, Explore, zoom out and back", async () => {
    const { page, faults } = await openPage(browser, toUrl("dashboards/tepal-overview"));
    await waitForData(page);
    const panel = findPanel(page, "Requests by status");
    await panel.locator(".plot").focus();
    await page.keyboard.press("t");
    await panel.locator("tbody tr").first().waitFor();
    await panel.getByRole("button", { name: /^Menu of/ }).focus();
    await page.keyboard.press("v");
    await expect.poll(() => page.locator(".panel").count()).toBe(1);
    expect(page.url()).toMatch(/viewPanel=\d+/);
    await page.reload();
    await panel.locator("canvas").waitFor();
    expect(await page.locator(".panel").count()).toBe(1);
    await page.keyboard.press("Escape");
    await panel.locator("canvas").waitFor();
    // The focus is on the same panel.
    await expect
      .poll(() => page.evaluate("document.activeElement.getAttribute('aria-label')"))
      .toBe("Menu of Requests by status");
    const readSpan = (): number => {
      const parameters = new URLSearchParams(page.url().split("?")[1]);
      return Number(parameters.get("to")) - Number(parameters.get("from"));
    };
    const span = readSpan();
    await page.keyboard.press("z");
    await expect.poll(readSpan).toBe(2 * span);
    await page.goBack();
    await expect.poll(readSpan).toBe(span);
    await panel.locator("canvas").waitFor();
    await panel.getByRole("button", { name: /^Menu of/ }).focus();
    await page.keyboard.press("e");
    await page.getByLabel("Expression 1").waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  it("download the data and the picture of a panel", async () => {
    const { page, faults } = await openPage(browser, "about:blank");
    const replies: Promise<JsonValue>[] = [];
    page.on("response", (reply) => {
      if (/query_range\?query=sum\+by\+%28status%29/.test(reply.url())) replies.push(reply.json());
    });
    await page.goto(toUrl("dashboards/tepal-overview"));
    await waitForData(page);
    const panel = findPanel(page, "Requests by status");
    const save = async (item: string): Promise<{ name: string; content: Buffer }> => {
      await panel.getByRole("button", { name: /^Menu of/ }).click();
      const started = page.waitForEvent("download");
      await panel.getByRole("button", { name: item }).click();
      const file = await started;
      return { name: file.suggestedFilename(), content: await readFile(await file.path()) };
    };
    const csv = await save("Download CSV");
    expect(csv.name).toBe("requests-by-status.csv");
    const [head = "", ...lines] = csv.content.toString().trim().split("\r\n");
    const rows = lines.map((line) => line.split(","));
    const series = (await Promise.all(replies)).flatMap(({ data }) => data.result);
    expect(series.length).toBeGreaterThan(1);
    for (const { metric, values } of series) {
      const column = head.split(",").indexOf(metric.status);
      const byTime = new Map(rows.map((row) => [Date.parse(row[0]!) / 1_000, row[column]]));
      for (const [time, value] of values) {
        expect([metric.status, time, Number(byTime.get(time))]).toEqual([
          metric.status,
          time,
          Number(value),
        ]);
      }
    }
    const png = await save("Download PNG");
    expect(png.name).toBe("requests-by-status.png");
    const box = (await panel.boundingBox())!;
    // Width and height stand in the header of a PNG; the picture is twice as sharp.
    expect([png.content.readUInt32BE(16), png.content.readUInt32BE(20)]).toEqual([
      Math.ceil(box.width * 2),
      Math.ceil(box.height * 2),
    ]);
    expect(await countColours(page, png.content)).toBeGreaterThan(20);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("query only panels in view, and each query once", async () => {
    const options = { viewport: { width: 1280, height: 700 } };
    const url = toUrl("dashboards/tepal-resources");
    const { page, queries } = await openPage(browser, url, options);
    await waitForData(page);
    const before = queries.length;
    expect(new Set(queries).size).toBe(before);
    await page.keyboard.press("End");
    await expect.poll(() => queries.length).toBeGreaterThan(before);
    expect(new Set(queries).size).toBe(queries.length);
    await page.close();
  });

  it("show the newest values of the API in the tables of all charts", async () => {
    let compared = 0;
    const { json: list } = await server.get("/console/dashboards");
    const names = list.dashboards.map((each: { name: string }) => each.name);
    for (const name of names.filter((each: string) => each.startsWith("tepal-"))) {
      const { page, faults } = await openPage(browser, "about:blank");
      const replies: Promise<readonly [string, JsonValue]>[] = [];
      page.on("response", (reply) => {
        const { searchParams } = new URL(reply.url());
        if (!reply.url().includes("/query_range?")) return;
        replies.push(reply.json().then((json: JsonValue) => [searchParams.get("query")!, json]));
      });
      await page.goto(toUrl(`dashboards/${name}`));
      await waitForData(page);
      const results = new Map(await Promise.all(replies));
      const { json } = await server.get(`/console/dashboards/${name}`);
      const tables = await readTables(page);
      for (const panel of json.panels) {
        const isPlain =
          panel.type === "timeseries" &&
          panel.targets.length === 1 &&
          panel.fieldConfig.overrides.length === 0 &&
          panel.fieldConfig.defaults.mappings === undefined;
        if (!isPlain) continue;
        const pattern = toPattern(panel.targets[0].expr);
        const [result] = [...results]
          .filter(([query]) => pattern.test(query))
          .map(([, reply]) => reply.data.result);
        if (result === undefined || result.length === 0 || result.length > 20) continue;
        const { unit = "", decimals } = panel.fieldConfig.defaults;
        const newest = Math.max(
          ...result.map(({ values }: { values: [number, string][] }) => values.at(-1)![0]),
        );
        const expected = result
          .filter(({ values }: { values: [number, string][] }) => values.at(-1)![0] === newest)
          .map(({ values }: { values: [number, string][] }) => {
            const { prefix, text, suffix } = formatUnit(unit, Number(values.at(-1)![1]), decimals);
            return `${prefix}${text}${suffix}`;
          });
        const cells = tables.get(panel.title) ?? [];
        const shown = cells.map((cell) => cell.trim()).filter((cell) => cell !== "");
        expect([name, panel.title, shown.toSorted()]).toEqual([
          name,
          panel.title,
          expected.toSorted(),
        ]);
        compared++;
      }
      expect(faults).toEqual([]);
      await page.close();
    }
    expect(compared).toBeGreaterThan(10);
  });
});

/** Shows all charts as tables, by their key, and returns the cells of the newest row of each by the title of the panel. */
async function readTables(page: Page): Promise<ReadonlyMap<string, readonly string[]>> {
  await page.evaluate(`
    for (const plot of document.querySelectorAll(".panel .plot[tabindex]")) {
      plot.focus();
      plot.dispatchEvent(new KeyboardEvent("keydown", { key: "t", bubbles: true }));
    }
  `);
  await expect.poll(() => page.locator(".panel .plot[tabindex]").count()).toBe(0);
  await waitForData(page);
  return new Map(
    await page.evaluate<[string, string[]][]>(`
      [...document.querySelectorAll(".panel")].map((panel) => [
        panel.querySelector("h3").textContent,
        [...panel.querySelectorAll(".table-frame tbody tr:first-child td")].map((cell) => cell.textContent),
      ])
    `),
  );
}

/** Returns a pattern of the queries that an expression with variables becomes. */
function toPattern(expr: string): RegExp {
  const parts = expr.split(/\$\{?\w+\}?/).map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('[^"\\]]*?')}$`, "s");
}

/** Returns the number of colors in a picture. */
async function countColours(page: Page, png: Buffer): Promise<number> {
  return page.evaluate<number>(`(async () => {
    const bytes = Uint8Array.from(atob("${png.toString("base64")}"), (each) => each.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    return new Set(new Uint32Array(data.buffer)).size;
  })()`);
}

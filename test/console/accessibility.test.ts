import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toPercentileQuery, toSpan } from "../../console/src/load/server/server-measurements.ts";
import { formatMs } from "../../console/src/lib/format.ts";
import { createKey, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { findAxeViolations, findViolations, resize } from "../support/accessibility.ts";
import { openBrowser } from "../support/browser.ts";
import {
  buildConsole,
  openPage,
  startServerWithTraffic,
  type ServerWithTraffic,
} from "../support/console.ts";
import { createFolder } from "../support/folders.ts";
import { walkByTab } from "../support/keyboard-walk.ts";
import { startTcp } from "../support/load.ts";
import { startLoadPage, type TestPage } from "../support/load-page.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/workers.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Every page of the console: a new one is covered as soon as it is registered. */
const PAGES = [
  ...(await readFile(`${ROOT}/console/src/shell/pages.ts`, "utf8")).matchAll(/\bid: "([\w-]+)"/g),
].map(([, id]) => id!);
const TITLES = new Map(
  [
    ...(await readFile(`${ROOT}/console/src/shell/pages.ts`, "utf8")).matchAll(
      /\bid: "([\w-]+)",\s+title: "([^"]+)"/g,
    ),
  ].map(([, id, title]) => [id!, title!]),
);
/** States of pages, with a part that shows that the state is there. */
const STATES: readonly (readonly [path: string, part: string])[] = [
  ["absent", "main :text('There is no such page')"],
  ["dashboards/tepal-overview", ".panel canvas"],
  ["dashboards/tepal-overview?viewPanel=4", ".panel.is-full"],
  ["dashboards/absent", "main .empty"],
  ["explore?q=rate(", ".query [role=alert]"],
  ["explore?q=up&view=graph", ".query canvas"],
  ["explore?q=sum(up)&view=tree", ".query [role=tree], .query table"],
  ["explore?q=sum(up)&view=explain", ".explanation"],
  ["try?view=csv", ".try-grid.is-batch"],
  ["model/absent", "main :text('There is no such model')"],
  ["load/history", "main table"],
  ["load/server", "figure canvas"],
  ["load/runs/absent", "main .empty"],
];
/** Dialogs and menus, with the button that opens them. */
const DIALOGS: readonly {
  readonly name: string;
  readonly path: string;
  readonly opener: string;
  readonly part: string;
}[] = [
  { name: "help", path: "status", opener: "[title^='Keyboard shortcuts']", part: "dialog[open]" },
  { name: "search", path: "status", opener: "[aria-label^='Search pages']", part: "dialog[open]" },
  {
    name: "silence",
    path: "alerts",
    opener: "button:text-is('New silence')",
    part: "dialog[open]",
  },
  {
    name: "deletion of a run",
    path: "load/history",
    opener: "main td button[aria-label^='Delete']",
    part: "dialog[open]",
  },
  {
    name: "menu of a panel",
    path: "dashboards/tepal-overview",
    opener: ".panel .dropdown-button",
    part: ".dropdown-panel",
  },
  {
    name: "menu of the time range",
    path: "explore",
    opener: ".time-controls .dropdown-button",
    part: ".dropdown-panel",
  },
  {
    name: "menu of the history of queries",
    path: "explore",
    opener: "main .dropdown-button:has-text('History')",
    part: ".dropdown-panel",
  },
];
/** States that a button leads to. */
const AFTER: readonly (readonly [path: string, button: string, part: string])[] = [
  ["try", "Predict", "main .predicted-value"],
  ["explore", "Metrics", "section[aria-label='Metrics browser'] table"],
];
/** Pages with charts. */
const CHARTS = ["model", "try", "load/charts", "load/server", "dashboards/tepal-latency"];
/** The interval of the scrapes of startServerWithTraffic. */
const SCRAPE_SECONDS = 0.5;
const SCRIPT = `
import { constant, defineUser, task } from "tepal/load";
const get = (user) => user.get("/health/live");
export default defineUser({ waitTime: constant(0.05), tasks: [task(1, get)] });
`;

describe.runIf(hasProgram("chromium"))("every page of the console", () => {
  const resources = new AsyncDisposableStack();
  let browser: Browser;
  let traffic: ServerWithTraffic;
  let load: TestPage;
  beforeAll(async () => {
    let port = 0;
    // The load page needs the server's URL, and the server that of the load page.
    const relay = resources.use(
      await startTcp((socket) => {
        const server = connect(port, "127.0.0.1").on("error", () => socket.destroy());
        socket.on("close", () => server.destroy()).pipe(server);
        server.on("close", () => socket.destroy()).pipe(socket);
      }),
    );
    load = resources.use(await startLoadPage({ script: SCRIPT, host: relay.url }));
    traffic = resources.use(await startServerWithTraffic({ loadPage: load.url }));
    port = Number(new URL(traffic.server.url).port);
    browser = await openBrowser();
    resources.defer(() => browser.close());
  });
  afterAll(() => resources.disposeAsync());

  it("measures a run of the load test at the client and in the server", async () => {
    const { page, faults } = await openPage(browser, `${traffic.server.url}/console/#/load`);
    await page.getByLabel("Users", { exact: true }).fill("3");
    await page.getByLabel("Spawn rate", { exact: true }).fill("10");
    await page.getByRole("button", { name: "Start the run" }).click();
    await page.getByRole("tab", { name: "Client and server" }).click();
    await page.locator("figure canvas").nth(5).waitFor();
    await expect.poll(() => load.loadTest.report().elapsed_seconds).toBeGreaterThan(3);
    await page.getByRole("button", { name: "Stop" }).click();
    await expect.poll(() => load.loadTest.report().ended_at_ms).not.toBeNull();
    const report = load.loadTest.report();
    expect(report.plan.host).not.toBe(traffic.server.url);

    // The page shows what the Prometheus API replies for the time of the run.
    const { start, end } = toSpan(report, SCRAPE_SECONDS, Date.now() + 60_000);
    const query = toPercentileQuery(0.95, `${Math.ceil(end - start)}s`);
    await until(() => Date.now() / 1_000 > end + SCRAPE_SECONDS);
    const p95 = page.getByRole("row", { name: /^p95/ }).getByRole("cell");
    // The last scrape of the run may still be on its way.
    const readBoth = async (): Promise<readonly string[]> => {
      const { json } = await traffic.server.get(
        `/prometheus/api/v1/query?${new URLSearchParams({ query, time: String(end) })}`,
      );
      return [await p95.nth(1).innerText(), formatMs(Number(json.data.result[0].value[1]))];
    };
    await expect.poll(async () => new Set(await readBoth()).size).toBe(1);
    expect(await p95.nth(0).innerText()).toBe(formatMs(report.total.service_time.p95_ms));
    expect(faults).toEqual([]);
    await page.close();
  });

  it("is registered", () => {
    expect(PAGES).toHaveLength(9);
  });

  describe("without a violation, and all of it by keyboard", () => {
    let page: Page;
    let faults: readonly string[];
    beforeAll(async () => {
      ({ page, faults } = await openPage(browser, traffic.toUrl(PAGES[0]!), {
        viewport: { width: 1_440, height: 900 },
        reducedMotion: "reduce",
      }));
    });

    /** Goes to a place of the console, without loading it again. */
    const go = (path: string): Promise<unknown> =>
      page.evaluate(`location.href = ${JSON.stringify(traffic.toUrl(path))}`);

    it.each(PAGES.map((id) => [id]))("is %s", async (id) => {
      await go(id);
      await waitForPage(page, id);
      expect(await findViolations(page)).toEqual([]);
      // All panels are in view, so that none of them changes during the walk.
      await resize(page, 1_440, 5_000);
      await waitUntilLoaded(page);
      expect(await walkByTab(page)).toEqual([]);
      expect(faults).toEqual([]);
    });

    it.each(STATES)("is the state %s", async (path, part) => {
      await go(path);
      await page.locator(part).first().waitFor();
      await waitUntilLoaded(page);
      expect(await findViolations(page)).toEqual([]);
      expect(faults).toEqual([]);
    });

    it.each(AFTER)("is %s after %s", async (path, name, part) => {
      await go(path);
      await waitUntilLoaded(page);
      await page.getByRole("main").getByRole("button", { name, exact: true }).press("Enter");
      await page.locator(part).first().waitFor();
      await waitUntilLoaded(page);
      expect(await findViolations(page)).toEqual([]);
      await resize(page, 1_440, 3_000);
      expect(await walkByTab(page)).toEqual([]);
      expect(faults).toEqual([]);
    });

    it("is the menu of the pages on a narrow screen, which Escape closes", async () => {
      await go("status");
      await waitForPage(page, "status");
      await resize(page, 360);
      const button = page.getByRole("button", { name: "Menu, page Status" });
      await button.press("Enter");
      const menu = page.locator(".top-bar .dropdown-panel");
      await menu.waitFor();
      expect(await findAxeViolations(page, ".top-bar")).toEqual([]);
      await page.keyboard.press("Escape");
      await menu.waitFor({ state: "detached" });
      await button.and(page.locator(":focus")).waitFor();
      await resize(page, 1_440);
      expect(faults).toEqual([]);
    });

    it.each(DIALOGS)("is the $name, which Escape closes", async ({ path, opener, part }) => {
      await go(path);
      const button = page.locator(opener).first();
      await button.waitFor();
      await waitUntilLoaded(page);
      const dialog = page.locator(part);
      const open = async (): Promise<void> => {
        await button.focus();
        await page.keyboard.press("Enter");
        await dialog.waitFor();
      };
      await open();
      expect(await findViolations(page, part)).toEqual([]);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      await open();
      if (part === "dialog[open]") expect(await walkByTab(page, part)).toEqual([]);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      await button.and(page.locator(":focus")).waitFor();
      expect(faults).toEqual([]);
    });

    it.each(CHARTS)("reads the charts of %s by arrow keys, and as tables by t", async (path) => {
      await go(path);
      const chart = page.locator("main [aria-roledescription=chart]").first();
      await chart.locator("canvas, svg, .bin").first().waitFor();
      await waitUntilLoaded(page);
      const title = await chart.getAttribute("aria-label");
      const readStatus = (): Promise<readonly string[]> =>
        page.locator("main").getByRole("status").allTextContents();
      const before = await readStatus();
      await chart.focus();
      await page.keyboard.press("ArrowLeft");
      await expect.poll(readStatus).not.toEqual(before);
      const same = page.locator(`main [aria-label=${JSON.stringify(title)}]`);
      await page.keyboard.press("t");
      await same.waitFor({ state: "detached" });
      expect(
        await page.evaluate("document.activeElement.closest('[data-charts], .panel') !== null"),
      ).toBe(true);
      expect(await page.locator("main table td").count()).toBeGreaterThan(0);
      await page.keyboard.press("t");
      await same.waitFor();
      expect(faults).toEqual([]);
    });

    it("is the API's documentation", async () => {
      await page.goto(`${traffic.server.url}/docs`);
      await page.locator("main h2").first().waitFor();
      expect(await findViolations(page)).toEqual([]);
      expect(await walkByTab(page)).toEqual([]);
      expect(faults).toEqual([]);
    });
  });

  it("has no violation without a monitor, nor where a key is missing", async () => {
    const consoleFolder = await buildConsole();
    const folder = resources.use(await createFolder());
    const apiKeysFile = `${folder.path}/keys.json`;
    await writeKeysFile(apiKeysFile, [
      createKey("predict", "predict", "2026-01-01T00:00:00.000Z").stored,
    ]);
    await using bare = await startServer({}, { consoleFolder });
    await using locked = await startServer({ apiKeysFile, monitor: true }, { consoleFolder });
    // All pages that need the same have the same state.
    for (const { url } of [bare, locked]) {
      const { page, faults } = await openPage(browser, `${url}/console/#/dashboards`);
      for (const id of ["dashboards", "load"]) {
        await page.evaluate(`location.hash = "#/${id}"`);
        await waitForPage(page, id);
        expect([url, id, await findViolations(page)]).toEqual([url, id, []]);
        expect([url, id, await walkByTab(page)]).toEqual([url, id, []]);
      }
      expect(faults).toEqual([]);
      await page.close();
    }
  });
});

/** Waits for the content of a page, whose title may begin with a state. */
async function waitForPage(page: Page, id: string): Promise<void> {
  await expect
    .poll(async () => `· ${await page.title()}`)
    .toMatch(new RegExp(`· ${TITLES.get(id)} · Tepal$`));
  await waitUntilLoaded(page);
}

async function waitUntilLoaded(page: Page): Promise<void> {
  await page.locator("main > *").first().waitFor();
  await expect.poll(() => page.locator('main .spinner, main [aria-busy="true"]').count()).toBe(0);
}

import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toPercentileQuery, toSpan } from "../../console/src/load/server/server-measurements.ts";
import { formatMs } from "../../console/src/lib/format.ts";
import { createKey, writeKeysFile } from "../../src/http/access/api-keys.ts";
import { openBrowser } from "../support/browser.ts";
import {
  buildConsole,
  findOverflow,
  openPage,
  startServerWithTraffic,
  type ServerWithTraffic,
} from "../support/console.ts";
import { createFolder } from "../support/folders.ts";
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
/** States of pages that need more than the page's id. */
const STATES = [
  "absent",
  "dashboards/tepal-overview",
  "dashboards/absent",
  "explore?q=rate(",
  "load/history",
  "load/server",
  "load/runs/absent",
  "learn/first-steps",
  "learn/absent",
];
const WIDTHS = [360, 1_440, 2_560];
/** The interval of the scrapes of startServerWithTraffic. */
const SCRAPE_SECONDS = 0.5;
const SCRIPT = `
import { constant, defineUser, task } from "tepal/load";
const get = (user) => user.get("/health/live");
export default defineUser({ waitTime: constant(0.05), tasks: [task(1, get)] });
`;

describe.runIf(hasProgram("chromium"))("every page of the console", { timeout: 120_000 }, () => {
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
    const { json } = await traffic.server.get(
      `/prometheus/api/v1/query?${new URLSearchParams({ query, time: String(end) })}`,
    );
    const expected = formatMs(Number(json.data.result[0].value[1]));
    const p95 = page.getByRole("row", { name: /^p95/ }).getByRole("cell");
    await expect.poll(() => p95.nth(1).innerText()).toBe(expected);
    expect(await p95.nth(0).innerText()).toBe(formatMs(report.total.service_time.p95_ms));
    expect(faults).toEqual([]);
    await page.close();
  });

  it("is registered", () => {
    expect(PAGES).toHaveLength(9);
  });

  it.each([...PAGES, ...STATES])("has no violation at #/%s", async (path) => {
    const problems = await findProblems(browser, traffic.toUrl(path));
    expect(problems).toEqual([]);
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
    for (const url of [
      `${bare.url}/console/#/dashboards`,
      `${bare.url}/console/#/load`,
      `${locked.url}/console/#/dashboards`,
      `${locked.url}/console/#/load`,
    ]) {
      expect([url, await findProblems(browser, url)]).toEqual([url, []]);
    }
  });
});

/** Returns violations, errors, and parts that are too wide, in light and dark and in several widths. */
async function findProblems(browser: Browser, url: string): Promise<readonly string[]> {
  const { page, faults } = await openPage(browser, url, {
    viewport: { width: 1_440, height: 900 },
    reducedMotion: "reduce",
  });
  await waitUntilLoaded(page);
  await page.evaluate(axe.source);
  const problems = await runAxe(page, "light, 1440 px");
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    // Charts follow the width in the next frame.
    await expect
      .poll(() => findOverflow(page), { timeout: 2_000 })
      .toBe(0)
      .catch(async () => problems.push(`${await findOverflow(page)} px too wide at ${width} px`));
    if (width === WIDTHS[0]) problems.push(...(await runAxe(page, `dark, ${width} px`)));
  }
  const moving = await page.evaluate<number>(
    "document.getAnimations().filter(({ effect }) => effect.getTiming().iterations === Infinity).length",
  );
  if (moving > 0) problems.push(`${moving} animations despite reduced motion`);
  await page.close();
  return [...problems, ...faults];
}

async function waitUntilLoaded(page: Page): Promise<void> {
  await page.locator("main > *").first().waitFor();
  await expect.poll(() => page.locator('main .spinner, main [aria-busy="true"]').count()).toBe(0);
}

async function runAxe(page: Page, state: string): Promise<string[]> {
  // Colors change within a frame, also with reduced motion.
  await expect.poll(() => page.evaluate<number>("document.getAnimations().length")).toBe(0);
  const { violations } = await page.evaluate<axe.AxeResults>(
    'axe.run(document, { resultTypes: ["violations"] })',
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) =>
      [state, id, help, String(target), failureSummary].join(" | "),
    ),
  );
}

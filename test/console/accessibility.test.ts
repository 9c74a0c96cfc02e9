import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
import { startLoadPage } from "../support/load-page.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer } from "../support/server.ts";

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
  "explore?q=sum%20by%20(route)%20(rate(api_requests_total%5B1m%5D))",
  "explore?q=rate(",
  "load/history",
  "load/charts",
  "load/download",
  "load/runs/absent",
];
const WIDTHS = [360, 768, 1_440, 2_560];
const SCRIPT = `
import { constant, defineUser, task } from "tepal/load";
const get = (user) => user.get("/health/live");
export default defineUser({ waitTime: constant(0.05), tasks: [task(1, get)] });
`;

describe.runIf(hasProgram("chromium"))("every page of the console", { timeout: 120_000 }, () => {
  const resources = new AsyncDisposableStack();
  let browser: Browser;
  let traffic: ServerWithTraffic;
  beforeAll(async () => {
    const target = resources.use(await startServer());
    const load = resources.use(await startLoadPage({ script: SCRIPT, host: target.url }));
    await load.run({ profile: { kind: "users", users: 2, spawn_rate: 10 }, run_time_seconds: 1 });
    traffic = resources.use(await startServerWithTraffic({ loadPage: load.url }));
    browser = await openBrowser();
    resources.defer(() => browser.close());
  });
  afterAll(() => resources.disposeAsync());

  it("is registered", () => {
    expect(PAGES).toEqual(expect.arrayContaining(["dashboards", "explore", "load"]));
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
    for (const url of [bare.url, locked.url]) {
      for (const id of PAGES) {
        expect([id, await findProblems(browser, `${url}/console/#/${id}`)]).toEqual([id, []]);
      }
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

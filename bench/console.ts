import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import type { Browser, CDPSession, Page } from "playwright-core";
import { openBrowser } from "../test/support/browser.ts";
import { startServer } from "../test/support/server.ts";
import { measureMemory } from "./console-memory.ts";
import { measureRefresh, openPage } from "./console-page.ts";
import { MANY_SERIES, PANELS, SERIES, startSite } from "./console-site.ts";
import { tracePage, type PageWork } from "./page-trace.ts";
import { formatSpread } from "./statistics.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LOADS = 5;
const REFRESHES = 5;
/** Kinds of work of the page's thread that are printed. */
const KINDS = 8;

/**
 * Measures the dashboards of the console in Chromium. A Tepal server forwards the queries to a program that replies with made-up series
 * (`--prometheus-url`), so that a panel has exactly 20 series of an hour; the first dashboard is that of a server with its own history.
 * Wall times contain what other processes took; processor times of the page's main thread do not.
 *
 * - `--only first|panels|memory|series`
 * - `--refreshes N`: of the memory step, one a second; default 600
 * - `--profile FILE`: writes a profile of the processor for a refresh of all panels (`.cpuprofile`), instead of measuring
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      refreshes: { type: "string", default: "600" },
      only: { type: "string" },
      profile: { type: "string" },
    },
  });
  await promisify(execFile)(process.execPath, ["scripts/build-console.ts", "--if-needed"], {
    cwd: ROOT,
  });
  const browser = await openBrowser();
  const { profile } = values;
  const steps =
    profile === undefined
      ? {
          first: () => measureFirst(browser),
          panels: () => measurePanels(browser),
          series: () => measureManySeries(browser),
          memory: () => measureMemory(browser, Number(values.refreshes)),
        }
      : { profile: () => profileRefresh(browser, profile) };
  try {
    for (const [name, step] of Object.entries(steps)) {
      if (values.only === undefined || values.only === name) await step();
    }
  } finally {
    await browser.close();
  }
}

/** Time from the navigation until all visible panels of the overview have drawn their data, with an empty cache. */
async function measureFirst(browser: Browser): Promise<void> {
  await using server = await startServer({
    monitor: true,
    persist: false,
    scrapeInterval: 0.5,
  });
  const names = ["sepal_length", "sepal_width", "petal_length", "petal_width"];
  const row = Object.fromEntries(names.map((name, index) => [name, 5.1 - index]));
  for (let count = 0; count < 50; count++) await server.post("/predict", row);
  await waitForHistory(server.url);
  const times: number[] = [];
  const works: PageWork[] = [];
  for (let load = 0; load < LOADS; load++) {
    const page = await openPage(browser, 900);
    const session = await page.context().newCDPSession(page);
    const { result, work } = await tracePage(session, async () => {
      await page.goto(`${server.url}/console/#/dashboards/tepal-overview?refresh=`);
      return page.evaluate<number>("__settled()");
    });
    times.push(result);
    works.push(work);
    await page.context().close();
  }
  print("first dashboard, empty cache", times);
  printWork(works);
}

async function waitForHistory(url: string): Promise<void> {
  for (;;) {
    const query = encodeURIComponent('count_over_time(up{job="tepal"}[1m]) > 3 or up');
    const reply = await fetch(`${url}/prometheus/api/v1/query?query=${query}`);
    const json = (await reply.json()) as { data: { result: readonly unknown[] } };
    if (json.data.result.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function measurePanels(browser: Browser): Promise<void> {
  await using site = await startSite();
  for (const [name, height] of [
    ["24 in view", 900],
    ["all in view", 5_100],
  ] as const) {
    const page = await openPage(browser, height);
    await page.goto(`${site.url}/console/#/dashboards/panels`);
    await page.evaluate("__settled()");
    await measureRefreshes(page, `${PANELS} panels × ${SERIES} series, ${name}`);
    await page.context().close();
  }
}

async function measureManySeries(browser: Browser): Promise<void> {
  await using site = await startSite();
  const page = await openPage(browser, 900);
  await page.goto(`${site.url}/console/#/dashboards/many`);
  await page.evaluate("__settled()");
  await measureRefreshes(page, `${MANY_SERIES} series in a reply`);
  await page.context().close();
}

async function measureRefreshes(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const times: number[] = [];
  const works: PageWork[] = [];
  for (let refresh = 0; refresh < REFRESHES; refresh++) {
    const { result, work } = await tracePage(session, () => measureRefresh(page));
    times.push(result);
    works.push(work);
  }
  print(`${name}: refresh`, times);
  printWork(works);
}

/** Writes a profile of the refreshes of 100 panels in view. */
async function profileRefresh(browser: Browser, file: string): Promise<void> {
  await using site = await startSite();
  const page = await openPage(browser, 5_100);
  await page.goto(`${site.url}/console/#/dashboards/panels`);
  await page.evaluate("__settled()");
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send("Profiler.enable");
  await session.send("Profiler.setSamplingInterval", { interval: 200 });
  await session.send("Profiler.start");
  for (let refresh = 0; refresh < REFRESHES; refresh++) await measureRefresh(page);
  const { profile } = await session.send("Profiler.stop");
  await writeFile(file, JSON.stringify(profile));
  console.log(`${REFRESHES} refreshes of ${PANELS} panels: ${file}`);
}

function print(name: string, values: readonly number[]): void {
  const rounded = values.map((value) => Math.round(value));
  console.log(`${name.padEnd(52)} ${formatSpread(rounded)} ms`);
}

function printWork(works: readonly PageWork[]): void {
  const list = (read: (work: PageWork) => number): readonly number[] => works.map(read);
  print(
    "  processor time of the page's thread",
    list(({ processorMs }) => processorMs),
  );
  print(
    "  longest task, processor time",
    list(({ longestProcessorMs }) => longestProcessorMs),
  );
  print(
    "  longest task, wall time",
    list(({ longestWallMs }) => longestWallMs),
  );
  const kinds = works
    .at(-1)!
    .kinds.slice(0, KINDS)
    .map(([kind, time]) => `${kind} ${Math.round(time)}`);
  console.log(`  the last by kind of work, ms of processor time: ${kinds.join(", ")}`);
}

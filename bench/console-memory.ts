import type { Browser } from "playwright-core";
import { measureRefresh, openPage } from "./console-page.ts";
import { startSite } from "./console-site.ts";

const MEGABYTE = 1_000_000;
/** Refreshes before the first look: code and caches are filled. */
const WARM_UP = 20;
/** Looks after the first. */
const LOOKS = 6;
/** Milliseconds from a refresh to the next. */
const INTERVAL_MS = 1_000;

/** Refreshes a dashboard of 100 panels once a second, and prints heap and DOM nodes after garbage collections. */
export async function measureMemory(browser: Browser, refreshes: number): Promise<void> {
  await using site = await startSite();
  const page = await openPage(browser, 900);
  await page.goto(`${site.url}/console/#/dashboards/panels`);
  await page.evaluate("__settled()");
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  async function look(): Promise<string> {
    // Objects with finalizers need a second collection.
    for (let round = 0; round < 2; round++) await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    const { metrics } = await session.send("Performance.getMetrics");
    const read = (name: string): number =>
      metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
    return `heap ${(usedSize / MEGABYTE).toFixed(1)} MB, ${read("Nodes")} nodes, ${read("JSEventListeners")} listeners`;
  }
  for (let refresh = 0; refresh < WARM_UP; refresh++) await measureRefresh(page);
  console.log(`after ${WARM_UP} refreshes: ${await look()}`);
  const started = performance.now();
  const every = Math.max(1, Math.floor(refreshes / LOOKS));
  for (let refresh = 1; refresh <= refreshes; refresh++) {
    await measureRefresh(page);
    if (refresh % every === 0 || refresh === refreshes) {
      const seconds = Math.round((performance.now() - started) / 1_000);
      console.log(`after ${refresh} more, ${seconds} s: ${await look()}`);
    }
    const wait = started + refresh * INTERVAL_MS - performance.now();
    if (wait > 0) await page.waitForTimeout(wait);
  }
  await page.context().close();
}

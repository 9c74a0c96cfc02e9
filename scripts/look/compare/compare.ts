/** Draws dashboards with Grafana's components and with the console, from one recording, and compares both. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import type { LabContent } from "../../../console/lab/lab-content.ts";
import { readContent, withRange } from "../../../console/lab/lab-plugin.ts";
import { createLabServer } from "../../../console/src/lab/lab-server.ts";
import { openRecording } from "../../../console/src/lab/open-recording.ts";
import { buildLab } from "../../lab/build.ts";
import { drawInPage, newPage, toPalette, type Look } from "../draw.ts";
import { CACHE } from "../install.ts";
import { createFixedDashboard } from "./fixed-dashboard.ts";
import { listDifferences, type Difference } from "./list-differences.ts";
import { readPanels, type Reading } from "./read-panels.ts";
import { toReport, type Pair } from "./report.ts";

const READER = join(import.meta.dirname, "../page/readings.js");
/** No request leaves this process. */
const PROMETHEUS = "http://recording.invalid";
/** Width of the panels on the page of Grafana's components. */
const GRID = 1_248;
const SETTLE_MS = 1_000;
/** Enough for gradients. */
const COLORS = 256;
/** The dashboard of fixed data, and its panels in the picture of docs/console.md. */
const FIXED = "fixed";
const DOCUMENTED: ReadonlySet<string> = new Set([
  "Smooth area, bytes",
  "Stack in percent",
  "Thresholds as lines and areas",
  "Gradients across",
]);

export interface CompareOptions {
  readonly browser: Browser;
  readonly mode: Look["mode"];
  readonly page: Look["page"];
  readonly out: string;
  /** Names of dashboards. Default: all. */
  readonly only: readonly string[] | undefined;
}

/** Writes a page with the panels of both, and a picture, for each dashboard. @returns all differences */
export async function compare(options: CompareOptions): Promise<readonly Difference[]> {
  const { browser, mode, out, only } = options;
  await mkdir(out, { recursive: true });
  const lab = readContent();
  const fixed = withRange(createFixedDashboard(), lab.recording);
  const content: LabContent = { ...lab, dashboards: { ...lab.dashboards, [FIXED]: fixed } };
  const folder = join(CACHE, "console");
  await buildLab(folder, content);
  const found: Difference[] = [];
  for (const [name, dashboard] of Object.entries(content.dashboards)) {
    if (only !== undefined && !only.includes(name)) continue;
    const grafana = await drawWithGrafana(options, content, dashboard as DashboardJson);
    const console_ = await drawWithConsole(browser, mode, folder, name);
    const pairs = await pairPanels(grafana, console_, dashboard as DashboardJson);
    await Promise.all([grafana.close(), console_.close()]);
    await write(options, name, pairs);
    console.log(`wrote ${join(out, name)}.html and .png, ${pairs.length} panels`);
    const selected = pairs.filter(({ title }) => DOCUMENTED.has(title));
    if (name === FIXED) await write(options, "console-beside-grafana", selected);
    found.push(...pairs.flatMap(({ differences }) => differences));
  }
  return found;
}

interface DashboardJson {
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
  }[];
}

async function drawWithGrafana(
  { browser, mode, page: bundle }: CompareOptions,
  { recording }: LabContent,
  dashboard: DashboardJson,
): Promise<Page> {
  const page = await newPage(browser, mode);
  await page.addInitScript({ path: READER });
  const reply = createLabServer(openRecording(recording), {});
  await page.route(`${PROMETHEUS}/**`, async (route) => {
    const path = new URL(route.request().url()).pathname;
    const response = await reply(`prometheus${path}`, { body: route.request().postData() ?? "" });
    await route.fulfill({
      status: response.status,
      headers: { "access-control-allow-origin": "*" },
      contentType: "application/json",
      body: await response.text(),
    });
  });
  const { startMs, endMs } = recording;
  const errors = await drawInPage(page, dashboard, {
    url: PROMETHEUS,
    recording: { start: startMs / 1_000, end: endMs / 1_000 },
    mode,
    page: bundle,
  });
  for (const error of errors) console.error(`Grafana's components: ${error}`);
  return page;
}

async function drawWithConsole(
  browser: Browser,
  mode: Look["mode"],
  folder: string,
  name: string,
): Promise<Page> {
  const page = await newPage(browser, mode);
  await page.addInitScript({ path: READER });
  page.on("pageerror", ({ message }) => console.error(`The console: ${message}`));
  await page.goto(`${pathToFileURL(folder).href}/index.html#/dashboards/${name}`);
  await page.locator(".panel").first().waitFor();
  // Panels as wide as those of the other page, and all of them in view.
  const grid = await page.evaluate<number>("document.querySelector('.grid').clientWidth");
  const { width } = page.viewportSize()!;
  const height = await page.evaluate<number>("document.documentElement.scrollHeight");
  await page.setViewportSize({ width: width + GRID - grid, height });
  await page.waitForTimeout(SETTLE_MS);
  await page.waitForFunction(`document.querySelector('.panel[aria-busy="true"]') === null`);
  await page.waitForTimeout(SETTLE_MS);
  return page;
}

async function pairPanels(
  grafana: Page,
  console_: Page,
  { panels }: DashboardJson,
): Promise<readonly Pair[]> {
  const [theirs, ours] = (await Promise.all([readPanels(grafana), readPanels(console_)])).map(
    (readings) => new Map(readings.map((reading): [string, Reading] => [reading.id, reading])),
  );
  const pairs: Pair[] = [];
  for (const { id, type, title } of panels) {
    if (type === "row") continue;
    const [their, our] = [theirs!.get(String(id)), ours!.get(String(id))];
    if (their === undefined || our === undefined) {
      throw new Error(`Expected a panel "${title}" in both pages.`);
    }
    pairs.push({
      title,
      type,
      grafana: await grafana.locator(`[data-panel="${id}"]`).screenshot(),
      console: await console_.locator(`.panel[data-key="${id}"]`).screenshot(),
      differences: listDifferences(title, type, their, our),
    });
  }
  return pairs;
}

/** Writes a page with pairs of panels, and a picture of it. */
async function write(
  { browser, out }: CompareOptions,
  name: string,
  pairs: readonly Pair[],
): Promise<void> {
  const file = join(out, `${name}.html`);
  await writeFile(file, toReport(name, pairs));
  const page = await browser.newPage({ viewport: { width: 940, height: 100 } });
  await page.goto(pathToFileURL(file).href);
  const picture = await page.screenshot({ fullPage: true });
  await writeFile(join(out, `${name}.png`), toPalette(picture, COLORS));
  await page.close();
}

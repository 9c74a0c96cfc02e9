import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatMs } from "../../console/src/lib/format.ts";
import { openBrowser } from "../support/browser.ts";
import { buildConsole, findOverflow } from "../support/console.ts";
import { startLoadPage, type TestPage } from "../support/load-page.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer } from "../support/server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TABS = [
  "statistics",
  "charts",
  "failures",
  "exceptions",
  "ratio",
  "download",
  "logs",
  "history",
];

/** Opens a page and collects the origins of its requests and its errors. */
async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const hosts = new Set<string>();
  const faults: string[] = [];
  page.on("request", (request) => hosts.add(new URL(request.url()).origin));
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  await page.goto(url);
  return { page, hosts, faults };
}

async function capture(page: Page, name: string): Promise<void> {
  const folder = process.env["TEPAL_SCREENSHOTS"];
  if (folder !== undefined) {
    await page.screenshot({ path: `${folder}/load-${name}.png`, fullPage: true });
  }
}

const openTab = (page: Page, name: string): Promise<void> =>
  page.getByRole("tab", { name: new RegExp(`^${name}`) }).click();
const numberIn = async (place: Locator): Promise<number> =>
  Number((await place.innerText()).replaceAll(/[^\d.]/g, ""));
/** The value of a line in the head of a chart. */
const findValue = (page: Page, chart: string, line: string): Locator =>
  page
    .locator("figure", { has: page.getByRole("heading", { name: chart, exact: true }) })
    .locator(".chart-legend li", { hasText: line })
    .locator("strong");

const OUTCOMES = {
  passed: "Passed",
  failed_requests: "Failed",
  threshold_crossed: "Threshold crossed",
  generator_overloaded: "Invalid: generator overloaded",
  machine_busy: "Invalid: machine busy",
  incomplete: "Invalid: incomplete",
} as const;

/** Waits until the run has ended, and the page shows the outcome that the API reports. */
async function waitForOutcome(page: Page, load: TestPage): Promise<void> {
  await expect.poll(() => load.loadTest.report().verdict).not.toBeNull();
  const { verdict } = load.loadTest.report();
  const text = OUTCOMES[verdict!.outcome];
  await expect.poll(() => page.locator(".run-state").innerText()).toBe(text);
}

async function start(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) {
    await page.getByLabel(label, { exact: true }).fill(value);
  }
  await page.getByRole("button", { name: "Start the run" }).click();
}

// Whole runs in a real browser, on a machine that may be busy.
describe.runIf(hasProgram("chromium"))("the load page in a real browser", () => {
  const resources = new AsyncDisposableStack();
  let browser: Browser;
  let pageFolder: string;
  let script: string;
  beforeAll(async () => {
    pageFolder = await buildConsole();
    script = await readFile(`${ROOT}/examples/iris/loadtest.ts`, "utf8");
    browser = await openBrowser();
    resources.defer(() => browser.close());
  });
  afterAll(() => resources.disposeAsync());

  const startPage = (host: string): Promise<TestPage> =>
    startLoadPage({ script, host, pageFolder });

  it("starts 50 users, shows requests rise and failures come, stops, keeps and compares runs", async () => {
    await using server = await startServer();
    await using load = await startPage(server.url);
    const { page, hosts, faults } = await openPage(browser, load.url);
    await page.getByRole("heading", { name: "New run" }).waitFor();
    expect(await page.getByLabel("Host").inputValue()).toBe(server.url);
    await capture(page, "form");

    await start(page, { Users: "50", "Spawn rate": "10" });
    const total = page.locator("tfoot tr");
    const requests = total.locator("td").nth(0);
    await expect.poll(() => numberIn(requests)).toBeGreaterThan(5);
    const before = await numberIn(requests);
    await expect.poll(() => numberIn(requests)).toBeGreaterThan(before + 20);
    expect(await page.locator("tbody th").allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringMatching(/POST\s+\/predict/)]),
    );
    await page.getByText(/coordinated omission/).waitFor();
    // The main statistics are of one window, which they name.
    const window = page.locator(".run-window");
    await expect
      .poll(() => window.innerText())
      .toMatch(/^Last \d+ seconds?\s+Since the start: [\d,]+ requests, 0 failures$/);
    const size = page.locator("thead th", { hasText: "Mean size" });
    expect(await size.getAttribute("title")).toMatch(/per completed request/);
    await page.getByText(/Mean size: bytes of reply bodies per completed request/).waitFor();

    await openTab(page, "Charts");
    await expect
      .poll(() => numberIn(findValue(page, "Requests per second", "Requests")))
      .toBeGreaterThan(5);
    await expect.poll(() => numberIn(findValue(page, "Users", "Users"))).toBe(50);
    expect(await page.locator("figure canvas").count()).toBe(4);
    // All charts show the moment under the pointer.
    await page.locator(".u-over").first().hover();
    expect(await page.locator(".chart-time.is-at-cursor").count()).toBe(4);
    const times = await page.locator(".chart-time").allInnerTexts();
    expect(new Set(times).size).toBe(1);
    await capture(page, "charts");

    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByRole("dialog").getByLabel("Users").fill("60");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByText("60 users, 10 started per second").waitFor();

    await server.server.close();
    await openTab(page, "Failures");
    await page
      .getByRole("rowheader", { name: /refused/ })
      .first()
      .waitFor();
    await capture(page, "failures");

    await page.getByRole("button", { name: "Stop" }).click();
    await waitForOutcome(page, load);
    await openTab(page, "Statistics");
    await page.getByText(/of [\d,]+ requests failed/).waitFor();
    expect(await window.innerText()).toMatch(/^Whole run\s+[\d,]+ requests, [\d,]+ failures$/);
    const shown = await page.locator(".run-stats .stat", { hasText: "p95" }).innerText();
    const { p95_ms: p95 } = load.loadTest.report().total.service_time;
    expect(shown).toContain(formatMs(p95));
    expect(await numberIn(requests)).toBe(load.loadTest.report().total.requests);

    await openTab(page, "Download");
    const csv = await download(page, "requests.csv");
    expect(csv.text).toContain("Aggregated");
    expect(csv.name).toContain(load.loadTest.report().id);
    const report = await download(page, "report.html");
    expect(report.text).toContain("</html>");

    // Another run, with nothing amiss; then the page is loaded anew.
    await using other = await startServer();
    await load.run({
      host: other.url,
      profile: { kind: "constant_rate", rate: 40, poisson: false, max_users: 50 },
      run_time_seconds: 2,
    });
    await page.reload();
    await waitForOutcome(page, load);
    await openTab(page, "History");
    const runs = page.getByRole("region", { name: "Past runs" }).locator("tbody tr");
    await runs.nth(1).waitFor();
    expect(await runs.count()).toBe(2);

    await runs.nth(1).getByRole("link").click();
    await page.getByText("Past run", { exact: true }).waitFor();
    await openTab(page, "Charts");
    await page.locator(".stat", { hasText: /Users\s*[56]\d\s*at the peak/ }).waitFor();
    await page.locator("figure canvas").nth(3).waitFor();
    await capture(page, "past");
    await openTab(page, "History");

    await page.getByRole("checkbox").nth(0).check();
    expect(await page.getByRole("button", { name: "Compare" }).isDisabled()).toBe(true);
    await page.getByRole("checkbox").nth(1).check();
    await page.getByRole("link", { name: "Compare" }).click();
    await page.getByRole("heading", { name: "Two runs compared" }).waitFor();
    const different = page.locator(".notice", { hasText: "These runs had different loads" });
    expect(await different.innerText()).toMatch(/60 users[^]*40 iterations[^]*open model/);
    expect(await page.locator(".compare-change.good, .compare-change.bad").count()).toBe(0);
    const failures = page.getByRole("row", { name: /^Failures/ });
    await expect.poll(() => failures.innerText()).toMatch(/−[\d.]+ points/);
    await page.locator("figure canvas").nth(5).waitFor();
    await capture(page, "compare");

    await page.getByRole("link", { name: "Back to the history" }).click();
    await runs
      .nth(0)
      .getByRole("button", { name: /^Delete/ })
      .click();
    await page.getByRole("button", { name: "Keep it" }).click();
    expect(await runs.count()).toBe(2);
    await runs
      .nth(0)
      .getByRole("button", { name: /^Delete/ })
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect.poll(() => runs.count()).toBe(1);

    expect([...hosts]).toEqual([load.url]);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("is small: what comes at first is below 90 kB before compression", async () => {
    const document = await readFile(`${pageFolder}/index.html`, "utf8");
    const scripts = [...document.matchAll(/src="\.\/([^"]+\.js)"/g)].map(([, path]) => path);
    const sizes = await Promise.all(
      scripts.map(async (path) => (await readFile(`${pageFolder}/${path}`)).length),
    );
    expect(scripts).toHaveLength(2);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(90_000);
  });

  it("does all of it by keyboard", async () => {
    await using server = await startServer();
    await using load = await startPage(server.url);
    const { page, faults } = await openPage(browser, load.url);
    await page.getByRole("heading", { name: "New run" }).waitFor();
    const focused = (): Promise<string> =>
      page.evaluate("document.activeElement.textContent.trim()");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
    expect(new URL(page.url()).hash).toBe("");

    const tabTo = async (name: RegExp): Promise<void> => {
      for (let presses = 0; presses < 40; presses++) {
        await page.keyboard.press("Tab");
        const label: string = await page.evaluate(
          "(document.activeElement.labels?.[0] ?? document.activeElement).textContent",
        );
        if (name.test(label.trim())) return;
      }
      throw new Error(`The Tab key does not come to ${name}`);
    };
    await tabTo(/^Steady users/);
    await page.keyboard.press("ArrowRight");
    await page.getByLabel("Stage duration").waitFor();
    await page.keyboard.press("ArrowLeft");
    await tabTo(/^Users$/);
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("5");
    // The browser sends a form whose field has the focus.
    await page.keyboard.press("Enter");
    await page.locator("tfoot tr").waitFor();
    // The form is gone: the next Tab key comes to the actions of the run.
    expect(await page.evaluate('document.activeElement.matches("main, main h1")')).toBe(true);
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Edit");

    await tabTo(/^Statistics$/);
    await page.keyboard.press("ArrowRight");
    expect(await focused()).toBe("Charts");
    const chart = page.locator(".chart-frame").first();
    await chart.locator("canvas").waitFor();
    await chart.focus();
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => page.locator(".chart-time.is-at-cursor").count()).toBe(4);
    await page.getByRole("tab", { name: "Charts" }).focus();
    await page.keyboard.press("End");
    expect(await focused()).toBe("History");
    await page.keyboard.press("Home");
    expect(await focused()).toBe("Statistics");

    await page.getByRole("button", { name: "Edit" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await focused()).toBe("Edit");
    await tabTo(/^Reset$/);
    await tabTo(/^Stop$/);
    const ring = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    expect(ring).toBe("solid");
    await page.keyboard.press("Enter");
    await waitForOutcome(page, load);
    // The button is gone, its surroundings have the focus.
    await page.getByRole("button", { name: "Stop" }).waitFor({ state: "detached" });
    expect(await page.evaluate("document.activeElement.className")).toBe("run-bar");
    await tabTo(/^Statistics$/);

    await page.getByRole("link", { name: "New run" }).focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Host").waitFor();
    expect(await focused()).toBe("New run");
    await tabTo(/^Host$/);
    // A click beside all elements moves the focus nowhere else.
    await page.locator(".view-head").click({ position: { x: 500, y: 5 } });
    await page.evaluate("document.querySelector('.view-head a').click()");
    await page.locator("tfoot tr").waitFor();
    expect(await page.evaluate('document.activeElement.matches("body, main")')).toBe(true);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("shows the problems of the server at their fields", async () => {
    await using server = await startServer();
    await using load = await startPage(server.url);
    const { page } = await openPage(browser, load.url);
    await page.getByText("Advanced").click();
    await page.getByLabel("Thresholds").fill("failures<0.01\nquick enough");
    await start(page, { Host: "nowhere", Users: "-1" });
    const host = page.getByLabel("Host");
    await expect.poll(() => host.getAttribute("aria-invalid")).toBe("true");
    // What is wrong is read with the field, and the first such field has the focus.
    for (const [field, text] of [
      ["Host", /http:/],
      ["Users", /from 0/],
      ["Thresholds", /quick enough/],
    ] as const) {
      const id = await page.getByLabel(field, { exact: true }).getAttribute("aria-describedby");
      expect(await page.locator(`[id="${id?.split(" ")[0]}"]`).innerText()).toMatch(text);
    }
    expect(await page.evaluate("document.activeElement.name")).toBe("host");
    expect(await page.getByLabel("Spawn rate").getAttribute("aria-invalid")).toBeNull();
    await capture(page, "problems");

    await page.getByLabel("Users", { exact: true }).fill("many");
    await page.getByRole("button", { name: "Start the run" }).click();
    await page.getByText("Enter a number.").waitFor();
    expect(load.loadTest.report().state).toBe("ready");
    await page.close();
  });

  it("shows a lost connection, and reconnects by itself", async () => {
    await using server = await startServer();
    await using load = await startPage(server.url);
    const { page } = await openPage(browser, load.url);
    await page.getByText("Live", { exact: true }).waitFor();
    load.app.server.closeAllConnections();
    const connection = page.locator(".connection");
    await expect.poll(() => connection.innerText()).toBe("Connection lost");
    await expect.poll(() => connection.innerText()).toBe("Live");
    // Started by another client: the page shows it without a reload.
    await load.run({
      profile: { kind: "users", users: 3, spawn_rate: 10 },
      run_time_seconds: 1,
    });
    await waitForOutcome(page, load);
    await page.close();
  });

  it("is light or dark as the system is, or as was chosen, and fits from 360 to 1,920 pixels", async () => {
    await using server = await startServer();
    await using load = await startPage(server.url);
    await load.run({
      profile: { kind: "users", users: 5, spawn_rate: 10 },
      run_time_seconds: 3,
      thresholds: ["p(95)<1000"],
    });
    const { page, faults } = await openPage(browser, load.url, { colorScheme: "dark" });
    const background = (): Promise<string> =>
      page.evaluate("getComputedStyle(document.body).backgroundColor");
    await page.locator("tfoot tr").waitFor();
    const dark = await background();
    await page.getByRole("radio", { name: "Light" }).check();
    const light = await background();
    expect(light).not.toBe(dark);
    await page.reload();
    expect(await background()).toBe(light);
    await page.getByRole("radio", { name: "System theme" }).check();
    expect(await background()).toBe(dark);
    await page.emulateMedia({ colorScheme: "light" });
    expect(await background()).toBe(light);

    const { id } = load.loadTest.report();
    for (const [width, isFirst] of [
      [360, true],
      [1280, false],
    ] as const) {
      await page.setViewportSize({ width, height: 800 });
      await page.evaluate('location.hash = "#/new"');
      const top = async (place: Locator): Promise<number> => (await place.boundingBox())!.y;
      const cards = await top(page.locator(".profile-card").first());
      const button = page.getByRole("button", { name: "Start the run" });
      expect((await top(page.getByLabel("Users", { exact: true }))) < cards).toBe(isFirst);
      expect((await top(button)) < cards).toBe(isFirst);
      // The order of the Tab key is the same.
      const order = await page.evaluate(
        `document.querySelector("[type=submit]").compareDocumentPosition(document.querySelector(".profile-card"))`,
      );
      expect(order).toBe(isFirst ? 4 : 2);
      await capture(page, `new-${width}`);
    }
    const views = [
      ["new", ".plan-form"],
      ...TABS.map((tab) => [tab, `#tab-${tab}[aria-selected="true"]`]),
      [`runs/${id}/charts`, '#tab-charts[aria-selected="true"]'],
      [`compare/${id}/${id}`, ".compare-table"],
    ] as const;
    const tooWide: string[] = [];
    for (const width of [360, 390, 768, 1280, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      for (const [view, content] of views) {
        await page.evaluate(`location.hash = "#/${view}"`);
        await page.locator(content).first().waitFor();
        if ((await findOverflow(page)) !== 0) tooWide.push(`${view} at ${width}`);
        if (width === 390) await capture(page, `390-${view.replaceAll("/", "-")}`);
      }
    }
    expect(tooWide).toEqual([]);
    expect(faults).toEqual([]);
    await page.close();
  });
});

async function download(
  page: Page,
  link: string,
): Promise<{ readonly name: string; readonly text: string }> {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: link }).click(),
  ]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

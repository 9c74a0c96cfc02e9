import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sumSeries } from "../../console/src/learn/sum-series.ts";
import { openBrowser } from "../support/browser.ts";
import {
  capture,
  findOverflow,
  openPage,
  startServerWithTraffic,
  type ServerWithTraffic,
} from "../support/console.ts";
import { findStep, walkStep } from "../support/course.ts";
import { hasProgram } from "../support/programs.ts";

const STEP_MS = 30_000;
const ROW = { sepal_length: 5.9, sepal_width: 3, petal_length: 4.2, petal_width: 1.3 };

describe.runIf(hasProgram("chromium"))("the course", () => {
  const resources = new AsyncDisposableStack();
  let browser: Browser;
  let traffic: ServerWithTraffic;
  beforeAll(async () => {
    browser = await openBrowser();
    resources.defer(() => browser.close());
    traffic = resources.use(await startServerWithTraffic());
  });
  afterAll(() => resources.disposeAsync());

  const openLearn = (path: string) =>
    openPage(browser, `${traffic.server.url}/console/#/learn${path}`, {
      viewport: { width: 1_280, height: 900 },
      reducedMotion: "reduce",
    });
  const countPredictions = async (): Promise<number> =>
    sumSeries(
      await (await fetch(`${traffic.server.url}/metrics`)).text(),
      "model_predictions_total",
    );
  const panel = (page: Page) => page.getByRole("complementary", { name: /^Course: / });
  const press = async (page: Page, role: "button" | "link", name: RegExp): Promise<void> => {
    await page.getByRole(role, { name }).focus();
    await page.keyboard.press("Enter");
  };
  /** Waits until the step has been checked twice more. */
  const waitForChecks = async (page: Page, id: string): Promise<void> => {
    const count = async (): Promise<number> =>
      Number(await findStep(page, id).getAttribute("data-checks"));
    await expect.poll(count).toBeGreaterThan(0);
    const before = await count();
    await expect.poll(count).toBeGreaterThan(before + 1);
  };

  it("turns a step green when it is done, not before, and not for another client", async () => {
    const { page, faults } = await openLearn("");
    await press(page, "link", /^Start: First steps/);
    await page.getByRole("heading", { level: 1, name: "First steps" }).waitFor();
    const predict = findStep(page, "first-steps/predict");
    await waitForChecks(page, "first-steps/predict");
    await traffic.server.post("/predict", ROW);
    await waitForChecks(page, "first-steps/predict");
    expect(await predict.getAttribute("data-state")).toBe("current");
    // "Do it" sends a request, and the metrics have it.
    const before = await countPredictions();
    await walkStep(page, "first-steps/predict", STEP_MS);
    expect(await countPredictions()).toBe(before + 1);

    // By hand: the page of the next step, with the course beside it.
    await waitForChecks(page, "first-steps/overview");
    await press(page, "link", /^Overview$/);
    await panel(page).waitFor();
    await page.locator('[data-step="first-steps/overview"][data-state="done"]').waitFor();
    await panel(page).getByText("2 of 5 steps done").waitFor();

    // "Show me" opens the page and marks the part.
    await panel(page)
      .locator('[data-state="current"]')
      .getByRole("button", { name: "Show me" })
      .press("Enter");
    await page.locator("main .query").waitFor();
    await page.locator(".course-pointer").waitFor();
    await walkStep(page, "first-steps/query", STEP_MS);
    await page.locator(".course-pointer").waitFor({ state: "detached" });
    expect(faults).toEqual([]);

    await page.reload();
    await panel(page).getByText("3 of 5 steps done").waitFor();
    await walkStep(page, "first-steps/dashboard", STEP_MS);
    await walkStep(page, "first-steps/alert", STEP_MS);
    await panel(page).getByText("All 5 steps done").waitFor();
    await capture(page, "learn-panel");

    await panel(page).getByRole("button", { name: "Close the course" }).focus();
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "detached" });
    await page.goto(`${traffic.server.url}/console/#/learn`);
    await page.getByText(/^5 of \d+ steps? done$/).waitFor();
    await press(page, "button", /^Reset the progress$/);
    await press(page, "button", /^Delete all progress$/);
    await page.getByText(/^0 of \d+ steps? done$/).waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  it("does and shows a step that is not the current one, and repeats one", async () => {
    const { page, faults } = await openLearn("/first-steps");
    const button = (id: string, name: RegExp) => findStep(page, id).getByRole("button", { name });
    const waitForDone = (id: string) =>
      page.locator(`[data-step="${id}"][data-state="done"]`).waitFor();
    await waitForChecks(page, "first-steps/predict");
    await button("first-steps/overview", /^Show me$/).press("Enter");
    await page.locator("main .tiles").waitFor();
    await waitForDone("first-steps/overview");

    // Its page is open already, and has been since before the step began.
    await button("first-steps/overview", /^Repeat/).press("Enter");
    await button("first-steps/overview", /^Do it/).press("Enter");
    await waitForDone("first-steps/overview");
    await page.goto(`${traffic.server.url}/console/#/dashboards/tepal-overview`);
    await page.locator("main .panel").first().waitFor();
    const dashboard = findStep(page, "first-steps/dashboard");
    expect(await dashboard.getAttribute("data-state")).toBe("open");
    await button("first-steps/dashboard", /^Do it/).press("Enter");
    await waitForDone("first-steps/dashboard");

    // The first step is the current one before and after the reset.
    await button("first-steps/predict", /^Show me$/).press("Enter");
    await page.locator("main .try-form").waitFor();
    await press(page, "link", /^Open in Learn$/);
    await waitForChecks(page, "first-steps/predict");
    await press(page, "button", /^Reset this page$/);
    await page.getByText("0 of 5 steps done").waitFor();
    await walkStep(page, "first-steps/predict", STEP_MS);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("uses the width of a page", async () => {
    const { page } = await openLearn("");
    await page.setViewportSize({ width: 1_360, height: 900 });
    const readRight = (selector: string): Promise<number> =>
      page.evaluate<number>(
        `Math.max(...Array.from(document.querySelectorAll(${JSON.stringify(selector)}), (each) =>
          each.getBoundingClientRect().right))`,
      );
    await page.locator(".course-parts").waitFor();
    const inside = 1_360 - 60;
    expect(await readRight(".course-parts > *")).toBeGreaterThan(inside);
    // Beside the text are the pages of its part, of which the current one is marked.
    await page.goto(`${traffic.server.url}/console/#/learn/hands-on/01-predict`);
    const pages = page.getByRole("navigation", { name: "Part two: hands on" });
    await pages.waitFor();
    expect(await readRight(".course-part")).toBeGreaterThan(inside);
    const links = await pages.getByRole("link").count();
    expect(links).toBeGreaterThan(10);
    expect(await pages.locator('[aria-current="page"]').innerText()).toBe(
      await page.getByRole("heading", { level: 1 }).innerText(),
    );
    await page.setViewportSize({ width: 360, height: 740 });
    await expect.poll(() => findOverflow(page)).toBe(0);
    await page.close();
  });

  it("shares the progress between tabs", async () => {
    await using context = await browser.newContext({ reducedMotion: "reduce" });
    const [first, second] = [await context.newPage(), await context.newPage()];
    for (const tab of [first, second]) {
      await tab.goto(`${traffic.server.url}/console/#/learn/first-steps`);
    }
    for (const [tab, id] of [
      [first, "first-steps/predict"],
      [second, "first-steps/overview"],
      [first, "first-steps/query"],
    ] as const) {
      await tab.bringToFront();
      await walkStep(tab, id, STEP_MS);
    }
    for (const tab of [first, second]) {
      await expect.poll(() => tab.getByText("3 of 5 steps done").count()).toBe(1);
    }
  });

  it("keeps the focus in the panel while its pages are turned", async () => {
    const { page, faults } = await openLearn("/first-steps");
    await press(page, "link", /^Overview$/);
    const title = panel(page).getByRole("heading", { level: 2 }).first();
    const readFocus = () =>
      page.evaluate<string>(
        "document.activeElement.closest('.course-panel') && document.activeElement.ariaLabel",
      );
    const turn = async (): Promise<void> => {
      const before = await title.innerText();
      await page.keyboard.press("Enter");
      await expect.poll(() => title.innerText()).not.toBe(before);
    };
    await panel(page).locator('[data-step="first-steps/alert"]').waitFor();
    await page.evaluate("document.querySelector('.course-body').scrollTo(0, 400)");
    await panel(page)
      .getByRole("button", { name: /^Next: / })
      .focus();
    await turn();
    expect(await readFocus()).toMatch(/^Next: /);
    expect(await page.evaluate("document.querySelector('.course-body').scrollTop")).toBe(0);
    await turn();
    await panel(page)
      .getByRole("button", { name: /^Back: / })
      .focus();
    await turn();
    expect(await readFocus()).toMatch(/^Back: /);
    // The first page has no page before it.
    await turn();
    await expect.poll(readFocus).toBe("Course: First steps");
    expect(faults).toEqual([]);
    await page.close();
  });

  it("reports beside the page that opens what the console could not do", async () => {
    const { page } = await openLearn("/hands-on/13-signals");
    // The server has no load page.
    const start = findStep(page, "13-signals/load").getByRole("button", { name: /^Do it/ });
    await start.press("Enter");
    await panel(page).getByText("The console could not do it").waitFor();
    expect(await start.getAttribute("aria-busy")).toBe("false");
    await page.close();
  });

  it("reports a model that is not that of the tutorial", async () => {
    const { page, faults } = await openLearn("");
    const notice = page.getByText("The steps expect the Iris model of npm start");
    await page.getByText(/^\d+ of \d+ steps done$/).waitFor();
    await page.waitForLoadState("networkidle");
    expect(await notice.count()).toBe(0);
    await page.route("**/models/iris", async (route) => {
      const reply = await route.fetch();
      await route.fulfill({ response: reply, json: { ...(await reply.json()), features: [] } });
    });
    await page.reload();
    await notice.waitFor();
    await press(page, "link", /^Start: /);
    await notice.waitFor();
    await press(page, "link", /^Overview$/);
    await panel(page).getByText("The steps expect the Iris model").waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  it("copies code, opens queries in Explore, and has no violation beside a page", async () => {
    const { page, faults } = await openLearn("/first-steps");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const query = "sum by (route) (rate(api_requests_total[5m]))";
    const block = page.locator(".course-code", { hasText: query });
    await block.getByRole("button", { name: "Copy" }).press("Enter");
    await block.getByRole("button", { name: "Copied" }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(query);
    await block.getByRole("link", { name: "Open in Explore" }).press("Enter");
    await page.locator(".query-facts").waitFor();
    await panel(page).locator('[data-state="current"]').waitFor();
    expect(await page.getByLabel("Expression 1").innerText()).toBe(query);

    await page.evaluate(axe.source);
    expect(await findViolations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    await page.setViewportSize({ width: 360, height: 740 });
    await expect.poll(() => findOverflow(page)).toBe(0);
    expect(await findViolations(page)).toEqual([]);
    await capture(page, "learn-panel-360");
    const fold = panel(page).getByRole("button", { name: "Text of the course" });
    await fold.press("Enter");
    await panel(page).getByRole("group", { name: "Text" }).waitFor({ state: "hidden" });
    expect((await panel(page).boundingBox())!.height).toBeLessThan(120);
    await capture(page, "learn-panel-360-folded");
    await fold.press("Enter");
    await panel(page).locator('[data-state="current"]').waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });
});

async function findViolations(page: Page): Promise<readonly string[]> {
  await expect.poll(() => page.evaluate<number>("document.getAnimations().length")).toBe(0);
  const { violations } = await page.evaluate<axe.AxeResults>(
    'axe.run(document, { resultTypes: ["violations"] })',
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => [id, String(target), failureSummary].join(" | ")),
  );
}

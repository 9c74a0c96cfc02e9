import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKey, writeKeysFile, type Role } from "../../src/http/access/api-keys.ts";
import { formatValue, listNumbers } from "../../console/src/overview/numbers.ts";
import { parseDashboard } from "../../console/src/grafana/dashboard.ts";
import { openBrowser } from "../support/browser.ts";
import {
  buildConsole,
  capture,
  findOverflow,
  openPage,
  startServerWithTraffic,
  type ServerWithTraffic,
} from "../support/console.ts";
import { createFolder } from "../support/folders.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer } from "../support/server.ts";

/** Pixels beyond the width of the bar, and the lines that its children take. */
const MEASURE_BAR = `(() => {
  const bar = document.querySelector(".top-bar-inner");
  const centres = [...bar.children].map((child) => {
    const { top, bottom } = child.getBoundingClientRect();
    return Math.round((top + bottom) / 2);
  });
  return { across: bar.scrollWidth - bar.clientWidth, lines: new Set(centres).size };
})()`;

const badge = (page: Page) => page.locator(".server-badge");

describe.runIf(hasProgram("chromium"))("the frame of the console", () => {
  const resources = new AsyncDisposableStack();
  let folder: string;
  let browser: Browser;
  let traffic: ServerWithTraffic;
  beforeAll(async () => {
    folder = await buildConsole();
    browser = await openBrowser();
    resources.defer(() => browser.close());
    traffic = resources.use(await startServerWithTraffic());
  });
  afterAll(() => resources.disposeAsync());

  it("finds a panel, a metric and a feature by the keyboard alone", async () => {
    const { page, faults } = await openPage(browser, traffic.toUrl("explore"));
    const search = page.getByRole("combobox", { name: "Search" });
    const selected = page.locator('[role="option"][aria-selected="true"]');
    // In a field, the key is a character.
    const field = page.getByLabel("Expression 1");
    await field.fill("up ");
    await field.press("End");
    await field.press("/");
    await expect.poll(() => field.innerText()).toBe("up /");
    await page.locator("#main").focus();

    const open = async (query: string): Promise<void> => {
      await page.keyboard.press("/");
      await search.fill(query);
      // Entries that arrive later may come before others.
      await expect.poll(() => page.locator(".palette-status").innerText()).toBe("");
      await selected.getByText(query, { exact: true }).waitFor();
    };
    await open("Event loop");
    const first = await selected.getAttribute("id");
    await search.press("ArrowDown");
    await expect.poll(() => selected.getAttribute("id")).not.toBe(first);
    expect(await search.getAttribute("aria-activedescendant")).toBe(
      await selected.getAttribute("id"),
    );
    await search.press("ArrowUp");
    await search.press("Enter");
    await page.waitForURL(/#\/dashboards\/tepal-overview\?viewPanel=\d+$/);
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);

    await open("api_requests_total");
    await search.press("Enter");
    await page.waitForURL(/#\/explore\?/);
    await expect.poll(() => field.innerText()).toBe("sum(rate(api_requests_total[5m]))");
    await page.locator("#main").focus();
    await open("petal_width");
    await search.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);

    await page.keyboard.press("/");
    await search.fill("no such thing");
    await page.getByText("Nothing has “no such thing”.").waitFor();
    await capture(page, "palette");
    await search.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
    await open("First steps");
    await search.press("Enter");
    await page.waitForURL(/#\/learn\/first-steps$/);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("lists its keys, and returns the focus", async () => {
    const { page } = await openPage(browser, traffic.toUrl("explore"));
    const button = page.getByRole("button", { name: "Keyboard shortcuts" });
    await button.focus();
    await page.keyboard.press("?");
    const dialog = page.getByRole("dialog", { name: "Keyboard" });
    await dialog.getByRole("heading", { name: "On the page Explore" }).waitFor();
    expect(await dialog.getByText("Run the queries").count()).toBe(1);
    await page.keyboard.press("Escape");
    await expect.poll(() => dialog.count()).toBe(0);
    expect(await page.evaluate("document.activeElement.title")).toMatch(/^Keyboard shortcuts/);
    await page.close();
  });

  it("has all pages in a menu at 360 px, below the state of the server", async () => {
    const viewport = { width: 360, height: 740 };
    const { page } = await openPage(browser, traffic.toUrl("explore"), { viewport });
    await expect.poll(() => badge(page).innerText()).toMatch(/Ready\s+iris v1/);
    const wide = await openPage(browser, traffic.toUrl("explore"), {
      viewport: { width: 1440, height: 900 },
    });
    const links = wide.page.getByRole("navigation", { name: "Pages" }).getByRole("link");
    await links.first().waitFor();
    const titles = await links.allInnerTexts();
    expect(titles).toContain("Dashboards");
    expect(await findOverflow(wide.page)).toBe(0);
    await wide.page.close();

    const menu = page.getByRole("button", { name: "Menu, page Explore" });
    await menu.press("Enter");
    const own = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
    expect(await own.allInnerTexts()).toEqual(titles);
    expect(await findOverflow(page)).toBe(0);
    await capture(page, "menu-360");
    await page.keyboard.press("Escape");
    await expect.poll(() => own.count()).toBe(0);
    await menu.press("Enter");
    await own.getByText("Dashboards").click();
    await page.getByRole("heading", { name: "Dashboards" }).waitFor();
    expect(await own.count()).toBe(0);
    await page.close();
  });

  it("has the pages in a row where they fit, and in a menu where they do not", async () => {
    const { page } = await openPage(browser, traffic.toUrl("status"));
    const row = page.locator(".pages");
    const menu = page.getByRole("button", { name: "Menu, page Status" });
    for (const [width, shown, absent] of [
      [1_440, row, menu],
      [1_280, row, menu],
      [640, menu, row],
      [1_265, row, menu],
      [700, menu, row],
    ] as const) {
      await page.setViewportSize({ width, height: 700 });
      await shown.waitFor();
      await expect.poll(() => absent.count()).toBe(0);
      expect(await page.evaluate(MEASURE_BAR)).toEqual({ across: 0, lines: 1 });
    }
    await page.close();
  });

  it("signs in, keeps the key in the tab, and names the roles that a page lacks", async () => {
    await using keysFolder = await createFolder();
    const file = join(keysFolder.path, "keys.json");
    const [predict, metrics] = (["predict", "metrics"] as const satisfies Role[]).map((role) =>
      createKey(role, role, "2026-01-01T00:00:00.000Z"),
    );
    await writeKeysFile(file, [predict!.stored, metrics!.stored]);
    await using locked = await startServer(
      { monitor: true, persist: false, apiKeysFile: file },
      { consoleFolder: folder },
    );
    // Wide enough for the links with their locks.
    const { page, faults } = await openPage(browser, `${locked.url}/console/#/dashboards`, {
      viewport: { width: 1_600, height: 900 },
    });
    const signIn = async (key: string): Promise<void> => {
      await page.getByLabel("API key").fill(key);
      await page.getByRole("button", { name: "Sign in" }).click();
    };
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    // Before a key, the server names no model.
    expect(await badge(page).innerText()).not.toMatch(/iris/);
    await capture(page, "sign-in");
    await signIn("wrong");
    await page.getByText(/does not know this API key/).waitFor();
    await signIn(predict!.text);
    await page.getByText("Dashboards requires the role metrics").waitFor();
    await page.getByText(/has the role predict.* metrics, load or admin opens/).waitFor();
    const links = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
    const locks = await links.filter({ hasText: "lacks the role" }).allInnerTexts();
    expect(locks.join()).toMatch(/Dashboards.*Explore/s);
    await capture(page, "missing-role");
    await signIn(metrics!.text);
    await page.getByRole("link", { name: "Resources" }).waitFor();
    await page.reload();
    await page.getByRole("link", { name: "Resources" }).waitFor();
    expect(await page.evaluate("localStorage.length")).toBe(0);

    // The operator removes the key: the page notices it without an action of the user.
    await writeKeysFile(file, [predict!.stored]);
    await page.getByText(/does not know this API key/).waitFor();
    await signIn(predict!.text);
    await page.getByText("Dashboards requires the role metrics").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  it("states that the server has no monitor, and what works without it", async () => {
    await using bare = await startServer({}, { consoleFolder: folder });
    const { page, faults } = await openPage(browser, `${bare.url}/console/#/dashboards`);
    await page.getByText("This server runs without the built-in monitor").waitFor();
    await page.getByText("--monitor", { exact: true }).waitFor();
    await capture(page, "no-monitor");
    expect(faults).toEqual([]);
    await page.close();
  });

  it("reconnects to a server that was restarted, with its history", async () => {
    await using data = await createFolder();
    const options = { monitor: true, dataDir: data.path, scrapeInterval: 0.5 };
    const first = await startServer(options, { consoleFolder: folder });
    const { port } = new URL(first.url);
    const url = `${first.url}/console/#/dashboards/tepal-resources?refresh=5s&from=now-5m`;
    const { page, faults } = await openPage(browser, url);
    await page.locator(".panel canvas").first().waitFor();
    const count = "/prometheus/api/v1/query?query=count_over_time(up[5m])";
    const samples = Number((await first.get(count)).json.data.result[0].value[1]);
    expect(samples).toBeGreaterThan(1);
    await first[Symbol.asyncDispose]();
    await expect.poll(() => badge(page).innerText()).toContain("Reconnecting…");
    await page.getByText("Reconnecting to the server…").waitFor();
    // The page stays.
    expect(await page.locator(".panel canvas").count()).toBeGreaterThan(0);
    await capture(page, "reconnecting");

    await using second = await startServer(
      { ...options, port: Number(port) },
      { consoleFolder: folder },
    );
    expect(second.url).toBe(first.url);
    await page.getByText("Connected again").waitFor();
    await expect.poll(() => badge(page).innerText()).toContain("Ready");
    const sent = page.waitForResponse((reply) => reply.ok() && /query_range/.test(reply.url()));
    await page.getByRole("button", { name: "Refresh now" }).click();
    expect((await sent).status()).toBe(200);
    await expect.poll(() => page.locator(".panel-problem").count()).toBe(0);
    const after = (await second.get(count)).json.data.result[0].value[1];
    expect(Number(after)).toBeGreaterThanOrEqual(samples);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("states that a server does not respond from the start, and opens it when it does", async () => {
    const server = await startServer({ monitor: true, persist: false }, { consoleFolder: folder });
    const { port } = new URL(server.url);
    const { page } = await openPage(browser, "about:blank");
    // The files of the page are there, as behind a proxy that caches them; the server is not.
    let isDown = true;
    await page.route("**/console/server", (route) => (isDown ? route.abort() : route.continue()));
    await page.goto(`http://127.0.0.1:${port}/console/#/explore`);
    await page.getByText("The server is unreachable").waitFor();
    await expect.poll(() => badge(page).innerText()).toContain("Unreachable");
    isDown = false;
    await page.getByLabel("Expression 1").waitFor();
    await expect.poll(() => badge(page).innerText()).toContain("Ready");
    await page.close();
    await server[Symbol.asyncDispose]();
  });

  it("follows the server's clock if the browser's differs", async () => {
    const { page } = await openPage(browser, "about:blank");
    const aheadMs = 86_400_000;
    await page.clock.install({ time: Date.now() + aheadMs });
    const sent = page.waitForRequest(/query_range/);
    await page.goto(`${traffic.server.url}/console/#/explore?view=graph&q=up&from=now-5m`);
    const end = Number(new URL((await sent).url()).searchParams.get("end"));
    expect(Math.abs(end * 1_000 - Date.now())).toBeLessThan(3_600_000);
    await page.close();
  });

  it("shows the values of the Prometheus API in the Overview, each with a link to its panel", async () => {
    const { page, faults } = await openPage(browser, `${traffic.server.url}/console/`);
    const numbers = listNumbers(
      parseDashboard((await traffic.server.get("/console/dashboards/tepal-overview")).json),
    );
    expect(numbers.length).toBeGreaterThan(6);
    const tile = (name: string) => page.locator(`[data-number="${name}"]`);
    const read = (name: string): Promise<string> => tile(name).locator(".tile-value").innerText();
    // The page and the test query at different times: the value counts once both agree.
    for (const number of numbers) {
      await expect
        .poll(async () => {
          const query = `query?query=${encodeURIComponent(number.expr)}`;
          const { json } = await traffic.server.get(`/prometheus/api/v1/${query}`);
          const [sample] = json.data.result;
          const value = sample === undefined ? undefined : Number(sample.value[1]);
          return [number.name, await read(number.name)].join() ===
            [number.name, formatValue(number, value)].join()
            ? number.name
            : `${number.name}: ${await read(number.name)} instead of ${formatValue(number, value)}`;
        })
        .toBe(number.name);
    }
    expect(Number(await read("predictions"))).toBeGreaterThan(2);
    await page.getByText("Loaded iris version 1").waitFor();
    expect(faults).toEqual([]);
    await capture(page, "overview");
    await tile("p95").getByRole("link").click();
    await page.waitForURL(/#\/dashboards\/tepal-overview\?viewPanel=\d+/);
    await page.close();
  });

  it("sends sample predictions from the empty Overview, and shows them on one screen", async () => {
    await using fresh = await startServer(
      { monitor: true, persist: false, scrapeInterval: 0.5 },
      { consoleFolder: folder },
    );
    const { page, faults } = await openPage(browser, `${fresh.url}/console/`, {
      viewport: { width: 1440, height: 900 },
    });
    await page.getByRole("heading", { name: "Ready for the first prediction" }).waitFor();
    await capture(page, "overview-empty");
    await page.getByRole("button", { name: "Send 20 sample predictions" }).click();
    await expect
      .poll(() => page.locator('[data-number="predictions"] .tile-value').innerText())
      .toBe("20");
    expect(await page.getByText("No predictions yet").count()).toBe(0);
    expect(
      await fresh.metric('model_ood_total{model="iris",version="1",reason="range"}'),
    ).toBeGreaterThan(0);
    // All of it fits without scrolling.
    expect(
      await page.evaluate("document.documentElement.scrollHeight - innerHeight"),
    ).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 360, height: 740 });
    await expect.poll(() => findOverflow(page)).toBe(0);
    expect(faults).toEqual([]);
    await page.close();
  });
});

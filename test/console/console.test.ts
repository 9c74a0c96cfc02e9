import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDashboard, type Dashboard, type Panel } from "../../console/src/grafana/dashboard.ts";
import { formatUnit } from "../../console/src/grafana/units.ts";
import { openBrowser } from "../support/browser.ts";
import {
  buildConsole,
  capture,
  findOverflow,
  findPanel,
  openPage,
  startServerWithTraffic,
  waitForData,
  type ServerWithTraffic,
} from "../support/console.ts";
import { startPrefixProxy } from "../support/prefix-proxy.ts";
import type { JsonValue } from "../support/json.ts";
import { hasProgram } from "../support/programs.ts";
import type { TestServer } from "../support/server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DASHBOARDS = `${ROOT}/deploy/grafana/dashboards`;

async function listDashboards(): Promise<readonly (readonly [string, Dashboard])[]> {
  const files = (await readdir(DASHBOARDS)).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const json: unknown = JSON.parse(await readFile(join(DASHBOARDS, file), "utf8"));
      return [file.replace(".json", ""), parseDashboard(json)] as const;
    }),
  );
}

describe("the console", () => {
  const resources = new AsyncDisposableStack();
  let folder: string;
  beforeAll(async () => {
    folder = await buildConsole();
  });
  afterAll(() => resources.disposeAsync());

  describe.runIf(hasProgram("chromium"))("in a real browser", () => {
    let browser: Browser;
    let server: TestServer;
    let end: number;
    let toUrl: ServerWithTraffic["toUrl"];
    beforeAll(async () => {
      browser = await openBrowser();
      resources.defer(() => browser.close());
      ({ server, end, toUrl } = resources.use(await startServerWithTraffic()));
    });

    /** Queries the API for the values of an expression of a dashboard, at the end of the time range. */
    async function query(expr: string): Promise<readonly number[]> {
      const filled = expr.replaceAll(/\$\{?__range\}?/g, "300s").replaceAll(/\$\{?\w+\}?/g, ".+");
      const parameters = new URLSearchParams({ query: filled, time: String(end / 1_000) });
      const { json } = await server.get(`/prometheus/api/v1/query?${parameters}`);
      expect([filled, json.error]).toEqual([filled, undefined]);
      return json.data.result.map(({ value }: { value: [number, string] }) => Number(value[1]));
    }

    function toText({ defaults }: Panel, value: number): string {
      const decimals = typeof defaults["decimals"] === "number" ? defaults["decimals"] : undefined;
      const { prefix, text, suffix } = formatUnit(String(defaults["unit"] ?? ""), value, decimals);
      return `${prefix}${text}${suffix}`;
    }

    it.each(["", "dashboards/tepal-overview"])(
      "loads at most 100 kB of compressed JavaScript and CSS for #/%s",
      async (path) => {
        const { page } = await openPage(browser, "about:blank");
        const files: string[] = [];
        page.on("request", (request) => {
          const { pathname } = new URL(request.url());
          if (/\.(?:js|css)$/.test(pathname)) files.push(pathname.replace("/console/", ""));
        });
        await page.goto(`${server.url}/console/#/${path}`);
        await page.locator("h1").waitFor();
        await page.waitForLoadState("networkidle");
        const sizes = await Promise.all(
          files.map(async (file) => gzipSync(await readFile(join(folder, file))).length),
        );
        const total = sizes.reduce((sum, size) => sum + size, 0);
        expect(total).toBeLessThanOrEqual(100_000);
        // Otherwise it is not the page that was measured.
        expect(total).toBeGreaterThan(15_000);
        await page.close();
      },
    );

    it("draws every panel of every dashboard, and stats show the values of the API", async () => {
      let compared = 0;
      for (const [name, dashboard] of await listDashboards()) {
        const { page, hosts, faults, queries } = await openPage(
          browser,
          toUrl(`dashboards/${name}`),
        );
        await waitForData(page);
        expect(await page.locator("h1").innerText()).toBe(dashboard.title);
        expect([name, await page.locator(".not-drawn, .panel-problem").allInnerTexts()]).toEqual([
          name,
          [],
        ]);
        // All panels are in view, and no two of them sent the same query.
        const panels = dashboard.panels.filter(({ type }) => type !== "row");
        expect(await page.locator(".panel").count()).toBe(panels.length);
        expect(new Set(queries).size).toBe(queries.length);
        for (const panel of panels) {
          const [target] = panel.targets;
          if (panel.type !== "stat" || panel.targets.length !== 1 || target?.isInstant !== true)
            continue;
          // Their length depends on the width of the panel.
          if (/\$__(?:rate_)?interval/.test(target.expr)) continue;
          const values = await query(target.expr);
          if (values.length !== 1) continue;
          const shown = await findPanel(page, panel.title).locator(".big-value").innerText();
          expect([panel.title, shown.trim()]).toEqual([panel.title, toText(panel, values[0]!)]);
          compared++;
        }
        expect([...hosts]).toEqual([server.url]);
        expect(faults).toEqual([]);
        await capture(page, name);
        await page.close();
      }
      expect(compared).toBeGreaterThan(15);
    });

    it("shows the values of a chart in its legend, its table and under the cursor", async () => {
      const { page, faults } = await openPage(browser, `${server.url}/console/`);
      const dashboards = new Map(await listDashboards());
      const [target] = dashboards
        .get("tepal-overview")!
        .panels.find(({ title }) => title === "Requests by status")!.targets;
      const [prefix = ""] = target!.expr.split("{");
      const replies: Promise<JsonValue>[] = [];
      page.on("response", (reply) => {
        const sent = new URL(reply.url()).searchParams.get("query") ?? "";
        if (reply.url().includes("/query_range?") && sent.startsWith(prefix)) {
          replies.push(reply.json());
        }
      });
      await page.goto(toUrl("dashboards/tepal-overview"));
      await waitForData(page);
      const panel = findPanel(page, "Requests by status");
      await panel.locator("canvas").waitFor();
      const results = (await Promise.all(replies)).flatMap(({ data }) => data.result);
      const series = results.map(
        ({ metric, values }: { metric: { status: string }; values: [number, string][] }) =>
          [metric.status, formatUnit("reqps", Number(values.at(-1)![1]))] as const,
      );
      expect(series.length).toBeGreaterThan(1);
      // The newest row of the table, by the names of its columns.
      await panel.getByRole("button", { name: "Menu of Requests by status" }).click();
      await panel.getByRole("button", { name: /as a table/ }).click();
      await panel.locator("tbody tr").first().waitFor();
      const cells = await panel.locator("tbody tr").first().locator("th, td").allInnerTexts();
      const heads = await panel.locator("thead th").allInnerTexts();
      for (const [status, { text, suffix }] of series) {
        expect([status, cells[heads.indexOf(status)]]).toEqual([status, `${text}${suffix}`]);
      }
      await panel.getByRole("button", { name: "Menu of Requests by status" }).click();
      await panel.getByRole("button", { name: /as a chart/ }).click();
      // The cursor follows the arrow keys, and its values are announced.
      const plot = panel.locator(".plot");
      await panel.locator("canvas").waitFor();
      await plot.focus();
      await plot.press("ArrowLeft");
      await expect.poll(() => panel.locator('[role="status"]').innerText()).toMatch(/200 .*req\/s/);
      expect(faults).toEqual([]);
      await page.close();
    });

    it("follows a change of the URL right after the first render", async () => {
      const { page } = await openPage(browser, "about:blank");
      await page.addInitScript(`
        new MutationObserver((_changes, observer) => {
          if (document.querySelector("#main") === null) return;
          observer.disconnect();
          location.hash = "#/explore";
        }).observe(document, { childList: true, subtree: true });
      `);
      await page.goto(`${server.url}/console/`);
      await page.locator(".queries").waitFor();
      expect(await page.title()).toContain("Explore");
      await page.close();
    });

    it("zooms into a dragged range", async () => {
      const { page } = await openPage(browser, toUrl("dashboards/tepal-overview"));
      await waitForData(page);
      const over = findPanel(page, "Requests by status").locator(".u-over");
      const box = (await over.boundingBox())!;
      const y = box.y + box.height / 2;
      await page.mouse.move(box.x + box.width * 0.2, y);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.7, y, { steps: 4 });
      await page.mouse.up();
      const read = (): number[] => {
        const parameters = new URLSearchParams(page.url().split("?")[1]);
        return ["from", "to"].map((name) =>
          Math.round((Number(parameters.get(name)) - end) / 10_000),
        );
      };
      await expect.poll(read).toEqual([-24, -9]);
      await page.close();
    });

    it("fits 360 px in both themes, below a path that a proxy strips", async () => {
      await using proxy = await startPrefixProxy(server.url, "/team/iris");
      for (const [path, ready] of [
        ["dashboards", ".dashboard-card"],
        ["dashboards/tepal-overview", ".panel"],
        ["dashboards/tepal-model", ".panel"],
        ["explore?view=graph&q=up", ".query"],
      ] as const) {
        for (const colorScheme of ["light", "dark"] as const) {
          const url = toUrl(path).replace(server.url, proxy.url);
          const options = { viewport: { width: 360, height: 800 }, colorScheme };
          const { page, faults } = await openPage(browser, url, options);
          await waitForData(page, ready);
          expect([path, await findOverflow(page)]).toEqual([path, 0]);
          expect(faults).toEqual([]);
          await capture(page, `${path.replaceAll(/\W+/g, "-")}-360-${colorScheme}`);
          await page.close();
        }
      }
      expect(proxy.strays).toEqual([]);
    });
  });
});

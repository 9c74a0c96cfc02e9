import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findViolations } from "../support/accessibility.ts";
import { openBrowser } from "../support/browser.ts";
import { capture, waitForData } from "../support/console.ts";
import { createFolder } from "../support/folders.ts";
import { hasProgram } from "../support/programs.ts";

const SCRIPT = join(import.meta.dirname, "../../scripts/build-lab.ts");
const MAX_GZIPPED = 400_000;
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
};

const resources = new AsyncDisposableStack();
let folder = "";

beforeAll(async () => {
  folder = resources.use(await createFolder()).path;
  await promisify(execFile)(process.execPath, [SCRIPT, "--out", folder]);
});
afterAll(() => resources.disposeAsync());

describe("the lab's folder", () => {
  it("has at most 400 kB gzipped", async () => {
    const files = await readdir(folder);
    expect(files.toSorted()).toEqual([
      "favicon.svg",
      "index.html",
      "lab.css",
      "lab.js",
      "theme.js",
    ]);
    const contents = await Promise.all(files.map((file) => readFile(join(folder, file))));
    const bytes = contents.reduce((sum, content) => sum + gzipSync(content).length, 0);
    expect(bytes).toBeLessThanOrEqual(MAX_GZIPPED);
  });
});

describe.runIf(hasProgram("chromium"))("the lab in a browser", () => {
  const problems: string[] = [];
  let browser: Browser;
  let page: Page;
  let root = "";

  beforeAll(async () => {
    browser = await openBrowser();
    resources.defer(() => browser.close());
    page = await browser.newPage({ viewport: { width: 1_440, height: 900 } });
    root = `${pathToFileURL(folder).href}/`;
    page.on("request", (request) => {
      // The worker of the page is a part of its script.
      if (!request.url().startsWith(root) && !request.url().startsWith("blob:")) {
        problems.push(request.url());
      }
    });
    page.on("console", (message) => {
      if (message.type() !== "log") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(error.message));
  });

  const open = (place: string) => page.goto(`${root}index.html#/${place}`);

  it("runs a query in Explore, and shows the cost of each step of it", async () => {
    await open(`explore?${new URLSearchParams({ view: "table", q: "sum(up)" })}`);
    await expect.poll(() => page.locator(".query tbody tr").allInnerTexts()).toEqual(["2"]);
    await page.getByRole("button", { name: "Time range: Last 15 minutes" }).waitFor();
    await page.getByText("Tree", { exact: true }).click();
    await expect.poll(() => page.locator(".query .tree-node").count()).toBe(2);
  });

  it("draws each dashboard", async () => {
    await open("dashboards");
    const links = page.locator(".dashboard-card-link");
    await links.first().waitFor();
    const names = await links.allInnerTexts();
    expect(names).toEqual(["Overview", "Latency Analysis", "Model", "Request Analysis"]);
    for (const name of names) {
      await open("dashboards");
      await page.getByRole("link", { name, exact: true }).first().click();
      await page.getByRole("heading", { name, level: 1 }).waitFor();
      await waitForData(page);
      await page.locator(".panel canvas").first().waitFor();
      expect(await page.locator(".panel [role=alert]").count()).toBe(0);
    }
  });

  it("checks an exercise by the keyboard, and remembers it", async () => {
    await open("exercises/a-sum");
    const field = page.getByRole("textbox", { name: "Expression 1" });
    const status = page.locator(".exercise > [role=status]");
    await field.focus();
    await page.keyboard.insertText("sum(rate(api_requests_total[1m]))");
    await page.keyboard.press("Enter");
    await expect.poll(() => status.innerText()).toContain("Expected the label status");
    await field.press("Control+a");
    await field.press("Backspace");
    await page.keyboard.insertText("sum by (status) (rate(api_requests_total[1m]))");
    await page.keyboard.press("Enter");
    await expect.poll(() => status.innerText()).toContain("Correct");
    await page.locator(".query canvas").waitFor();
    await capture(page, "lab-exercise");
    await page.reload();
    await page.getByText("1 of 12 solved").waitFor();
    expect(await page.getByRole("link", { name: "3. A sum solved" }).count()).toBe(1);
  });

  it("sent no request to a host, and reported no error", () => {
    expect(problems).toEqual([]);
  });

  it("works from a web server, below any path", async () => {
    let policy = "default-src 'self'; style-src * 'unsafe-inline'; worker-src blob:";
    await using server = createServer(async (request, reply) => {
      const { pathname } = new URL(request.url ?? "", "http://lab");
      const name = basename(pathname === "/course/" ? "index.html" : pathname);
      const content = await readFile(join(folder, name)).catch(() => null);
      const type = TYPES[extname(name)] ?? "text/plain";
      reply.writeHead(content === null ? 404 : 200, {
        "content-type": type,
        "content-security-policy": policy,
      });
      reply.end(content);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/course/`;
    const other = await browser.newPage({ viewport: { width: 1_440, height: 900 } });
    const faults: string[] = [];
    other.on("response", (reply) => {
      const isOwn = reply.url().startsWith(url) || reply.url().startsWith("blob:");
      if (reply.status() !== 200 || !isOwn) faults.push(reply.url());
    });
    other.on("pageerror", (error) => faults.push(error.message));
    await other.goto(`${url}#/explore?${new URLSearchParams({ view: "table", q: "sum(up)" })}`);
    await expect.poll(() => other.locator(".query tbody tr").allInnerTexts()).toEqual(["2"]);
    await other.goto(`${url}#/dashboards/tepal-overview`);
    await other.locator(".panel canvas").first().waitFor();
    expect(faults).toEqual([]);
    expect(other.workers()).toHaveLength(1);
    await other.close();

    // A server may forbid workers.
    policy = "worker-src 'none'";
    const without = await browser.newPage();
    await without.goto(`${url}#/explore?${new URLSearchParams({ view: "table", q: "sum(up)" })}`);
    await expect.poll(() => without.locator(".query tbody tr").allInnerTexts()).toEqual(["2"]);
    expect(without.workers()).toEqual([]);
    await without.close();
  });

  it("has no violation of accessibility rules, also in an exercise with a verdict", async () => {
    const other = await browser.newPage({ viewport: { width: 1_440, height: 900 } });
    await other.goto(`${root}index.html#/exercises/a-mean`);
    await other.getByRole("textbox", { name: "Expression 1" }).focus();
    await other.keyboard.insertText("up");
    await other.keyboard.press("Enter");
    await other.locator(".exercise .notice").waitFor();
    await other.locator(".query canvas").waitFor();
    await other.locator(".exercise-answer summary").click();
    expect(await findViolations(other)).toEqual([]);
  });
});

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { expect, inject } from "vitest";
import { waitForFileLock } from "../../src/kernel/file-lock.ts";
import { createFolder, type TemporaryFolder } from "./folders.ts";
import { startServer, type TestServer } from "./server.ts";
import { until } from "./workers.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUILD_SECONDS = 100;

/**
 * Builds the web application as the package ships it, once in a run of the tests: the first caller builds, the others wait.
 * @returns its folder
 */
export async function buildConsole(): Promise<string> {
  const folder = inject("consoleFolder");
  const built = join(folder, "console");
  using lock = await waitForFileLock(join(folder, "lock"), BUILD_SECONDS);
  if (lock === null) throw new Error(`The web application is not built in ${BUILD_SECONDS} s`);
  if (!existsSync(built)) {
    const unfinished = join(folder, "unfinished");
    const vite = `${ROOT}/node_modules/vite/bin/vite.js`;
    const options = ["--outDir", unfinished, "--emptyOutDir", "--logLevel", "error"];
    // In a process of its own: here NODE_ENV is "test".
    await promisify(execFile)(process.execPath, [vite, "build", "console", ...options], {
      cwd: ROOT,
      env: { ...process.env, NODE_ENV: "production" },
    });
    await rename(unfinished, built);
  }
  return built;
}

/** Creates a folder that stands for the built web application: a page and a script. */
export async function createConsoleFolder(): Promise<TemporaryFolder> {
  const folder = await createFolder();
  for (const [name, text] of [
    ["console.html", "<!doctype html><title>Tepal</title>"],
    ["docs.html", "<!doctype html><title>Tepal API</title>"],
    ["assets/console-1a2b.js", "export {};"],
  ] as const) {
    const path = join(folder.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return folder;
}

/** A server whose history has some seconds of traffic. Disposing closes it. */
export interface ServerWithTraffic extends AsyncDisposable {
  readonly server: TestServer;
  /** A moment at which the history has data, in milliseconds. */
  readonly end: number;
  /** Returns the URL of a page with five minutes up to `end`, without refresh: for example of `explore?q=up`. */
  toUrl(path: string): string;
}

const NAMES = ["sepal_length", "sepal_width", "petal_length", "petal_width"];
const ROWS = [
  [5.1, 3.5, 1.4, 0.2],
  [6.2, 2.9, 4.3, 1.3],
  [100, 3.5, 1.4, 0.2],
];
/** Charts end at the last multiple of their step, and need some points. */
const MARGIN_MS = 3_000;
const RANGE_MS = 300_000;

/** Starts a server with the built web application and its monitor, and sends predictions, an outlier and bad requests. */
export async function startServerWithTraffic(
  options: Parameters<typeof startServer>[0] = {},
): Promise<ServerWithTraffic> {
  const consoleFolder = await buildConsole();
  const server = await startServer(
    { monitor: true, persist: false, scrapeInterval: 0.5, ...options },
    { consoleFolder },
  );
  const send = async (): Promise<void> => {
    for (const row of ROWS) {
      await server.post("/predict", Object.fromEntries(NAMES.map((name, i) => [name, row[i]])));
    }
    await server.post("/predict", {});
  };
  // Rates need two samples with requests between them.
  await send();
  const rate = encodeURIComponent('sum(rate(api_requests_total{route="/predict"}[1m])) > 0');
  await until(async () => {
    await send();
    const { json } = await server.get(
      `/prometheus/api/v1/query?query=${rate}&time=${(Date.now() - MARGIN_MS) / 1_000}`,
    );
    return json.data.result.length === 1;
  });
  const end = Date.now();
  return {
    server,
    end,
    toUrl: (path) =>
      `${server.url}/console/#/${path}${path.includes("?") ? "&" : "?"}from=${end - RANGE_MS}&to=${end}&refresh=`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export interface OpenedPage {
  readonly page: Page;
  /** Origins of all requests. */
  readonly hosts: ReadonlySet<string>;
  /** Errors in the page; replies with an error status are not among them. */
  readonly faults: readonly string[];
  /** URLs of queries to the Prometheus API. */
  readonly queries: readonly string[];
}

/** Opens a page in a context of its own. It is high, because panels query only while they are in view. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 3_600 }, ...options });
  // As what else is waited for (vitest.config.ts).
  page.setDefaultTimeout(60_000);
  const hosts = new Set<string>();
  const faults: string[] = [];
  const queries: string[] = [];
  page.on("request", (request) => {
    hosts.add(new URL(request.url()).origin);
    if (/\/api\/v1\/query/.test(request.url())) queries.push(request.url());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) {
      faults.push(message.text());
    }
  });
  await page.goto(url);
  return { page, hosts, faults, queries };
}

/** Writes a screenshot to the folder of TEPAL_SCREENSHOTS, if it is set. */
export async function capture(page: Page, name: string): Promise<void> {
  const folder = process.env["TEPAL_SCREENSHOTS"];
  if (folder !== undefined) {
    await page.screenshot({ path: `${folder}/console-${name}.png`, fullPage: true });
  }
}

/** Waits until every panel or query has its data. */
export async function waitForData(page: Page, selector = ".panel"): Promise<void> {
  const content = { ".panel": ".panel-body > *", ".query": ".query-facts" }[selector] ?? selector;
  await page.locator(content).first().waitFor();
  const busy = `${selector}[aria-busy="true"], ${selector} [aria-busy="true"]`;
  await expect.poll(() => page.locator(busy).count()).toBe(0);
}

export const findPanel = (page: Page, title: string): Locator =>
  page.locator(".panel", { has: page.getByRole("heading", { name: title, exact: true }) });

/** Returns by how many pixels the page is wider than its window, once that has been the same for five frames. */
export const findOverflow = (page: Page): Promise<number> =>
  page.evaluate<number>(`(async () => {
    const read = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    let overflow = read();
    for (let frames = 0; frames < 5; frames++) {
      await new Promise(requestAnimationFrame);
      if (read() !== overflow) frames = 0;
      overflow = read();
    }
    return overflow;
  })()`);

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../test/support/browser.ts";
import { createFolder } from "../test/support/folders.ts";
import { startServer } from "../test/support/server.ts";
import { toMedian } from "./statistics.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PANELS = 100;
const SERIES = 20;
const MANY_SERIES = 10_000;
const MANY_POINTS = 61;
const LOADS = 5;
const REFRESHES = 5;
const MEGABYTE = 1_000_000;

/**
 * Measures the dashboards of the console in Chromium. A Tepal server forwards the queries to a program that replies with made-up series
 * (`--prometheus-url`), so that a panel has exactly 20 series of an hour; the first dashboard is that of a server with its own history.
 *
 * - `--refreshes N`: refreshes after which the heap is compared; default 100
 * - `--only first|panels|heap|series`
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { refreshes: { type: "string", default: "100" }, only: { type: "string" } },
  });
  await promisify(execFile)(process.execPath, ["scripts/build-console.ts", "--if-needed"], {
    cwd: ROOT,
  });
  const browser = await openBrowser();
  const steps = {
    first: () => measureFirst(browser),
    panels: () => measurePanels(browser),
    heap: () => measureHeap(browser, Number(values.refreshes)),
    series: () => measureManySeries(browser),
  };
  try {
    for (const [name, step] of Object.entries(steps)) {
      if (values.only === undefined || values.only === name) await step();
    }
  } finally {
    await browser.close();
  }
  console.log(`load average at the end: ${loadavg()[0]!.toFixed(1)}`);
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
  for (let load = 0; load < LOADS; load++) {
    const page = await openPage(browser, 900);
    await page.goto(`${server.url}/console/#/dashboards/tepal-overview?refresh=`);
    times.push(await page.evaluate<number>("__settled()"));
    await page.context().close();
  }
  print("first dashboard, empty cache", times);
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

async function measureRefreshes(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const readProcessorMs = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1_000 * (metrics.find((metric) => metric.name === "TaskDuration")?.value ?? 0);
  };
  const times: number[] = [];
  const tasks: number[] = [];
  const spent: number[] = [];
  for (let refresh = 0; refresh < REFRESHES; refresh++) {
    const before = await readProcessorMs();
    const { time, longest } = await measureRefresh(page);
    spent.push((await readProcessorMs()) - before);
    times.push(time);
    tasks.push(longest);
  }
  print(`${name}: refresh`, times);
  print("  longest task (0 = none over 50 ms)", tasks);
  print("  processor time of the page's thread", spent);
}

/** Moves the range of the page by a minute, which queries all visible panels anew. */
async function measureRefresh(page: Page): Promise<{ time: number; longest: number }> {
  return page.evaluate<{ time: number; longest: number }>(`(async () => {
    __tasks.length = 0;
    const start = performance.now();
    globalThis.__end = (globalThis.__end ?? Date.now() - 86_400_000) + 60_000;
    location.hash = location.hash.replace(/\\?.*/, "") + "?from=" + (__end - 3_600_000) + "&to=" + __end;
    await new Promise((resolve) => setTimeout(resolve, 20));
    const end = await __settled();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { time: end - start, longest: Math.max(0, ...__tasks) };
  })()`);
}

async function measureHeap(browser: Browser, refreshes: number): Promise<void> {
  await using site = await startSite();
  const page = await openPage(browser, 900);
  await page.goto(`${site.url}/console/#/dashboards/panels`);
  await page.evaluate("__settled()");
  const session = await page.context().newCDPSession(page);
  const readHeap = async (): Promise<number> => {
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    return usedSize / MEGABYTE;
  };
  for (let refresh = 0; refresh < 10; refresh++) await measureRefresh(page);
  const before = await readHeap();
  for (let refresh = 0; refresh < refreshes; refresh++) await measureRefresh(page);
  const after = await readHeap();
  console.log(
    `heap after 10 refreshes ${before.toFixed(1)} MB, after ${refreshes} more ${after.toFixed(1)} MB`,
  );
  await page.context().close();
}

async function measureManySeries(browser: Browser): Promise<void> {
  await using site = await startSite();
  const page = await openPage(browser, 900);
  await page.goto(`${site.url}/console/#/dashboards/many`);
  await page.evaluate("__settled()");
  await measureRefreshes(page, `${MANY_SERIES} series in a reply`);
  await page.context().close();
}

function print(name: string, values: readonly number[]): void {
  const rounded = values.map((value) => Math.round(value));
  console.log(
    `${name.padEnd(52)} median ${toMedian(rounded)} ms, ${Math.min(...rounded)} to ${Math.max(...rounded)}`,
  );
}

/** In the page: collects long tasks, and waits until all visible panels have their data and nothing is drawn any more. */
const PROBE = `
  globalThis.__tasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) __tasks.push(duration);
  }).observe({ type: "longtask", buffered: true });
  globalThis.__settled = async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));
    const isBusy = () => {
      const panels = [...document.querySelectorAll(".panel")];
      return panels.length === 0 || document.querySelector(".panel-body > *") === null || document.querySelector('.panel[aria-busy="true"]') !== null ||
        document.querySelector(".panel .plot:empty") !== null;
    };
    let quiet = 0;
    let end = 0;
    // A frame after the data, the drawing of the last charts may still be in the queue.
    while (quiet < 5) {
      const at = await frame();
      if (isBusy() || globalThis.__drawing?.() > 0) quiet = 0;
      else if (quiet++ === 0) end = at;
    }
    return end;
  };
`;

async function openPage(browser: Browser, height: number): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height } });
  const page = await context.newPage();
  await page.addInitScript(PROBE);
  return page;
}

/** A Tepal server with two dashboards, over a program that replies like Prometheus. */
async function startSite(): Promise<{ readonly url: string } & AsyncDisposable> {
  const resources = new AsyncDisposableStack();
  const folder = resources.use(await createFolder());
  const panels = Array.from({ length: PANELS }, (_each, index) => ({
    id: index + 1,
    type: "timeseries",
    title: `Panel ${index + 1}`,
    gridPos: { x: (index % 4) * 6, y: Math.floor(index / 4) * 5, w: 6, h: 5 },
    targets: [{ expr: `made_up{panel="${index}", series="${SERIES}"}`, refId: "A" }],
  }));
  const dashboard = { title: "Panels", time: { from: "now-1h", to: "now" } };
  await writeFile(`${folder.path}/panels.json`, JSON.stringify({ ...dashboard, panels }));
  const many = {
    ...dashboard,
    panels: [
      {
        ...panels[0],
        gridPos: { x: 0, y: 0, w: 24, h: 14 },
        maxDataPoints: MANY_POINTS,
        targets: [{ expr: `made_up{series="${MANY_SERIES}"}`, refId: "A" }],
      },
    ],
  };
  await writeFile(`${folder.path}/many.json`, JSON.stringify(many));
  const prometheus = await startMadeUpPrometheus();
  resources.defer(() => void prometheus.close());
  const { port } = prometheus.address() as AddressInfo;
  const server = resources.use(
    await startServer({ dashboards: folder.path, prometheusUrl: `http://127.0.0.1:${port}` }),
  );
  return { url: server.url, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

async function startMadeUpPrometheus(): Promise<Server> {
  const server = createHttpServer((request, reply) => {
    const parameters = new URL(request.url ?? "", "http://x").searchParams;
    const read = (name: string): number => Number(parameters.get(name));
    const count = Number(/series="(\d+)"/.exec(parameters.get("query") ?? "")?.[1] ?? 1);
    const isRange = request.url?.includes("query_range") === true;
    const data = !isRange
      ? request.url?.includes("/targets") === true
        ? { activeTargets: [{ scrapeInterval: "15s" }] }
        : { resultType: "vector", result: [] }
      : {
          resultType: "matrix",
          result: Array.from({ length: count }, (_each, index) => ({
            metric: { __name__: "made_up", series: String(index) },
            values: listPoints(read("start"), read("end"), read("step"), index),
          })),
        };
    reply.setHeader("content-type", "application/json");
    reply.end(JSON.stringify({ status: "success", data }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function listPoints(start: number, end: number, step: number, series: number) {
  const points: (readonly [number, string])[] = [];
  for (let at = start; at <= end; at += step) {
    points.push([at, (series + Math.sin(at / 300 + series)).toFixed(6)]);
  }
  return points;
}

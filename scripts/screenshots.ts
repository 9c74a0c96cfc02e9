/**
 * Takes the pictures of the README and the docs from the running program, with traffic and a load test: `npm run screenshots`. Requires
 * Chromium at /usr/bin/chromium and the free ports 8000 and 8089. Pictures that are given as arguments are taken alone.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";
import { walkStep } from "../test/support/course.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const IMAGES = join(ROOT, "docs/images");
const SERVER = "http://127.0.0.1:8000";
const LOAD_PAGE = "http://127.0.0.1:8089";
const START_SECONDS = 60;
/** Traffic before the pictures: rates need some minutes. */
const TRAFFIC_SECONDS = 75;
/** Long enough for lines in the charts. */
const RUN_SECONDS = 60;
const MAX_BYTES = 150_000;

interface Picture {
  /** File name without its end. */
  readonly name: string;
  readonly url: string;
  readonly scheme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
  /** Brings the page to the state of the picture. */
  readonly prepare?: (page: Page) => Promise<void>;
}

const toConsole = (fragment: string): string => `${SERVER}/console/#/${fragment}`;
const QUERY = encodeURIComponent("sum by (route) (rate(api_requests_total[1m]))");

const PICTURES: readonly Picture[] = [
  { name: "load-page", url: LOAD_PAGE, height: 860, prepare: startRun },
  { name: "console-overview", url: toConsole(""), height: 620 },
  { name: "console-load", url: toConsole("load/server"), height: 900 },
  { name: "console-dashboard", url: toConsole("dashboards/tepal-overview?from=now-5m&to=now") },
  {
    name: "console-dashboard-dark",
    url: toConsole("dashboards/tepal-latency?from=now-5m&to=now"),
    scheme: "dark",
  },
  { name: "console-explore", url: toConsole(`explore?q=${QUERY}&view=graph&from=now-5m&to=now`) },
  { name: "console-try", url: toConsole("try"), prepare: predict },
  { name: "console-model", url: toConsole("model") },
  { name: "console-alerts", url: toConsole("alerts") },
  { name: "console-status", url: toConsole("status") },
  { name: "console-learn", url: toConsole("learn"), prepare: openCourse },
];

const chosen = process.argv.slice(2);
await mkdir(IMAGES, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), "tepal-screenshots-"));
const folders = [`--models=${folder}/models`, `--data-dir=${folder}/data`];
const server = spawn(process.execPath, [join(ROOT, "src/cli/main.ts"), "up", ...folders], {
  cwd: ROOT,
  stdio: ["ignore", "ignore", "inherit"],
});
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const traffic = new AbortController();
try {
  await waitForPage();
  const sending = sendTraffic(traffic.signal);
  await sleep(TRAFFIC_SECONDS * 1_000);
  for (const picture of PICTURES) {
    if (chosen.length === 0 || chosen.includes(picture.name)) await take(picture);
  }
  traffic.abort();
  await sending;
} finally {
  traffic.abort();
  await browser.close();
  if (server.exitCode === null) {
    server.kill("SIGTERM");
    await once(server, "exit");
  }
  await rm(folder, { recursive: true });
}

async function waitForPage(): Promise<void> {
  for (let waited = 0; waited < START_SECONDS; waited++) {
    if (server.exitCode !== null) throw new Error("tepal up ended: are ports 8000 and 8089 free?");
    const isReady = await fetch(LOAD_PAGE).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await sleep(1_000);
  }
  throw new Error(`${LOAD_PAGE} did not respond within ${START_SECONDS} s`);
}

/** Sends a prediction five times a second, with an outlier and a bad request now and then. */
async function sendTraffic(signal: AbortSignal): Promise<void> {
  for (let count = 0; !signal.aborted; count++) {
    const kind = count % 40;
    const size = kind === 13 ? 60 : 4.4 + 3.4 * Math.abs(Math.sin(count));
    const row = {
      sepal_length: size,
      sepal_width: 2.4 + 1.6 * Math.abs(Math.cos(count * 1.7)),
      petal_length: 1.2 + 5.2 * Math.abs(Math.sin(count * 0.9)),
      petal_width: 0.2 + 2.1 * Math.abs(Math.sin(count * 0.9)),
    };
    await fetch(`${SERVER}/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(kind === 27 ? { sepal_length: "long" } : row),
    }).catch(() => undefined);
    await sleep(200);
  }
}

async function take(picture: Picture): Promise<void> {
  const { name, url, scheme = "light", width = 1_200, height = 820, prepare } = picture;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  await page.goto(url);
  await prepare?.(page);
  await waitUntilDrawn(page);
  // The frame of the focus would mark what the last action left there.
  await page.evaluate("document.activeElement?.blur()");
  const path = join(IMAGES, `${name}.png`);
  await page.screenshot({ path });
  await page.close();
  const { size } = await stat(path);
  console.log(`wrote ${path}, ${Math.round(size / 1_000)} kB`);
  if (size > MAX_BYTES) console.warn(`${name} is larger than ${MAX_BYTES / 1_000} kB`);
}

/** Waits until nothing loads any more, and charts are drawn. */
async function waitUntilDrawn(page: Page): Promise<void> {
  await page.locator("main > *").first().waitFor();
  for (let waited = 0; waited < START_SECONDS; waited++) {
    await sleep(1_500);
    const loading = await page.locator('main .spinner, main [aria-busy="true"]').count();
    if (loading === 0) return;
  }
}

/** Starts a run of the load test, which the next pictures show too. */
async function startRun(page: Page): Promise<void> {
  await page.getByLabel("Users", { exact: true }).fill("50");
  await page.getByLabel("Spawn rate", { exact: true }).fill("5");
  await page.getByLabel("Run time", { exact: true }).fill(`${2 * RUN_SECONDS}s`);
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.getByRole("tab", { name: /^Charts/ }).click();
  await sleep(RUN_SECONDS * 1_000);
}

/** Predicts a row that is unlike the training data. */
async function predict(page: Page): Promise<void> {
  await page.locator("main form").first().waitFor();
  const button = page.getByRole("button", { name: /^predict/i }).first();
  if ((await button.count()) > 0) await button.click();
  await sleep(1_500);
}

/** Opens the course beside Explore, at the step of the query. */
async function openCourse(page: Page): Promise<void> {
  await page.goto(toConsole("learn/first-steps"));
  for (const id of ["first-steps/predict", "first-steps/overview", "first-steps/query"]) {
    await walkStep(page, id, START_SECONDS * 1_000);
  }
}

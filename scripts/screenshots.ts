/**
 * Takes the pictures of the README and the docs from the running program: `npm run screenshots`. Requires Chromium at
 * /usr/bin/chromium and the free ports 8000 and 8089.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const IMAGES = join(ROOT, "docs/images");
const LOAD_PAGE = "http://127.0.0.1:8089";
const START_SECONDS = 60;
/** Long enough for lines in the charts. */
const RUN_SECONDS = 60;

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
try {
  await waitForPage();
  const page = await browser.newPage({
    viewport: { width: 1200, height: 860 },
    colorScheme: "light",
  });
  await takeLoadPage(page);
} finally {
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
    if (
      await fetch(LOAD_PAGE).then(
        (response) => response.ok,
        () => false,
      )
    )
      return;
    await sleep(1_000);
  }
  throw new Error(`${LOAD_PAGE} did not respond within ${START_SECONDS} s`);
}

async function takeLoadPage(page: Page): Promise<void> {
  await page.goto(LOAD_PAGE);
  await page.getByLabel("Users", { exact: true }).fill("50");
  await page.getByLabel("Spawn rate", { exact: true }).fill("5");
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.getByRole("tab", { name: /^Charts/ }).click();
  await sleep(RUN_SECONDS * 1_000);
  const path = join(IMAGES, "load-page.png");
  await page.screenshot({ path });
  console.log(`wrote ${path}`);
}

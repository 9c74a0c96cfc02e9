/**
 * Walks the hands-on pages of the tutorial as a learner does, in Chromium with one process: `npm run learner-path`. Each step must not be
 * green before it is done, and must turn green when its button "Do it" has done it. Prints the minutes of each page: reading at 200 words a
 * minute (counted), and the time of the steps (measured). Arguments select pages by the begin of their path; `--port N` sets the first of
 * two ports (default: 8000, and 8089 for the load page). Requires Chromium at /usr/bin/chromium.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { summarizePage } from "../console/course/render-page.ts";
import type { PageSummary } from "../console/course/course-text.ts";
import { WORDS_PER_MINUTE } from "../console/src/learn/outline.ts";
import { openBrowser } from "../test/support/browser.ts";
import { walkStep } from "../test/support/course.ts";

const ROOT = join(import.meta.dirname, "..");
const START_SECONDS = 60;
/** A step may wait for an alert. */
const STEP_MS = 300_000;
const AIM_MINUTES = 60;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: "string", default: "8000" }, "load-port": { type: "string" } },
});
const port = Number(values.port);
const loadPort = Number(values["load-port"] ?? (port === 8_000 ? 8_089 : port + 1));
const server = `http://127.0.0.1:${port}`;
const chosen = positionals.length === 0 ? ["hands-on/"] : positionals;

interface WalkedPage {
  readonly summary: PageSummary;
  readonly readMinutes: number;
  readonly stepMinutes: number;
}

const folder = await mkdtemp(join(tmpdir(), "tepal-learner-"));
const program = spawn(
  process.execPath,
  [
    join(ROOT, "src/cli/main.ts"),
    "up",
    `--port=${port}`,
    `--load-port=${loadPort}`,
    `--models=${folder}/models`,
    `--data-dir=${folder}/data`,
  ],
  { cwd: folder, stdio: "ignore" },
);
const browser = await openBrowser();
try {
  await waitForServer();
  const pages = listPages().filter(({ path }) => chosen.some((begin) => path.startsWith(begin)));
  if (pages.length === 0) throw new Error(`Expected pages of the tutorial, got ${chosen.join()}.`);
  const page = await browser.newPage({ viewport: { width: 1_440, height: 900 } });
  const walked: WalkedPage[] = [];
  for (const summary of pages) walked.push(await walkPage(page, summary));
  printTable(walked);
} finally {
  await browser.close();
  if (program.exitCode === null) {
    program.kill("SIGTERM");
    await once(program, "exit");
  }
  await rm(folder, { recursive: true });
}

function listPages(): readonly PageSummary[] {
  const tutorial = join(ROOT, "docs/tutorial");
  return globSync("**/*.md", { cwd: tutorial })
    .toSorted()
    .map((file) =>
      summarizePage(readFileSync(join(tutorial, file), "utf8"), file.replace(/\.md$/, "")),
    );
}

async function waitForServer(): Promise<void> {
  for (const url of [server, `http://127.0.0.1:${loadPort}`]) {
    const end = performance.now() + START_SECONDS * 1_000;
    while (
      !(await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (program.exitCode !== null) throw new Error(`tepal up ended: is ${url} free?`);
      if (performance.now() > end) throw new Error(`${url} did not respond.`);
      await sleep(200);
    }
  }
}

async function walkPage(page: Page, summary: PageSummary): Promise<WalkedPage> {
  await page.goto(`${server}/console/#/learn/${summary.path}`);
  let stepMs = 0;
  for (const id of summary.steps) {
    const { label, checksBefore, durationMs } = await walkStep(page, id, STEP_MS);
    stepMs += durationMs;
    const seconds = (durationMs / 1_000).toFixed(1);
    console.log(
      `${id}: ${label}. Not green in ${checksBefore} checks, then green after ${seconds} s`,
    );
  }
  return {
    summary,
    readMinutes: summary.words / WORDS_PER_MINUTE,
    stepMinutes: stepMs / 60_000,
  };
}

function printTable(pages: readonly WalkedPage[]): void {
  const rows = pages.map(({ summary: { title, words, steps }, readMinutes, stepMinutes }) => ({
    title,
    words,
    steps: steps.length,
    readMinutes,
    stepMinutes,
  }));
  const sum = (pick: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + pick(row), 0);
  const total = {
    title: "Sum",
    words: sum((row) => row.words),
    steps: sum((row) => row.steps),
    readMinutes: sum((row) => row.readMinutes),
    stepMinutes: sum((row) => row.stepMinutes),
  };
  console.log("\n| Page | Words | Steps | Reading (min) | Steps (min) | Minutes |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  for (const row of [...rows, total]) {
    const { title, words, steps, readMinutes, stepMinutes } = row;
    const minutes = [readMinutes, stepMinutes, readMinutes + stepMinutes].map((each) =>
      each.toFixed(1),
    );
    console.log(`| ${[title, words, steps, ...minutes].join(" | ")} |`);
  }
  const minutes = total.readMinutes + total.stepMinutes;
  if (minutes > AIM_MINUTES) {
    console.error(`Expected at most ${AIM_MINUTES} minutes, got ${minutes.toFixed(1)}.`);
    process.exitCode = 1;
  }
}

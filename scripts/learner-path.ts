/**
 * Walks the hands-on pages of the tutorial as a learner does, in Chromium with one process: `npm run learner-path`. Each step must not be
 * green before it is done, and must turn green afterwards: its button "Do it" does it, or its commands in a terminal. Prints the minutes of
 * each page: reading at 200 words a minute (counted), and the time of the steps (measured). Arguments select pages by the begin of their
 * path; `--port N` sets the first of two ports (default: 8000, and 8089 for the load page). Requires Chromium at /usr/bin/chromium, and the
 * free port 8099 for the receiver of alerts.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import type { PageSummary } from "../console/course/course-text.ts";
import { summarizePage } from "../console/course/render-page.ts";
import { MECHANICS } from "../console/src/learn/course/course.ts";
import { WORDS_PER_MINUTE } from "../console/src/learn/outline.ts";
import { openBrowser } from "../test/support/browser.ts";
import { walkStep } from "../test/support/course.ts";
import { startLearner, type Learner } from "./learner/learner.ts";

const TUTORIAL = join(import.meta.dirname, "../docs/tutorial");
/** A step may wait for an alert. */
const STEP_MS = 180_000;
const AIM_MINUTES = 60;

interface WalkedPage {
  readonly summary: PageSummary;
  readonly readMinutes: number;
  readonly stepMinutes: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: "string", default: "8000" } },
});
const chosen = positionals.length === 0 ? ["hands-on/"] : positionals;
const pages = listPages().filter(({ path }) => chosen.some((begin) => path.startsWith(begin)));
if (pages.length === 0) throw new Error(`Expected pages of the tutorial, got ${chosen.join()}.`);

const resources = new AsyncDisposableStack();
try {
  const learner = resources.use(await startLearner(Number(values.port)));
  const browser = await openBrowser();
  resources.defer(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1_440, height: 900 } });
  const walked: WalkedPage[] = [];
  for (const summary of pages) walked.push(await walkPage(page, summary, learner));
  printTable(walked);
} finally {
  await resources.disposeAsync();
}

function listPages(): readonly PageSummary[] {
  return globSync("**/*.md", { cwd: TUTORIAL })
    .toSorted()
    .map((file) =>
      summarizePage(readFileSync(join(TUTORIAL, file), "utf8"), file.replace(/\.md$/, "")),
    );
}

async function walkPage(page: Page, summary: PageSummary, learner: Learner): Promise<WalkedPage> {
  await learner.prepare(summary.path);
  await page.goto(`${learner.url}/console/#/learn/${summary.path}`);
  let stepMs = 0;
  for (const id of summary.steps) {
    const perform = toPerformance(page, id, learner);
    const { label, checksBefore, durationMs } = await walkStep(page, id, STEP_MS, perform);
    stepMs += durationMs;
    const seconds = (durationMs / 1_000).toFixed(1);
    console.log(`${id}: ${label}. Not green in ${checksBefore} checks, green after ${seconds} s`);
  }
  return {
    summary,
    readMinutes: summary.words / WORDS_PER_MINUTE,
    stepMinutes: stepMs / 60_000,
  };
}

/** A step without a button: what a terminal does, then the page of the console that shows it. Undefined for a step with one. */
function toPerformance(page: Page, id: string, learner: Learner) {
  const { action, page: fragment } = MECHANICS[id]!;
  if (action !== undefined) return undefined;
  return async (): Promise<string> => {
    const label = await learner.performInTerminal(id);
    await page.goto(`${learner.url}/console/${fragment}`);
    return label;
  };
}

function printTable(walked: readonly WalkedPage[]): void {
  const rows = walked.map(({ summary: { title, words, steps }, readMinutes, stepMinutes }) => ({
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
  for (const { title, words, steps, readMinutes, stepMinutes } of [...rows, total]) {
    const minutes = [readMinutes, stepMinutes, readMinutes + stepMinutes];
    const cells = [title, words, steps, ...minutes.map((each) => each.toFixed(1))];
    console.log(`| ${cells.join(" | ")} |`);
  }
  const minutes = total.readMinutes + total.stepMinutes;
  if (minutes > AIM_MINUTES) {
    console.error(`Expected at most ${AIM_MINUTES} minutes, got ${minutes.toFixed(1)}.`);
    process.exitCode = 1;
  }
}

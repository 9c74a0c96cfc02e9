/**
 * Walks the first steps and the hands-on pages of the tutorial as a learner does, in Chromium with one process: `npm run learner-path`. Each
 * step must not be green before it is done, and must turn green afterwards: its button "Do it" does it, or its commands in a terminal. Prints
 * the minutes of each page: reading at 200 words a minute (counted), and the time of the steps (measured). Arguments select pages by the begin
 * of their path; `--port N` sets the first of two ports (default: 8000, and 8089 for the load page); `--save` writes the table to
 * bench/results/, from which `npm run generate` inserts it. Requires Chromium at /usr/bin/chromium, and the free port 8099 for the receiver
 * of alerts.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { saveResult } from "../bench/save-result.ts";
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
/** Time of a step by hand, which no script measures. */
const MINUTES_BY_HAND = 0.5;
const HANDS_ON = "hands-on/";

interface WalkedPage {
  readonly summary: PageSummary;
  readonly readMinutes: number;
  readonly stepMinutes: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: "string", default: "8000" },
    save: { type: "boolean", default: false },
  },
});
const chosen = positionals.length === 0 ? ["first-steps", HANDS_ON] : positionals;
const pages = listPages().filter(({ path }) => chosen.some((begin) => path.startsWith(begin)));
if (pages.length === 0) throw new Error(`Expected pages of the tutorial, got ${chosen.join()}.`);

if (values.save) await saveResult("learner-path", "npm run learner-path", walkPages);
else await walkPages();

async function walkPages(): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const learner = resources.use(await startLearner(Number(values.port)));
  const browser = await openBrowser();
  resources.defer(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1_440, height: 900 } });
  const walked: WalkedPage[] = [];
  for (const summary of pages) walked.push(await walkPage(page, summary, learner));
  printTable(walked);
  printSum(walked.filter(({ summary }) => summary.path.startsWith(HANDS_ON)));
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
    // Not a part of the result that is saved.
    process.stdout.write(
      `${id}: ${label}. Not green in ${checksBefore} checks, green after ${seconds} s\n`,
    );
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
  console.log("words  steps  reading (min)  steps (min)  page");
  for (const { summary, readMinutes, stepMinutes } of walked) {
    const { title, words, steps } = summary;
    const cells = [
      String(words).padStart(5),
      String(steps.length).padStart(5),
      readMinutes.toFixed(1).padStart(13),
      stepMinutes.toFixed(1).padStart(11),
      title,
    ];
    console.log(cells.join("  "));
  }
}

/** Prints the sums of part two, and compares them with the aim. */
function printSum(walked: readonly WalkedPage[]): void {
  if (walked.length === 0) return;
  const sum = (pick: (page: WalkedPage) => number): number =>
    walked.reduce((total, page) => total + pick(page), 0);
  const reading = sum(({ readMinutes }) => readMinutes);
  const doing = sum(({ stepMinutes }) => stepMinutes);
  const steps = walked.flatMap(({ summary }) => summary.steps);
  const byHand = steps.filter((id) => MECHANICS[id]?.action === undefined).length;
  const words = sum(({ summary }) => summary.words);
  console.log(`Part two: ${walked.length} questions, ${words} words, ${steps.length} steps`);
  console.log(`With Do it: ${steps.length - byHand} steps; in a terminal or an editor: ${byHand}`);
  console.log(`Reading: ${reading.toFixed(1)} min, steps: ${doing.toFixed(1)} min`);
  console.log(`Together: ${(reading + doing).toFixed(1)} min`);
  const minutes = reading + MINUTES_BY_HAND * steps.length;
  console.log(`By hand, with ${60 * MINUTES_BY_HAND} s for each step: ${minutes.toFixed(1)} min`);
  if (reading + doing > AIM_MINUTES) {
    console.error(`Expected at most ${AIM_MINUTES} minutes.`);
    process.exitCode = 1;
  }
}

import type { Locator, Page } from "playwright-core";

/** Checks of a step before it is done: numbers of the begin are known after the first. */
const CHECKS_BEFORE = 2;

export interface WalkedStep {
  readonly id: string;
  /** Label of "Do it". */
  readonly label: string;
  /** Checks that found the step not done before it was done. */
  readonly checksBefore: number;
  /** Milliseconds from "Do it" until the step is green. */
  readonly durationMs: number;
}

export const findStep = (page: Page, id: string): Locator => page.locator(`[data-step="${id}"]`);

/**
 * Does the current step of the course, by default with its button and by keyboard. First the step must have been checked without turning
 * green.
 *
 * @param perform does a step that the console has no button for; returns its label
 * @throws Error for a step that is green before it is done
 */
export async function walkStep(
  page: Page,
  id: string,
  timeoutMs: number,
  perform?: () => Promise<string>,
): Promise<WalkedStep> {
  const step = findStep(page, id);
  await waitForState(page, id, "current", timeoutMs);
  const tooFew = Array.from(
    { length: CHECKS_BEFORE },
    (_each, checks) => `[data-checks="${checks}"]`,
  );
  await page.locator(`[data-step="${id}"]:not(${tooFew.join()})`).waitFor();
  const state = await step.getAttribute("data-state");
  if (state !== "current") throw new Error(`Expected ${id} not to be done yet, got ${state}.`);
  const checksBefore = Number(await step.getAttribute("data-checks"));
  const begin = performance.now();
  const label = await (perform ?? pressButton)();
  await waitForState(page, id, "done", timeoutMs);
  return { id, label, checksBefore, durationMs: performance.now() - begin };

  async function pressButton(): Promise<string> {
    const button = step.getByRole("button", { name: /^Do it: / });
    const text = await button.innerText();
    await button.focus();
    await page.keyboard.press("Enter");
    return text.replace("Do it: ", "");
  }
}

async function waitForState(
  page: Page,
  id: string,
  state: "current" | "done",
  timeout: number,
): Promise<void> {
  const expected = page.locator(`[data-step="${id}"][data-state="${state}"]`);
  const problem = findStep(page, id).locator(".notice.is-bad");
  await expected.or(problem).first().waitFor({ timeout });
  if ((await problem.count()) > 0) throw new Error(`${id}: ${await problem.first().innerText()}`);
}

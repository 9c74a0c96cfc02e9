import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { findOverflow } from "./console.ts";

/** Every rule in the light theme, at both widths; the dark theme differs in its colors alone. */
const COMBINATIONS = [
  { scheme: "light", width: 1_440, options: {} },
  { scheme: "dark", width: 1_440, options: { runOnly: ["color-contrast"] } },
  { scheme: "dark", width: 360, options: { runOnly: ["color-contrast"] } },
  { scheme: "light", width: 360, options: {} },
] as const;
const HEIGHT = 900;

/**
 * Returns violations and parts that are too wide, in both themes and from 360 to 2,560 pixels, and animations despite reduced motion. The
 * page is switched, not loaded again.
 * @param part CSS selector of the part that axe checks, for example an open dialog
 */
export async function findViolations(page: Page, part = "html"): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { scheme, width, options } of COMBINATIONS) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await resize(page, width);
    problems.push(...(await findTooWide(page, width)));
    // Colors change within a frame, also with reduced motion.
    await expect.poll(() => page.evaluate<number>("document.getAnimations().length")).toBe(0);
    const violations = await findAxeViolations(page, part, options);
    problems.push(...violations.map((text) => `${scheme}, ${width} px | ${text}`));
  }
  await resize(page, 2_560);
  problems.push(...(await findTooWide(page, 2_560)));
  await resize(page, 1_440);
  const moving = await page.evaluate<number>(
    "document.getAnimations().filter(({ effect }) => effect.getTiming().iterations === Infinity).length",
  );
  if (moving > 0) problems.push(`${moving} animations despite reduced motion`);
  return problems;
}

/** Waits until the page has the width and has drawn it: until then it has the navigation of the width before. */
export async function resize(page: Page, width: number, height = HEIGHT): Promise<void> {
  await page.setViewportSize({ width, height });
  await expect.poll(() => page.evaluate("innerWidth")).toBe(width);
  await page.evaluate(
    "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn())))",
  );
}

/** Charts follow the width in the next frame. */
async function findTooWide(page: Page, width: number): Promise<readonly string[]> {
  return expect
    .poll(() => findOverflow(page))
    .toBe(0)
    .then(() => [])
    .catch(async () => [`${await findOverflow(page)} px too wide at ${width} px`]);
}

/** Returns what axe finds in a part of the page in its current state. */
export async function findAxeViolations(
  page: Page,
  part: string,
  options: object = {},
): Promise<readonly string[]> {
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(axe.source);
  const settings = { resultTypes: ["violations"], ...options };
  const { violations } = await page.evaluate<axe.AxeResults>(
    `axe.run(document.querySelector(${JSON.stringify(part)}), ${JSON.stringify(settings)})`,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) =>
      [id, help, String(target), failureSummary].join(" | "),
    ),
  );
}

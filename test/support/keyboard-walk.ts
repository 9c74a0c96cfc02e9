import type { Page } from "playwright-core";
import { expect } from "vitest";

/** The focus after a press of Tab. */
interface Stop {
  /** Position among the elements that Tab can reach; −1 for the document. */
  readonly index: number;
  readonly text: string;
  readonly problems: readonly string[];
}

/**
 * Functions in the page. The elements that Tab reaches are listed in the order of the document; of a group of radio buttons, one. A focus
 * indicator is an outline of the element, of a part around it, or of a part in its shadow root.
 */
const PROGRAM = `
window.listStops = (root) => {
  const groups = new Set();
  return [...root.querySelectorAll("*")].filter((element) => {
    // An editor in a shadow root is one stop.
    const isEditor = element.shadowRoot?.querySelector("[contenteditable=true]") !== null && element.shadowRoot !== null;
    if (!isEditor && (element.tabIndex < 0 || element.matches(":disabled"))) return false;
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    if (element.type !== "radio") return true;
    if (groups.has(element.name)) return false;
    groups.add(element.name);
    return true;
  });
};
window.nameOf = (element) => {
  const parts = (element.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "");
  const labels = [...(element.labels ?? [])].map((label) => label.textContent);
  const inner = element.shadowRoot?.querySelector("[contenteditable=true]")?.getAttribute("aria-label") ?? "";
  return [element.getAttribute("aria-label") ?? "", inner, ...parts, ...labels, element.textContent, element.title].join(" ").replace(/\\s+/g, " ").trim();
};
window.isOutlined = (each) =>
  ["", "::after"].some((pseudo) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(each, pseudo);
    return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1;
  });
window.hasIndicator = (element) => {
  let each = element;
  for (let level = 0; each !== null && level < 4; level++) {
    if (isOutlined(each)) return true;
    each = each.parentElement;
  }
  const inner = element.shadowRoot?.activeElement ?? null;
  return inner !== null && [inner, inner.closest(".cm-editor")].some((part) => part !== null && isOutlined(part));
};
window.readStop = (selector) => {
  const element = document.activeElement;
  if (element === document.body || element === null) return { index: -1, text: "document", problems: [] };
  const isSame = (each) => each === element || (element.type === "radio" && each.type === "radio" && each.name === element.name);
  const index = listStops(document.querySelector(selector)).findIndex(isSame);
  const name = nameOf(element);
  const text = element.tagName.toLowerCase() + " " + JSON.stringify(name.slice(0, 60));
  const { width, height } = element.getBoundingClientRect();
  const problems = [];
  if (index < 0) problems.push("is not expected to have the focus");
  if (name === "") problems.push("has no name: " + element.outerHTML.slice(0, 120));
  if (width < 1 || height < 1) problems.push("is not visible");
  if (!hasIndicator(element)) problems.push("has no visible focus: " + element.className);
  return { index, text, problems };
};`;

/** More presses of Tab than any page has elements. */
const MAX_STOPS = 600;
/** Walks through a page that changes meanwhile, for example a list that new data sort anew. */
const MAX_WALKS = 5;

/**
 * Presses Tab through a part of a page, and returns what is wrong: elements that are left out, out of order, without a name or a visible
 * focus, and a trap. Walks again if there were problems and the elements have changed meanwhile.
 * @param part CSS selector: the whole page, or a dialog, which keeps the focus
 */
export async function walkByTab(page: Page, part = "body"): Promise<readonly string[]> {
  const selector = JSON.stringify(part);
  await page.evaluate(PROGRAM);
  let problems: readonly string[] = [];
  for (let walks = 0; walks < MAX_WALKS; walks++) {
    const before = await listNames(page, selector);
    problems = await walkOnce(page, selector);
    const after = await listNames(page, selector);
    if (problems.length === 0 || before.join("\n") === after.join("\n")) break;
  }
  return problems;
}

/** The elements that Tab can reach, in order: tag and name. */
function listNames(page: Page, selector: string): Promise<readonly string[]> {
  return page.evaluate<readonly string[]>(
    `listStops(document.querySelector(${selector})).map((each) => each.tagName.toLowerCase() + " " + JSON.stringify(nameOf(each).slice(0, 60)))`,
  );
}

async function walkOnce(page: Page, selector: string): Promise<readonly string[]> {
  await page.evaluate(`listStops(document.querySelector(${selector}))[0]?.focus()`);
  const problems: string[] = [];
  const seen = new Set<number>();
  for (let press = 0; press < MAX_STOPS; press++) {
    const stop = await readStop(page, selector);
    // After the last element, the browser's own controls may have the focus before the first element has it again.
    if ((stop.index === 0 || stop.text === "document") && seen.size > 0) break;
    problems.push(...stop.problems.map((problem) => `${stop.text} ${problem}`));
    if (stop.index < 0 || seen.has(stop.index)) {
      problems.push(`${stop.text} ends the walk`);
      break;
    }
    if (stop.index < Math.max(-1, ...seen)) problems.push(`${stop.text} is out of order`);
    seen.add(stop.index);
    await page.keyboard.press("Tab");
  }
  const names = await listNames(page, selector);
  if (names.length === 0) problems.push("Nothing can have the focus");
  return [
    ...problems,
    ...names.flatMap((name, index) => (seen.has(index) ? [] : [`${name} is not reached`])),
  ];
}

/** An editor shows its focus a few frames after it has it. */
async function readStop(page: Page, selector: string): Promise<Stop> {
  const read = (): Promise<Stop> => page.evaluate<Stop>(`readStop(${selector})`);
  await expect
    .poll(async () => (await read()).problems, { timeout: 1_000 })
    .toEqual([])
    .catch(() => {});
  return read();
}

import { isShortcut } from "./keys.ts";

/** A part of a page with charts, whose button shows them as a table. */
export const CHARTS = { "data-charts": "" } as const;
/** The button of such a part. */
export const TABLE_TOGGLE = { "data-table-toggle": "" } as const;

/**
 * Lets the key `t` press the button of the charts with the focus, else of those under the pointer, else of the only ones on the page.
 * The button gets the focus if it was on a chart, which is removed.
 */
export function listenToTableKey(): void {
  addEventListener("keydown", (event) => {
    if (event.key !== "t" || !isShortcut(event)) return;
    const { activeElement } = document;
    const own = activeElement?.closest("[data-charts]");
    const parts = document.querySelectorAll("[data-charts]");
    const part =
      own ??
      [...document.querySelectorAll("[data-charts]:hover")].at(-1) ??
      (parts.length === 1 ? parts[0] : undefined);
    const toggle = part?.querySelector<HTMLElement>("[data-table-toggle]");
    if (toggle === null || toggle === undefined) return;
    if (own !== null && own !== undefined) toggle.focus({ preventScroll: true });
    toggle.click();
  });
}

/** A command on one panel, from its menu or its key. */
export type PanelCommand = "view" | "table" | "explore";

/** Keys on the panel under the pointer or with the focus. */
export const PANEL_KEYS: Readonly<Record<string, PanelCommand>> = {
  v: "view",
  t: "table",
  e: "explore",
};

/** Returns the key of the panel with the focus, or under the pointer. */
export function findPanelKey(): string | undefined {
  const panel =
    document.activeElement?.closest<HTMLElement>(".panel") ??
    document.querySelector<HTMLElement>(".panel:hover");
  return panel?.dataset["key"];
}

/** A command on one panel, from its menu or its key. */
export type PanelCommand = "view" | "table" | "explore";

/** Keys on the panel under the pointer or with the focus. */
export const PANEL_KEYS: Readonly<Record<string, PanelCommand>> = {
  v: "view",
  t: "table",
  e: "explore",
};

/** Returns true if a key is typed into a field, or belongs to the browser. */
export function isTyping(event: KeyboardEvent): boolean {
  const { target } = event;
  const isField =
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("textarea, select, input:not([type=checkbox], [type=radio])"));
  return isField || event.ctrlKey || event.metaKey || event.altKey;
}

/** Returns the key of the panel with the focus, or under the pointer. */
export function findPanelKey(): string | undefined {
  const panel =
    document.activeElement?.closest<HTMLElement>(".panel") ??
    document.querySelector<HTMLElement>(".panel:hover");
  return panel?.dataset["key"];
}

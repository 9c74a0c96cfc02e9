/** Inputs that take no text: keys are free for shortcuts while they have the focus. */
const TEXTLESS = new Set(["button", "checkbox", "radio", "range", "color", "file", "submit"]);

/** Returns true for a key that a page may take as a shortcut: alone, outside of fields and of dialogs. */
export function isShortcut(event: KeyboardEvent): boolean {
  // Inside a shadow root, such as that of the editor, the target is its host.
  const [target] = event.composedPath();
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
    return false;
  if (document.querySelector("dialog[open]") !== null) return false;
  return !(target instanceof HTMLElement && takesText(target));
}

function takesText(element: HTMLElement): boolean {
  if (element instanceof HTMLInputElement) return !TEXTLESS.has(element.type);
  return element.isContentEditable || element.matches("textarea, select");
}

/**
 * Keeps the keyboard focus when the page removes or disables the focused element, for example a button that has done its work. Browsers
 * would move it to the start of the document. It moves to the nearest part of the page around the element that can have it, and to the
 * heading of the view if the whole view has changed.
 */
export function keepFocus(): void {
  let focused: HTMLElement | null = null;
  let around: readonly HTMLElement[] = [];

  document.addEventListener("focusin", ({ target }) => {
    focused = target instanceof HTMLElement ? target : null;
    around = focused === null ? [] : listAround(focused);
  });
  document.addEventListener("focusout", () => {
    // After a click beside all elements, the element is still there.
    queueMicrotask(() => {
      if (focused !== null && document.activeElement !== focused && isUsable(focused)) {
        focused = null;
      }
    });
  });
  new MutationObserver(() => {
    if (focused === null || isUsable(focused)) return;
    const isLost = document.activeElement === document.body || document.activeElement === focused;
    focused = null;
    if (isLost) focus(around.find(isUsable));
  }).observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["disabled"],
  });
}

function listAround(element: HTMLElement): readonly HTMLElement[] {
  const found: HTMLElement[] = [];
  for (let at = element.parentElement; at !== null; at = at.parentElement) {
    if (at.hasAttribute("tabindex")) found.push(at);
  }
  return found;
}

function isUsable(element: HTMLElement): boolean {
  return element.isConnected && !element.matches(":disabled");
}

function focus(nearest: HTMLElement | undefined): void {
  const main = document.querySelector<HTMLElement>("main");
  const heading = main?.querySelector<HTMLElement>("h1") ?? null;
  if (heading !== null) heading.tabIndex = -1;
  const isView = nearest === undefined || nearest === main;
  (isView ? (heading ?? main) : nearest)?.focus({ preventScroll: true });
}

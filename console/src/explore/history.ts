const KEY = "tepal-explore-history";
const MAX = 30;

/** Returns the expressions that were run in this browser, the newest first. */
export function readHistory(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

export function addToHistory(expressions: readonly string[]): void {
  const fresh = expressions.filter((expression) => expression.trim() !== "");
  const all = [...new Set([...fresh, ...readHistory()])].slice(0, MAX);
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    // Without storage there is no history.
  }
}

export function clearHistory(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // See above.
  }
}

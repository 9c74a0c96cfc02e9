import { useEffect, useState } from "preact/hooks";
import { parseProgress, type Progress } from "./parse-progress.ts";

const KEY = "tepal-tour";
const CHANGED = "tepal-tour-changed";
/** Without storage, progress lasts until the page is reloaded. */
let current = read();

function read(): Progress | undefined {
  try {
    return parseProgress(localStorage.getItem(KEY));
  } catch {
    return undefined;
  }
}

/** @param next undefined ends the tour */
export function setProgress(next: Progress | undefined): void {
  current = next;
  try {
    if (next === undefined) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // See above.
  }
  dispatchEvent(new Event(CHANGED));
}

export function useProgress(): Progress | undefined {
  const [progress, follow] = useState(current);
  useEffect(() => {
    const update = (): void => follow(current);
    addEventListener(CHANGED, update);
    return () => removeEventListener(CHANGED, update);
  }, []);
  return progress;
}

export function startTour(tour: string): void {
  setProgress({ tour, step: 0, done: [], before: {} });
}

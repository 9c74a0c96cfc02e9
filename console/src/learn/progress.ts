import { useEffect, useState } from "preact/hooks";
import { NO_PROGRESS, parseProgress, type Progress } from "./parse-progress.ts";

/** One for each server: several may share an origin, below paths of their own. */
const KEY = `tepal-course ${new URL("..", location.href).pathname}`;
const CHANGED = "tepal-course-changed";
/** Without storage, progress lasts until the page is reloaded. */
let current = read();

function read(): Progress {
  try {
    return parseProgress(localStorage.getItem(KEY));
  } catch {
    return NO_PROGRESS;
  }
}

export function getProgress(): Progress {
  return current;
}

export function changeProgress(change: (progress: Progress) => Progress): void {
  const next = change(current);
  if (next === current) return;
  current = next;
  try {
    if (next === NO_PROGRESS) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // See above.
  }
  dispatchEvent(new Event(CHANGED));
}

export function useProgress(): Progress {
  const [progress, follow] = useState(current);
  useEffect(() => {
    const update = (): void => follow(current);
    // A change between the first render and this effect.
    update();
    addEventListener(CHANGED, update);
    return () => removeEventListener(CHANGED, update);
  }, []);
  return progress;
}

/** Opens a page of the course beside the console. */
export function openCoursePage(path: string): void {
  changeProgress((progress) =>
    progress.opened === path && progress.last === path
      ? progress
      : { ...progress, opened: path, last: path },
  );
}

export function closeCourse(): void {
  changeProgress((progress) => ({ ...progress, opened: null }));
}

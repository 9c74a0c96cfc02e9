import { useEffect, useState } from "preact/hooks";
import type { Progress } from "./parse-progress.ts";
import { createProgressStore } from "./progress-store.ts";

const STORE = createProgressStore({
  // One for each server: several may share an origin, below paths of their own.
  key: `tepal-course ${new URL("..", location.href).pathname}`,
  storage: () => localStorage,
  events: window,
});

export const { get: getProgress, change: changeProgress } = STORE;

export function useProgress(): Progress {
  const [progress, follow] = useState(STORE.get);
  useEffect(() => {
    const update = (): void => follow(STORE.get());
    // A change between the first render and this effect.
    update();
    return STORE.follow(update);
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

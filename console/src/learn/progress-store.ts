import { NO_PROGRESS, parseProgress, type Progress } from "./parse-progress.ts";

/** The progress of this browser. Its tabs share it. */
export interface ProgressStore {
  get(): Progress;
  change(change: (progress: Progress) => Progress): void;
  /** Calls back after each change. @returns stops it */
  follow(listener: () => void): () => void;
}

interface StoreParts {
  readonly key: string;
  /** Throws if the browser has none. Without storage, progress lasts until the page is reloaded. */
  readonly storage: () => Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** The window. Its `storage` events report the changes of other tabs. */
  readonly events: Pick<EventTarget, "addEventListener">;
}

/** Creates the progress of a page; it lives as long as the page does. */
export function createProgressStore({ key, storage, events }: StoreParts): ProgressStore {
  const listeners = new Set<() => void>();
  let current = read();
  events.addEventListener("storage", (event) => {
    // No key: all items are gone.
    const changed = "key" in event ? event.key : null;
    if (changed === null || changed === key) set(read());
  });

  function read(): Progress {
    try {
      return parseProgress(storage().getItem(key));
    } catch {
      return NO_PROGRESS;
    }
  }

  function set(progress: Progress): void {
    current = progress;
    for (const listener of listeners) listener();
  }

  return {
    get: () => current,
    change(change) {
      const next = change(current);
      if (next === current) return;
      try {
        if (next === NO_PROGRESS) storage().removeItem(key);
        else storage().setItem(key, JSON.stringify(next));
      } catch {
        // See above.
      }
      set(next);
    },
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

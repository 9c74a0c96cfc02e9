import { expect, it } from "vitest";
import { NO_PROGRESS } from "./parse-progress.ts";
import { createProgressStore } from "./progress-store.ts";

const KEY = "course /";

/** Storage of a browser: the other tabs get an event for each change. */
function createBrowser() {
  const items = new Map<string, string>();
  const tabs = new Set<EventTarget>();
  function openTab() {
    const events = new EventTarget();
    tabs.add(events);
    const announce = (key: string): void => {
      for (const tab of tabs) {
        if (tab !== events) tab.dispatchEvent(Object.assign(new Event("storage"), { key }));
      }
    };
    const storage = {
      getItem: (key: string) => items.get(key) ?? null,
      setItem(key: string, value: string) {
        items.set(key, value);
        announce(key);
      },
      removeItem(key: string) {
        items.delete(key);
        announce(key);
      },
    };
    return createProgressStore({ key: KEY, storage: () => storage, events });
  }
  return { openTab, items };
}

it("keeps what all tabs have done, and reports the changes of other tabs", () => {
  const { openTab, items } = createBrowser();
  const [first, second] = [openTab(), openTab()];
  const reports: (readonly string[])[] = [];
  const stop = second.follow(() => reports.push(second.get().done));
  for (const [tab, id] of [
    [first, "a/1"],
    [second, "a/2"],
    [first, "a/3"],
  ] as const) {
    tab.change((progress) => ({ ...progress, done: [...progress.done, id] }));
  }
  const all = ["a/1", "a/2", "a/3"];
  expect([first, second, openTab()].map((tab) => tab.get().done)).toEqual([all, all, all]);
  expect(reports).toEqual([["a/1"], ["a/1", "a/2"], all]);

  stop();
  first.change(() => NO_PROGRESS);
  expect(second.get()).toBe(NO_PROGRESS);
  expect([items.size, reports.length]).toEqual([0, 3]);
});

it("remembers progress without storage until the page is reloaded", () => {
  const storage = (): never => {
    throw new Error("The browser blocks it.");
  };
  const store = createProgressStore({ key: KEY, storage, events: new EventTarget() });
  store.change((progress) => ({ ...progress, opened: "a" }));
  expect(store.get().opened).toBe("a");
});

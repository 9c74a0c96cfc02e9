import { describe, expect, it } from "vitest";
import { createTurns } from "./turns.ts";

describe("turns", () => {
  it("come in order, and other events are handled between any two", async () => {
    const turns = createTurns();
    const events: string[] = [];
    let isOver = false;
    const tick = (): void => {
      events.push("other");
      if (!isOver) setImmediate(tick);
    };
    setImmediate(tick);
    const names = ["a", "b", "c", "d"];
    await Promise.all(names.map((name) => turns.next().then(() => events.push(name))));
    isOver = true;
    expect(events.filter((event) => event !== "other")).toEqual(names);
    for (const [i, event] of events.entries()) {
      if (i > 0 && event !== "other") expect(events[i - 1]).toBe("other");
    }
  });

  it("continue after a pause", async () => {
    const turns = createTurns();
    await turns.next();
    await turns.next();
    expect(await Promise.all([turns.next(), turns.next()])).toHaveLength(2);
  });
});

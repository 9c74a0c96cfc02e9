import { describe, expect, it } from "vitest";
import type { RateCount } from "../../http/limits/rate-count.ts";
import { createRemoteRateCounter } from "./remote-rate-counter.ts";

describe("a worker's rate counter", () => {
  const countAll = (
    counter: ReturnType<typeof createRemoteRateCounter>,
    keys: readonly string[],
  ): Promise<RateCount[]> => Promise.all(keys.map((key) => counter(key)));

  it("sends one message for all requests of a turn of the event loop", async () => {
    const messages: (readonly string[])[] = [];
    const counter = createRemoteRateCounter(async (keys) => {
      messages.push(keys);
      return keys.map((_key, i) => ({ current: i + 1, ttl: 7 }));
    });
    const counts = await countAll(counter, ["a", "b", "a"]);
    expect(counts.map(({ current }) => current)).toEqual([1, 2, 3]);
    await countAll(counter, ["c"]);
    expect(messages).toEqual([["a", "b", "a"], ["c"]]);
  });

  it("lets requests pass uncounted when the primary is late or has ended", async () => {
    const late = createRemoteRateCounter(() => new Promise(() => {}));
    expect(await countAll(late, ["a"])).toEqual([{ current: 0, ttl: 0 }]);
    const ended = createRemoteRateCounter(() => Promise.reject(new Error("ended")));
    expect(await countAll(ended, ["a"])).toEqual([{ current: 0, ttl: 0 }]);
  });
});

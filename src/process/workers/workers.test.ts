import { describe, expect, it } from "vitest";
import type { RateCount } from "../../http/limits/rate-count.ts";
import { TepalError } from "../../kernel/errors.ts";
import { createChannel, type Channel } from "../../kernel/channel.ts";
import { createRequestCounter } from "./count-requests.ts";
import { mergeReports } from "./merge-reports.ts";

describe("the request counter of a worker", () => {
  const ask = (
    counter: ReturnType<typeof createRequestCounter>,
    keys: readonly string[],
  ): Promise<RateCount[]> =>
    Promise.all(keys.map((key) => new Promise<RateCount>((say) => counter(key, say))));

  it("asks once for all requests of a turn", async () => {
    const asked: (readonly string[])[] = [];
    const counter = createRequestCounter(async (keys) => {
      asked.push(keys);
      return keys.map((_key, i) => ({ current: i + 1, ttl: 7 }));
    });
    const counts = await ask(counter, ["a", "b", "a"]);
    expect(counts.map(({ current }) => current)).toEqual([1, 2, 3]);
    await ask(counter, ["c"]);
    expect(asked).toEqual([["a", "b", "a"], ["c"]]);
  });

  it("lets requests pass when the primary is late or gone", async () => {
    const never = createRequestCounter(() => new Promise(() => {}));
    expect(await ask(never, ["a"])).toEqual([{ current: 0, ttl: 0 }]);
    const gone = createRequestCounter(() => Promise.reject(new Error("gone")));
    expect(await ask(gone, ["a"])).toEqual([{ current: 0, ttl: 0 }]);
  });
});

describe("reports of several workers", () => {
  it("are told once, and what one could not load is told as failed", () => {
    const iris = { name: "iris", version: 2 };
    const plane = { name: "plane", version: 1 };
    const failed = { ...plane, reason: "no memory" };
    expect(
      mergeReports([
        { loaded: [iris, plane], failed: [], removed: [] },
        { loaded: [iris], failed: [failed], removed: [{ name: "old", version: 1 }] },
        { loaded: [], failed: [{ ...plane, reason: "also" }], removed: [] },
      ]),
    ).toEqual({ loaded: [iris], failed: [failed], removed: [{ name: "old", version: 1 }] });
  });
});

describe("a channel", () => {
  interface Calls {
    half(n: number): Promise<number>;
    fail(): Promise<void>;
    never(): Promise<void>;
  }

  function createPair(): Channel<Calls> {
    const calls: Calls = {
      async half(n) {
        if (n % 2 === 1) throw new TepalError("INVALID_INPUT", `${n} is odd`);
        return n / 2;
      },
      fail: () => Promise.reject(new TypeError("broken")),
      never: () => new Promise(() => {}),
    };
    const pass = (message: unknown): unknown => JSON.parse(JSON.stringify(message));
    const there = createChannel<object, Calls>((message) => here.receive(pass(message)), calls);
    const here: Channel<Calls> = createChannel<Calls, object>(
      (message) => there.receive(pass(message)),
      {},
    );
    return here;
  }

  it("brings answers and errors to who asked", async () => {
    const channel = createPair();
    expect(await Promise.all([channel.ask("half", 4), channel.ask("half", 10)])).toEqual([2, 5]);
    await expect(channel.ask("half", 3)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: "3 is odd",
    });
    await expect(channel.ask("fail")).rejects.toMatchObject({ code: "INTERNAL" });
    channel.receive("what is not ours");
  });

  it("fails what waits, and what is asked later, when the other side is gone", async () => {
    const channel = createPair();
    const waiting = channel.ask("never");
    channel.close();
    await expect(waiting).rejects.toMatchObject({ code: "INTERNAL" });
    await expect(channel.ask("half", 2)).rejects.toMatchObject({ code: "INTERNAL" });
  });
});

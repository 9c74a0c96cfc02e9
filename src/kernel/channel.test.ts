import { describe, expect, it } from "vitest";
import { createChannel, type Channel } from "./channel.ts";
import { TepalError } from "./errors.ts";

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

  it("returns results and errors to the caller", async () => {
    const channel = createPair();
    expect(await Promise.all([channel.ask("half", 4), channel.ask("half", 10)])).toEqual([2, 5]);
    await expect(channel.ask("half", 3)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: "3 is odd",
    });
    await expect(channel.ask("fail")).rejects.toMatchObject({ code: "INTERNAL" });
    channel.receive("what is not ours");
  });

  it("rejects pending and later calls once it is closed", async () => {
    const channel = createPair();
    const waiting = channel.ask("never");
    channel.close();
    await expect(waiting).rejects.toMatchObject({ code: "INTERNAL" });
    await expect(channel.ask("half", 2)).rejects.toMatchObject({ code: "INTERNAL" });
  });
});

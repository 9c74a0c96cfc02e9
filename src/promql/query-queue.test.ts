import { describe, expect, it } from "vitest";
import { toErrorType } from "./errors.ts";
import { createQueryQueue } from "./query-queue.ts";

describe("a queue of queries", () => {
  it("runs so many at a time, the others in order, also behind one that fails", async () => {
    const queue = createQueryQueue({ maxConcurrent: 2 });
    const log: string[] = [];
    let running = 0;
    let most = 0;
    const query = (name: string, fails = false) =>
      queue.run(async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        log.push(name);
        if (fails) throw new Error(name);
      });
    const results = await Promise.allSettled([
      query("a"),
      query("b", true),
      query("c"),
      query("d"),
      query("e"),
    ]);
    expect(log).toEqual(["a", "b", "c", "d", "e"]);
    expect(most).toBe(2);
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
      "fulfilled",
    ]);
    await expect(queue.run(() => 7)).resolves.toBe(7);
  });

  it("refuses whoever waits too long, or would be one too many, as Prometheus does", async () => {
    const queue = createQueryQueue({ maxConcurrent: 1, maxWaiting: 1, timeoutSeconds: 0.02 });
    let release = () => {};
    const first = queue.run(() => new Promise<void>((resolve) => (release = resolve)));
    const late = queue.run(() => "late");
    await expect(queue.run(() => "one too many")).rejects.toThrow(
      "too many queries are waiting: 1",
    );
    const error: unknown = await late.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: "query timed out in query queue" });
    expect(toErrorType(error)).toBe("timeout");
    release();
    await first;
    await expect(queue.run(() => "next")).resolves.toBe("next");
  });
});

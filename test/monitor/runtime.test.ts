import { describe, expect, it } from "vitest";
import { resolveOptions } from "../../src/config/resolve-options.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { MONITOR_OPTIONS } from "../../src/monitor/options.ts";
import { createRuntime } from "../../src/monitor/runtime.ts";
import { HEAVY } from "./heavy.ts";

/** Creates the runtime of the monitor thread in this thread. Only the shutdown of the monitor ends a query. */
async function open() {
  const closing = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const hooks = { onRender: () => {} };
  const flags = { persist: false, queryTimeout: 3_600, scrapeInterval: 0.1 };
  const runtime = await createRuntime(
    {
      options: resolveOptions(MONITOR_OPTIONS, { flags }),
      version: "0.0.0",
      url: "http://127.0.0.1:1",
      publicUrl: "http://127.0.0.1:1",
      zeroMs: undefined,
      closing: closing.buffer,
    },
    {
      clock: systemClock,
      log: { info() {}, warn() {}, error() {} },
      renderMetrics() {
        hooks.onRender();
        return Promise.resolve("a 1\n");
      },
      listExemplars: async () => [],
      publishStatistics() {},
    },
  );
  const query = async (promql: string) => {
    const parameters = new URLSearchParams({ query: promql }).toString();
    const { status, body } = await runtime.handle({ path: "query", parameters, gzip: false });
    return { code: status, ...JSON.parse(new TextDecoder().decode(body)) };
  };
  return { runtime, hooks, query, setClosing: (value: 0 | 1) => Atomics.store(closing, 0, value) };
}

describe("a monitor that closes", () => {
  it("ends the current query, and starts no waiting one", async () => {
    const { runtime, query } = await open();
    expect((await query("1+1")).code).toBe(200);
    const replies = [query(HEAVY), query("1+1")];
    await runtime.close();
    replies.push(query("1+1"));
    for (const reply of replies) {
      expect(await reply).toMatchObject({ code: 503, errorType: "unavailable" });
    }
  });

  it("stores correct durations of scrapes that are still running", async () => {
    const { runtime, hooks, query, setClosing } = await open();
    let scrapes = 0;
    hooks.onRender = () => {
      scrapes += 1;
      setClosing(1);
    };
    await expect.poll(() => scrapes).toBeGreaterThan(3);
    hooks.onRender = () => {};
    setClosing(0);
    const { data } = await query("max(max_over_time(scrape_duration_seconds[1m])) < 60");
    expect(data.result).toHaveLength(1);
    await runtime.close();
  });
});

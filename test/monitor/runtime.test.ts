import { describe, expect, it, vi } from "vitest";
import { resolveOptions } from "../../src/config/resolve-options.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { MONITOR_OPTIONS } from "../../src/monitor/options.ts";
import { createRuntime } from "../../src/monitor/runtime.ts";
import { HEAVY } from "./heavy.ts";

vi.setConfig({ testTimeout: 60_000 });

/** What runs in the monitor's thread, here without one, with nothing that would end a query but the end of the monitor. */
async function open() {
  const closing = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const hooks = { beforeLook: () => {}, beforePage: () => {} };
  const flags = { persist: false, queryTimeout: 3_600, scrapeInterval: 0.1 };
  const runtime = await createRuntime(
    {
      options: resolveOptions(MONITOR_OPTIONS, { flags }),
      version: "0.0.0",
      url: "http://127.0.0.1:1",
      closing: closing.buffer,
    },
    {
      clock: {
        nowMs: () => systemClock.nowMs(),
        monotonicSeconds() {
          hooks.beforeLook();
          return systemClock.monotonicSeconds();
        },
      },
      log: { info() {}, warn() {}, error() {} },
      renderPage() {
        hooks.beforePage();
        return Promise.resolve("a 1\n");
      },
      showFigures() {},
    },
  );
  const ask = (promql: string) => {
    const parameters = new URLSearchParams({ query: promql }).toString();
    const { status, body } = runtime.answer({ path: "query", parameters, gzip: false }, 0);
    return { code: status, ...JSON.parse(new TextDecoder().decode(body)) };
  };
  return { runtime, hooks, ask, setClosing: (value: 0 | 1) => Atomics.store(closing, 0, value) };
}

describe("a monitor that closes", () => {
  it("ends the query that runs, and begins none of those that wait", async () => {
    const { runtime, hooks, ask, setClosing } = await open();
    expect(ask("1+1").code).toBe(200);
    let looks = 0;
    hooks.beforeLook = () => void ((looks += 1) > 3 && setClosing(1));
    expect(ask(HEAVY)).toMatchObject({ code: 503, errorType: "timeout" });
    expect(ask(HEAVY)).toMatchObject({ code: 503, errorType: "unavailable" });
    await runtime.close();
  });

  it("stores what is true of the scrapes that still end", async () => {
    const { runtime, hooks, ask, setClosing } = await open();
    let pages = 0;
    hooks.beforePage = () => {
      pages += 1;
      setClosing(1);
    };
    await expect.poll(() => pages).toBeGreaterThan(3);
    hooks.beforePage = () => {};
    setClosing(0);
    const { data } = ask("max(max_over_time(scrape_duration_seconds[1m])) < 60");
    expect(data.result).toHaveLength(1);
    await runtime.close();
  });
});

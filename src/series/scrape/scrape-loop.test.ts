import { createServer, type RequestListener } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { createSeriesStore } from "../store/create-series-store.ts";
import { createHttpTarget, type HttpTargetOptions } from "./http-target.ts";
import { createMatcher } from "../matcher.ts";
import { startScrapeLoop } from "./scrape-loop.ts";
import type { SeriesReader } from "../series.ts";
import type { Target } from "./target.ts";

const INTERVAL_MS = 60_000;

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/metrics`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

const openStore = () => createSeriesStore({ retentionMs: 1e9, maxSeries: 1_000 });

/**
 * The state of a store at a time: `name{label=value,…}` without job and instance, with values; null for a series that
 * ended.
 */
function readAt(store: SeriesReader, timeMs: number): Record<string, number | null> {
  const found: Record<string, number | null> = {};
  for (const { labels, values, stale } of store.select([], timeMs, timeMs)) {
    const others = [...labels].filter(([name]) => !["__name__", "job", "instance"].includes(name));
    const text = others.map(([name, value]) => `${name}=${value}`).join(",");
    expect(labels.get("job")).toBe("j");
    found[`${labels.get("__name__")}{${text}}`] = stale?.[0] === 1 ? null : values[0]!;
  }
  return found;
}

const textTarget = (read: () => string): Target => ({
  job: "j",
  instance: "i:1",
  url: "none",
  read: () => Promise.resolve(read()),
});

/** Creates a loop over the given expositions, which mostly waits for longer than the test. */
function startTextLoop(read: () => string, store = openStore(), intervalMs = INTERVAL_MS) {
  return { store, loop: startScrapeLoop(textTarget(read), store, { intervalMs }, systemClock) };
}

const report = (up: number, samples: number, added: number) => ({
  "up{}": up,
  "scrape_duration_seconds{}": expect.any(Number),
  "scrape_samples_scraped{}": samples,
  "scrape_samples_post_metric_relabeling{}": samples,
  "scrape_series_added{}": added,
});

describe("counters that start at 0", () => {
  const head = "# TYPE a_total counter\n# TYPE g gauge\n# TYPE h histogram\n";
  const open = (texts: readonly string[], atMs?: number) => {
    const store = openStore();
    let i = 0;
    const target = textTarget(() => {
      const text = texts[i++]!;
      if (text === "fails") throw new Error("down");
      return head + text;
    });
    const options = { intervalMs: INTERVAL_MS, zeros: { atMs } };
    return { store, loop: startScrapeLoop(target, store, options, systemClock) };
  };
  const read = (store: SeriesReader, name: string) =>
    store
      .select([createMatcher("__name__", "=", name)], 0, 1e6)
      .flatMap(({ times, values, stale }) =>
        Array.from(times, (time, i) => [time, stale?.[i] === 1 ? "ends" : values[i]!]),
      )
      .filter(([, value]) => value !== "ends");

  it("have a 0 before the first scrape, if the target starts with it", async () => {
    const text = 'a_total 20\ng 3\nh_bucket{le="+Inf"} 2\nh_sum 1.5\nh_count 2\n';
    const { store, loop } = open([text, "a_total 21\n"], 500);
    await loop.scrape(1_000);
    await loop.scrape(2_000);
    expect(read(store, "a_total")).toEqual([
      [500, 0],
      [1_000, 20],
      [2_000, 21],
    ]);
    expect(read(store, "h_sum")).toEqual([
      [500, 0],
      [1_000, 1.5],
    ]);
    expect(read(store, "h_bucket")).toEqual([
      [500, 0],
      [1_000, 2],
    ]);
    expect(read(store, "g")).toEqual([[1_000, 3]]);
    await loop.close();
  });

  it("have a 0 at the previous scrape if they appear later, but not after a failed one", async () => {
    const texts = ["a_total 1\n", 'a_total 1\na_total{x="1"} 5\n', "fails", 'a_total{x="2"} 7\n'];
    const { store, loop } = open(texts);
    for (const [i] of texts.entries()) await loop.scrape((i + 1) * 1_000);
    const all = read(store, "a_total");
    expect(all).toEqual([
      [1_000, 1],
      [2_000, 1],
      [1_000, 0],
      [2_000, 5],
      [4_000, 7],
    ]);
    await loop.close();
  });
});

describe("a scrape", () => {
  it("stores the target's samples and the scrape's own, and ends series that are missing", async () => {
    let text = "# TYPE a counter\n# HELP a Help.\na 1\nb 2\n";
    const { store, loop } = startTextLoop(() => text);
    expect(loop.status()).toMatchObject({ health: "unknown", lastScrapeMs: null });
    await loop.scrape(1_000);
    expect(readAt(store, 1_000)).toEqual({ ...report(1, 2, 2), "a{}": 1, "b{}": 2 });
    text = "b 3\nc 4";
    await loop.scrape(2_000);
    const all = store.select([createMatcher("__name__", "=", "a")], 1_000, 2_000);
    expect([...all[0]!.stale!]).toEqual([0, 1]);
    expect(readAt(store, 2_000)).toEqual({ ...report(1, 2, 1), "b{}": 3, "c{}": 4 });
    expect(loop.status()).toMatchObject({ health: "up", lastError: "", lastScrapeMs: 2_000 });
    await loop.close();
  });

  it("stores only the failure if it fails, and ends all series of the target", async () => {
    let text = "# HELP a Help.\na 1\nb 2\n";
    const { store, loop } = startTextLoop(() => text);
    await loop.scrape(1_000);
    text = "a 1\nb two\n";
    await loop.scrape(2_000);
    expect(readAt(store, 2_000)).toEqual(report(0, 0, 0));
    expect(loop.status()).toMatchObject({
      health: "down",
      lastError: expect.stringContaining("line 2: expected a number"),
      metadata: new Map([["a", { type: "unknown", help: "Help." }]]),
    });
    const [ended] = store.select([createMatcher("__name__", "=", "a")], 1_000, 2_000);
    expect([...ended!.stale!]).toEqual([0, 1]);
    text = "a 1\n";
    await loop.scrape(3_000);
    expect(readAt(store, 3_000)).toEqual({ ...report(1, 1, 1), "a{}": 1 });
    await loop.close();
  });

  it("renames the target's own job and instance", async () => {
    const text = 'a{job="x",exported_job="y",instance="z"} 1';
    const { store, loop } = startTextLoop(() => text);
    await loop.scrape(1_000);
    expect(readAt(store, 1_000)).toMatchObject({
      "a{exported_exported_job=x,exported_instance=z,exported_job=y}": 1,
    });
    await loop.close();
  });

  it("keeps its own series if the cap leaves no series for the rest", async () => {
    const capped = createSeriesStore({ retentionMs: 1e9, maxSeries: 6 });
    const { store, loop } = startTextLoop(() => "a 1\nb 1\nc 1", capped);
    await loop.scrape(1_000);
    expect(readAt(store, 1_000)).toEqual({ ...report(1, 3, 3), "a{}": 1 });
    expect(store.statistics().samplesAboveCap).toBe(2);
    await loop.close();
  });

  it("starts by itself, scrapes once per interval, and leaves no timer when it is closed", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    try {
      const { store, loop } = startTextLoop(() => "a 1", openStore(), 500);
      await vi.advanceTimersByTimeAsync(2_000);
      await loop.close();
      const [a] = store.select([createMatcher("__name__", "=", "a")], 0, Infinity);
      expect(a!.times.map((time) => time - a!.times[0]!)).toEqual(
        Float64Array.of(0, 500, 1_000, 1_500),
      );
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    ["in time", 0, 0],
    ["a hundredth of the interval late", 10, 0],
    ["later", 11, 11],
    ["after the clock was set back", -2, -2],
  ])("has the time at which it was due, or at which it started: %s", async (_, late, stored) => {
    // Offset in the interval at which this job at this instance is due.
    const dueMs = 1_000_000 + 312;
    let isWaiting = false;
    const nowMs = (): number => {
      if (isWaiting) return dueMs + late;
      isWaiting = true;
      return dueMs - 20;
    };
    const store = openStore();
    const target = textTarget(() => "a 1");
    const loop = startScrapeLoop(target, store, { intervalMs: 1_000 }, { ...systemClock, nowMs });
    await expect.poll(() => loop.status().lastScrapeMs).toBe(dueMs + stored);
    await loop.close();
  });

  it("times out after the interval, also for a target that ignores the signal", async () => {
    const store = openStore();
    await using server = await serve(() => {});
    const deaf: Target = { job: "j", instance: "i:1", url: "", read: () => new Promise(() => {}) };
    for (const target of [createHttpTarget({ job: "j", url: server.url }), deaf]) {
      const loop = startScrapeLoop(target, store, { intervalMs: 150 }, systemClock);
      await loop.scrape(systemClock.nowMs() + 1e6);
      expect(loop.status()).toMatchObject({
        health: "down",
        lastError: "no response within 0.15 s",
      });
      await loop.close();
    }
  });
});

describe("a target on HTTP", () => {
  const read = (url: string, options: Partial<HttpTargetOptions> = {}) =>
    createHttpTarget({ job: "j", url, ...options }).read(AbortSignal.timeout(10_000));

  it("receives the text format in Accept, and its credentials", async () => {
    const asked: unknown[] = [];
    await using server = await serve((incoming, reply) => {
      const { accept, authorization } = incoming.headers;
      asked.push([incoming.url, accept?.split(";")[0], authorization]);
      reply.end("a 1\n");
    });
    expect(await read(server.url)).toBe("a 1\n");
    await read(server.url, { authorization: "Bearer KEY" });
    const withUser = new URL(server.url);
    withUser.username = "me";
    withUser.password = "p%40ss";
    await read(withUser.href);
    const basic = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
    expect(asked).toEqual(
      [undefined, "Bearer KEY", basic].map((auth) => ["/metrics", "text/plain", auth]),
    );
    const target = createHttpTarget({ job: "j", url: withUser.href });
    expect(target).toMatchObject({ instance: `127.0.0.1:${server.port}`, url: server.url });
    expect(createHttpTarget({ job: "j", url: "https://[::1]/x" }).instance).toBe("[::1]:443");
  });

  it.each<[string, RequestListener, RegExp]>([
    ["another status", (_, reply) => void reply.writeHead(404).end("a 1"), /status 404/],
    ["a redirect", (_, reply) => void reply.writeHead(302, { location: "/" }).end(), /status 302/],
    ["a long body", (_, reply) => void reply.end("#".repeat(2_000)), /larger than 1000 bytes/],
    [
      "OpenMetrics",
      (_, reply) => void reply.setHeader("content-type", "application/openmetrics-text").end(""),
      /openmetrics/,
    ],
    ["other bytes", (_, reply) => void reply.end(gzipSync("a 1")), /not UTF-8/],
    [
      "a truncated response",
      (_, reply) =>
        void reply.writeHead(200, { "content-length": 9 }).write("a", () => reply.destroy()),
      /other side closed|aborted|terminated/,
    ],
  ])("fails by %s", async (_, listener, message) => {
    await using server = await serve(listener);
    await expect(read(server.url, { bodyLimit: 1_000 })).rejects.toThrow(message);
  });
});

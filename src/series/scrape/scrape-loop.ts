/**
 * Scrapes one target periodically, and stores its samples as Prometheus does: with `job` and `instance`, `up` and the
 * other series that a scrape has of its own, at times that are an interval apart.
 */
import { createHash } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import { toMessage } from "../../kernel/errors.ts";
import type { Metadata } from "./exposition.ts";
import { createLabels } from "../labels.ts";
import { createExpositionParser } from "./parse-exposition.ts";
import { METRIC_NAME, type Labels } from "../series.ts";
import type { Sample, SeriesStore } from "../store/series-store.ts";
import { toTargetLabels, type Target } from "./target.ts";

export interface ScrapeOptions {
  /** Duration between scrapes, and time-out of a scrape. */
  readonly intervalMs: number;
  /** For a target whose counters are known to start at 0: a new one gets a 0 at the previous scrape, so that `increase` sees its first step. */
  readonly zeros?: {
    /** Time at which all counters of the first scrape were 0; undefined if they may have been above. */
    readonly atMs: number | undefined;
  };
}

/** State of a target after its last scrape. */
export interface TargetStatus {
  readonly job: string;
  readonly instance: string;
  readonly url: string;
  readonly health: "up" | "down" | "unknown";
  /** Reason for a failed scrape; empty on success. */
  readonly lastError: string;
  /** Milliseconds since 1970; null before the first scrape. */
  readonly lastScrapeMs: number | null;
  readonly lastDurationSeconds: number;
  /** Metadata of the last valid exposition, by metric name. */
  readonly metadata: ReadonlyMap<string, Metadata>;
}

export interface ScrapeLoop {
  status(): TargetStatus;
  /** Scrapes now. The loop does so by itself; tests call it to avoid waiting. */
  scrape(timeMs: number): Promise<void>;
  /** Scrapes once more, for the last values of a target that ends. The loop has to be closed then. */
  finish(): Promise<void>;
  /** Ends the loop. A scrape in progress is aborted and not stored. */
  close(): Promise<void>;
}

/** A timer that is late by at most this share of the interval counts as punctual. */
const TOLERANCE = 0.01;

export function startScrapeLoop(
  target: Target,
  store: SeriesStore,
  { intervalMs, zeros }: ScrapeOptions,
  clock: Clock,
): ScrapeLoop {
  const group = JSON.stringify([target.job, target.instance]);
  const parser = createExpositionParser();
  const report = toReportLabels(target);
  let known = new WeakMap<Labels, Labels>();
  let status: TargetStatus = {
    job: target.job,
    instance: target.instance,
    url: target.url,
    health: "unknown",
    lastError: "",
    lastScrapeMs: null,
    lastDurationSeconds: 0,
    metadata: new Map(),
  };
  const closing = new AbortController();
  const offsetMs = toOffset(group, intervalMs);
  let scraping: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  /** Time at which counters that the last scrape did not have were 0; undefined if it failed. */
  let zeroMs = zeros?.atMs;
  let isFirst = true;

  async function scrape(timeMs: number): Promise<void> {
    const begun = clock.monotonicSeconds();
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(intervalMs)]);
    const samples: Sample[] = [];
    const started: Sample[] = [];
    let added = 0;
    let { metadata } = status;
    let lastError = "";
    try {
      const exposition = parser.parse(await readInTime(target, signal));
      ({ metadata } = exposition);
      for (const [i, labels] of exposition.series.entries()) {
        let stored = known.get(labels);
        const value = exposition.values[i]!;
        if (stored === undefined) {
          known.set(labels, (stored = toTargetLabels(labels, target)));
          added += 1;
          if (value > 0 && isCumulative(labels, metadata))
            started.push({ labels: stored, value: 0 });
        }
        samples.push({ labels: stored, value });
      }
    } catch (error) {
      lastError = signal.aborted ? `no response within ${intervalMs / 1_000} s` : toMessage(error);
      known = new WeakMap();
    }
    if (closing.signal.aborted) return;
    const lastDurationSeconds = clock.monotonicSeconds() - begun;
    const isUp = lastError === "";
    const hasZeros = zeros !== undefined && isUp && started.length > 0;
    if (hasZeros && zeroMs !== undefined && zeroMs < timeMs) {
      // Later zeros need a group of their own: the samples of this one at that time are stored already.
      store.append(isFirst ? group : `${group} zeros`, zeroMs, started);
    }
    isFirst = false;
    zeroMs = isUp ? timeMs : undefined;
    // Appended first, so that a cap on series never drops them.
    const reported = [isUp ? 1 : 0, lastDurationSeconds, samples.length, samples.length, added];
    store.append(group, timeMs, [
      ...report.map((labels, i) => ({ labels, value: reported[i]! })),
      ...samples,
    ]);
    status = {
      ...status,
      health: isUp ? "up" : "down",
      lastError,
      lastScrapeMs: timeMs,
      lastDurationSeconds,
      metadata,
    };
  }

  /** Waits for the next multiple of the interval; missed ones are skipped. */
  function wait(): void {
    const nowMs = clock.nowMs();
    const dueMs = Math.floor((nowMs - offsetMs) / intervalMs + 1) * intervalMs + offsetMs;
    timer = setTimeout(() => {
      const lateMs = clock.nowMs() - dueMs;
      const isInTime = lateMs >= -1 && lateMs <= intervalMs * TOLERANCE;
      scraping = scrape(isInTime ? dueMs : clock.nowMs()).finally(() => {
        if (!closing.signal.aborted) wait();
      });
    }, dueMs - nowMs);
    timer.unref();
  }

  wait();
  return {
    status: () => status,
    scrape,
    async finish() {
      clearTimeout(timer);
      await scraping;
      clearTimeout(timer);
      await scrape(clock.nowMs());
    },
    async close() {
      closing.abort();
      clearTimeout(timer);
      await scraping;
    },
  };
}

/** Returns true for the series of counters, and for the counts and sums of histograms and summaries. */
function isCumulative(labels: Labels, metadata: ReadonlyMap<string, Metadata>): boolean {
  const name = labels.get(METRIC_NAME) ?? "";
  if (metadata.get(name)?.type === "counter") return true;
  const type = metadata.get(name.replace(/_(?:bucket|sum|count)$/, ""))?.type;
  return (type === "histogram" || type === "summary") && !labels.has("quantile");
}

/** Also ends a read that ignores the signal. */
async function readInTime(target: Target, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([target.read(signal), aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The series that every scrape adds, in the order of their values. */
function toReportLabels({ job, instance }: Target): readonly Labels[] {
  return [
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
  ].map((name) => createLabels({ __name__: name, job, instance }));
}

/** Offset of a target in the interval: targets are spread over it, each always at the same offset. */
function toOffset(group: string, intervalMs: number): number {
  return createHash("sha256").update(group).digest().readUInt32LE(0) % intervalMs;
}

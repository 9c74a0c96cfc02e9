import { setTimeout as sleep } from "node:timers/promises";
import { toMessage } from "../kernel/errors.ts";
import { readHeadersFile } from "../kernel/headers-file.ts";
import { createUnavailable } from "./api/envelope.ts";
import { startMonitorThread, type MonitorThread } from "./monitor-thread.ts";
import type { Monitor, MonitorParts } from "./monitor.ts";
import { MONITOR_OPTIONS } from "./options.ts";
import { createStatisticsPublisher } from "./publish-statistics.ts";
import { HEADERS_OPTION } from "./remote-write/options.ts";

/** A thread that ends sooner is likely to fail in the same way again: the restart waits twice as long. */
const QUICK_END_SECONDS = 60;
const MAX_WAIT_SECONDS = 60;
/** A reload does not wait longer for a thread that evaluates a query or reads its history. */
const RELOAD_SECONDS = 5;
const BUSY = `The monitor is busy and has not read the rules after ${RELOAD_SECONDS} s. It reads them later and logs problems.`;
/** Options that need more checks than the resolution of options does. */
const FILES_AND_PROMQL = [
  "rules",
  "alertSettings",
  "alertWebhookFile",
  "alertWebhookMatch",
] as const;

/** Creates the main thread's side of the monitor. It does nothing before `start()`. */
export function createMonitor(parts: MonitorParts): Monitor {
  const { options } = parts;
  const supervisor = new ThreadSupervisor(parts);
  let closing: Promise<void> | undefined;
  return {
    async check() {
      await readHeadersFile(HEADERS_OPTION, options.remoteWriteHeadersFile);
      // Loading the rule parser takes memory and a fraction of a second, which a server with the default rules saves.
      if (FILES_AND_PROMQL.every((name) => options[name] === MONITOR_OPTIONS[name].default)) return;
      const { checkAlertsOptions } = await import("../alerts/check-options.ts");
      await checkAlertsOptions(options);
    },
    start: () => supervisor.start(),
    isReady: async () => supervisor.thread?.isReady() ?? false,
    async request(request) {
      const { thread } = supervisor;
      if (thread === undefined) {
        return createUnavailable("The monitor is not running. See the server's log");
      }
      if (thread.pending() >= options.queryQueue) {
        return createUnavailable(
          `The queue of the monitor is full: ${options.queryQueue} requests (--query-queue)`,
        );
      }
      return thread.request(request);
    },
    reload: () => supervisor.reload(),
    close: () => (closing ??= supervisor.close()),
  };
}

/** Keeps one monitor thread running. */
class ThreadSupervisor {
  /** Undefined while no thread runs. */
  thread: MonitorThread | undefined;
  readonly #parts: MonitorParts;
  readonly #publishStatistics: ReturnType<typeof createStatisticsPublisher>;
  readonly #restarts: number;
  readonly #stopping = new AbortController();
  /** Time before the server counted anything, for the first thread. */
  #zeroMs: number | undefined;
  /** Consecutive threads that ended soon after their start. */
  #quickEnds = 0;

  constructor(parts: MonitorParts) {
    this.#parts = parts;
    this.#zeroMs = parts.clock.nowMs();
    this.#publishStatistics = createStatisticsPublisher(parts.metrics);
    this.#restarts = parts.metrics.monitorRestarts.open([]);
  }

  start(): void {
    if (this.thread !== undefined || this.#stopping.signal.aborted) return;
    const startSeconds = this.#parts.clock.monotonicSeconds();
    this.thread = startMonitorThread(this.#parts, this.#publishStatistics, this.#zeroMs);
    this.#zeroMs = undefined;
    void this.thread.ended.then((reason) => this.#restart(reason, startSeconds));
  }

  async reload(): Promise<string | undefined> {
    const { thread } = this;
    // A thread that starts reads the rules anyway.
    if (thread === undefined) return undefined;
    const waiting = new AbortController();
    const { signal } = waiting;
    const late = sleep(RELOAD_SECONDS * 1_000, BUSY, { signal, ref: false }).catch(() => BUSY);
    try {
      return await Promise.race([thread.reload(), late]);
    } catch (error) {
      return toMessage(error);
    } finally {
      waiting.abort();
    }
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.thread?.close();
  }

  async #restart(reason: string, startSeconds: number): Promise<void> {
    const { clock, logger, metrics } = this.#parts;
    const { signal } = this.#stopping;
    this.thread = undefined;
    if (signal.aborted) return;
    metrics.monitorRestarts.add(this.#restarts, 1);
    const isQuick = clock.monotonicSeconds() - startSeconds < QUICK_END_SECONDS;
    this.#quickEnds = isQuick ? this.#quickEnds + 1 : 1;
    const seconds = Math.min(MAX_WAIT_SECONDS, 2 ** (this.#quickEnds - 1));
    logger.error(`The monitor thread ended: ${reason}. It restarts in ${seconds} s`);
    await sleep(seconds * 1_000, undefined, { signal, ref: false }).catch(() => {});
    this.start();
  }
}

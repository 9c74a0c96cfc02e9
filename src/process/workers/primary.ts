import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";
import type { Config } from "../../config/config.ts";
import { createRateCounter } from "../../http/limits/rate-count.ts";
import { systemClock } from "../../kernel/clock.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { createMetrics } from "../../metrics/metrics.ts";
import { createMonitor } from "../../monitor/create-monitor.ts";
import type { ReloadReport } from "../../model/registry.ts";
import type { Server } from "../../server.ts";
import { readVersion } from "../../version.ts";
import { forkWorker, type Forked } from "./forked.ts";
import { mergeReports } from "./merge-reports.ts";
import { createScrape } from "./scrape.ts";
import { watchForSilence } from "./silence.ts";
import type { PrimaryCalls } from "./workers.ts";

export interface PrimaryParts {
  readonly logger: FastifyBaseLogger;
  /** The file that each worker process runs; it calls runWorker. */
  readonly entry: URL;
}

/** A worker that lives shorter is likely to die of the same again. */
const QUICK_END_SECONDS = 10;
/** So many quick ends in a row are met at once; each one more waits twice as long as the one before. */
const QUICK_ENDS = 3;
const LONGEST_WAIT_SECONDS = 30;
/** Of several workers that end at the same time, the first must not be replaced as if the others were there. */
const TOGETHER_MS = 50;
/** How long a worker may take to end besides what it may take to drain. */
const END_SECONDS = 5;
/** Of somebody who presses Ctrl-C again. */
const INTERRUPTED = 130;

/**
 * A server of `config.workers` processes, with the same errors at the start and the same end as one of a single process.
 * `listen` starts the workers and waits until all of them serve; from then on one that ends is replaced.
 */
export function createPrimary(config: Config, { logger, entry }: PrimaryParts): Server {
  const clock = systemClock;
  const own = createMetrics({ process: false });
  const serving = own.workers.open([]);
  own.workersWanted.set(own.workersWanted.open([]), config.workers);
  const replaced = {
    exit: own.workerRestarts.open(["exit"]),
    hung: own.workerRestarts.open(["hung"]),
  };
  const scrape = createScrape(own);
  const count = createRateCounter(clock);
  const workers = new Set<Forked>();
  const stopping = new AbortController();
  const endWatch = watchForSilence(workers, config.workerTimeout, clock, logger);
  let { port } = config;
  let boundPort = port;
  let closing: Promise<void> | undefined;
  let url = "";
  const monitor = config.monitor
    ? createMonitor({
        options: config,
        logger,
        clock,
        metrics: own,
        version: readVersion(),
        url: () => url,
        renderPage: render,
      })
    : undefined;

  const calls: PrimaryCalls = {
    render,
    reload,
    count: async (keys) => keys.map(count),
    async askMonitor(request) {
      if (monitor === undefined) throw new TepalError("NOT_FOUND", "There is no monitor");
      const { status, body, gzip } = await monitor.ask(request);
      return { status, body: Buffer.from(body).toString("base64"), gzip };
    },
    isMonitorReady: async () => (await monitor?.isReady()) ?? false,
  };

  function render(): Promise<string> {
    own.workers.set(serving, listServing().length);
    return scrape.render();
  }

  function listServing(): readonly Forked[] {
    return [...workers]
      .filter(({ started, isGone }) => started !== undefined && !isGone)
      .toSorted((a, b) => a.number - b.number);
  }

  /** @throws TepalError when it cannot begin to serve; it is gone then */
  async function start(number: number): Promise<void> {
    // Port 0 means the port that the others have, or a new one when there are none: then it is asked for by number.
    if (listServing().length === 0) port = boundPort;
    const othersServe = (): boolean => listServing().some((other) => other !== worker);
    const worker: Forked = forkWorker(number, entry, calls, clock, othersServe);
    workers.add(worker);
    scrape.join(worker);
    const ended = worker.ended.then((how) => {
      scrape.leave(worker);
      worker.release();
      workers.delete(worker);
      return how;
    });
    try {
      worker.started = await worker.channel.ask("start", { number, config: { ...config, port } });
    } catch (error) {
      const hasEnded = worker.isGone;
      worker.kill();
      const how = await ended;
      throw hasEnded
        ? new TepalError("INTERNAL", `Worker ${number} ended ${how} while it started`)
        : error;
    }
    const given = Number(new URL(worker.started.address).port);
    if (boundPort !== 0 && given !== boundPort) {
      // The others were gone already, which nobody knew yet.
      worker.kill();
      await ended;
      throw new TepalError("INTERNAL", `It was given port ${given} instead of ${boundPort}`);
    }
    boundPort = given;
    void ended.then((how) => replace(worker, how));
  }

  /** By worker number: how often in a row it has ended soon after it was started. */
  const quickEnds = new Map<number, number>();

  async function replace({ number, pid, begun, isHung }: Forked, how: string): Promise<void> {
    if (stopping.signal.aborted) return;
    own.workerRestarts.add(replaced[isHung ? "hung" : "exit"], 1);
    logger.error(`worker ${number} (process ${pid}) ended ${how}: it is replaced`);
    if (clock.monotonicSeconds() - begun > QUICK_END_SECONDS) quickEnds.delete(number);
    for (;;) {
      await waitBeforeStart(number);
      if (stopping.signal.aborted) return;
      try {
        await start(number);
        logger.info(`worker ${number} is replaced`);
        return;
      } catch (error) {
        if (!stopping.signal.aborted) {
          logger.error(`worker ${number} cannot start: ${toMessage(error)}`);
        }
      }
    }
  }

  async function waitBeforeStart(number: number): Promise<void> {
    const ends = (quickEnds.get(number) ?? 0) + 1;
    quickEnds.set(number, ends);
    if (ends <= QUICK_ENDS) {
      await sleep(TOGETHER_MS);
      return;
    }
    const seconds = Math.min(LONGEST_WAIT_SECONDS, 2 ** (ends - QUICK_ENDS - 1));
    logger.warn(
      `worker ${number} has ended ${ends} times in a row: the next start is in ${seconds} s`,
    );
    await sleep(seconds * 1_000, undefined, { signal: stopping.signal }).catch(() => {});
  }

  async function reload(): Promise<ReloadReport> {
    monitor?.reload();
    const reports = await Promise.all(
      Array.from(workers, (worker) =>
        worker.channel.ask("reload").catch((error: unknown) => {
          // Whoever replaces it reads everything afresh.
          if (worker.isGone) return undefined;
          throw error;
        }),
      ),
    );
    return mergeReports(reports.filter((report) => report !== undefined));
  }

  async function stop(worker: Forked): Promise<void> {
    const timer = setTimeout(worker.kill, (config.drainTimeout + END_SECONDS) * 1_000);
    await worker.channel.ask("drain").catch((error: unknown) => {
      logger.error(`worker ${worker.number} did not stop as it should: ${toMessage(error)}`);
    });
    worker.disconnect();
    await worker.ended;
    clearTimeout(timer);
  }

  async function close(): Promise<void> {
    stopping.abort();
    await Promise.all(Array.from(workers, stop));
    await monitor?.close();
    endWatch();
    process.off("exit", endAll);
  }

  /** Workers whose primary is gone finish what they have begun; who is in a hurry does not want that. */
  function endAll(code: number): void {
    if (code === INTERRUPTED) for (const worker of workers) worker.kill();
  }

  return {
    config,
    models: () => listServing()[0]?.started?.models ?? [],
    example: () => listServing()[0]?.started?.example ?? undefined,
    reload,
    async listen() {
      process.on("exit", endAll);
      const numbers = Array.from({ length: config.workers }, (_, i) => i + 1);
      try {
        await monitor?.check();
        await Promise.all(numbers.map(start));
      } catch (error) {
        stopping.abort();
        for (const worker of workers) worker.kill();
        await Promise.all(Array.from(workers, ({ ended }) => ended));
        endWatch();
        throw error;
      }
      const address = listServing()[0]?.started?.address ?? "";
      url = address;
      monitor?.start();
      logger.info(`${config.workers} workers serve ${address}`);
      return address;
    },
    close: () => (closing ??= close()),
  };
}

import type { FastifyBaseLogger } from "fastify";
import type { Config } from "../../config/config.ts";
import { describeServer, describeThisProcess } from "../../config/describe-server.ts";
import { toPublicUrl } from "../../http/connections/public-url.ts";
import { createRateCounter } from "../../http/limits/rate-count.ts";
import type { ReloadReport } from "../../http/reload-report.ts";
import { systemClock } from "../../kernel/clock.ts";
import { TepalError } from "../../kernel/errors.ts";
import { createMetrics } from "../../metrics/create-metrics.ts";
import type { ExpositionFormat } from "../../metrics/exposition.ts";
import { readMemoryLimit } from "../../metrics/memory-limit.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import { createMonitor } from "../../monitor/create-monitor.ts";
import type { ServerDescription } from "../../http/schemas/server-status.ts";
import { reloadRules, type BaseServer } from "../../server.ts";
import { readBuild, readVersion } from "../../version.ts";
import type { PrimaryCalls } from "../process.ts";
import { measureWorker, mergeMetrics } from "./merge-metrics.ts";
import type { WorkerProcess } from "./fork-worker.ts";
import { mergeProblems, mergeReports } from "./merge-reports.ts";
import { createWorkerPool, type WorkerPool } from "./worker-pool.ts";

export interface PrimaryParts {
  readonly logger: FastifyBaseLogger;
  /** The file that each worker process runs; it calls runWorker. */
  readonly entry: URL;
}

/** Exit code after a second Ctrl-C. */
const INTERRUPTED = 130;

/**
 * Creates a server of `config.workers` processes, with the same errors at the start and the same end as a server of one
 * process. `listen` starts the workers and resolves when all serve; from then on a worker that ends is replaced.
 */
export function createPrimary(config: Config, { logger, entry }: PrimaryParts): BaseServer {
  const clock = systemClock;
  const own = createMetrics({ process: false });
  const counts = createWorkerCounts(own, config);
  const metrics = mergeMetrics(own);
  const count = createRateCounter(clock);
  let url = "";
  let closing: Promise<void> | undefined;
  const monitor = config.monitor
    ? createMonitor({
        options: config,
        logger,
        clock,
        metrics: own,
        version: readVersion(),
        url: () => url,
        publicUrl: () => toPublicUrl(config, url),
        renderMetrics: () => render("text"),
        listExemplars: metrics.exemplars,
      })
    : undefined;

  const calls: PrimaryCalls = {
    render,
    reload,
    count: async (keys) => keys.map(count),
    async queryMonitor(request) {
      if (monitor === undefined) throw new TepalError("NOT_FOUND", "There is no monitor");
      const { body, ...reply } = await monitor.request(request);
      return { ...reply, body: Buffer.from(body).toString("base64") };
    },
    isMonitorReady: async () => (await monitor?.isReady()) ?? false,
    describe,
  };
  const pool: WorkerPool = createWorkerPool({
    config,
    entry,
    calls,
    clock,
    logger,
    onStart: metrics.join,
    onEnd: metrics.leave,
    onLost: counts.addRestart,
  });

  function render(format: ExpositionFormat): Promise<string> {
    counts.setServing(pool.serving().length);
    return metrics.render(format);
  }

  async function describe(): Promise<ServerDescription> {
    const workers = [...pool.all].toSorted((a, b) => a.number - b.number);
    await Promise.all(workers.map(measureWorker));
    const nowMs = clock.nowMs();
    return describeServer(config, await readBuild(), [
      describeThisProcess("primary", null, clock),
      ...workers.map(({ number, pid, started, startedAt, measured }) => ({
        role: "worker" as const,
        number,
        pid: pid ?? 0,
        serves: started !== undefined,
        started_at: new Date(nowMs - (clock.monotonicSeconds() - startedAt) * 1_000).toISOString(),
        memory_bytes: measured?.memoryBytes ?? null,
        rows: measured?.rows ?? 0,
        restarts: counts.restarts.get(number) ?? 0,
      })),
    ]);
  }

  async function reload(): Promise<ReloadReport> {
    const workers = [...pool.all];
    const [rules, ...credentials] = await Promise.all([
      reloadRules(monitor),
      ...workers.map((worker) => ifAlive(worker, worker.channel.call("reloadCredentials"))),
    ]);
    const reports: ReloadReport[] = [];
    // One after the other: each needs the memory and the processor time of a whole load on top of what it serves.
    for (const worker of workers) {
      const reloaded = await ifAlive(worker, worker.channel.call("reloadModels"));
      if (reloaded === undefined) continue;
      const { report, ...models } = reloaded;
      if (worker.started !== undefined) worker.started = { ...worker.started, ...models };
      reports.push(report);
    }
    const merged = mergeReports(reports);
    const problems = [...rules, ...credentials.flatMap((found) => found ?? []), ...merged.problems];
    return { ...merged, problems: mergeProblems(problems) };
  }

  /** Workers whose primary exits finish their requests first; a second Ctrl-C must end them at once. */
  function killOnInterrupt(code: number): void {
    if (code === INTERRUPTED) for (const worker of pool.all) worker.kill();
  }

  async function close(): Promise<void> {
    await pool.stop();
    await monitor?.close();
    process.off("exit", killOnInterrupt);
  }

  return {
    config,
    models: () => pool.serving()[0]?.started?.models ?? [],
    example: () => pool.serving()[0]?.started?.example ?? undefined,
    reload,
    async listen() {
      process.on("exit", killOnInterrupt);
      await monitor?.check();
      await pool.start();
      url = pool.serving()[0]?.started?.address ?? "";
      monitor?.start();
      logger.info(`${config.workers} workers serve ${url}`);
      return url;
    },
    close: () => (closing ??= close()),
  };
}

/** Waits for the reply of a worker; undefined if it has ended, since its replacement reads all files anyway. */
async function ifAlive<T>(worker: WorkerProcess, reply: Promise<T>): Promise<T | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (worker.hasEnded) return undefined;
    throw error;
  }
}

interface WorkerCounts {
  setServing(count: number): void;
  addRestart(reason: "exit" | "hung", number: number): void;
  /** By the number of the worker. */
  readonly restarts: ReadonlyMap<number, number>;
}

/** The primary's own metrics: how many workers there are, and how often one was replaced. */
function createWorkerCounts(own: Metrics, { workers }: Config): WorkerCounts {
  const serving = own.workers.open([]);
  own.workersWanted.set(own.workersWanted.open([]), workers);
  own.memoryLimit.set(own.memoryLimit.open([]), readMemoryLimit());
  const byNumber = new Map<number, number>();
  const restarts = {
    exit: own.workerRestarts.open(["exit"]),
    hung: own.workerRestarts.open(["hung"]),
  };
  return {
    setServing: (count) => own.workers.set(serving, count),
    restarts: byNumber,
    addRestart(reason, number) {
      own.workerRestarts.add(restarts[reason], 1);
      byNumber.set(number, (byNumber.get(number) ?? 0) + 1);
    },
  };
}

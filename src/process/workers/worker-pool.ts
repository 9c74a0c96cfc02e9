import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";
import type { Config } from "../../config/config.ts";
import type { Clock } from "../../kernel/clock.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { createRestartDelay } from "../../kernel/restart-delay.ts";
import type { PrimaryCalls } from "../process.ts";
import { forkWorker, type WorkerProcess } from "./fork-worker.ts";
import { watchHeartbeats } from "./heartbeat.ts";

/** The time that a worker may take to exit, on top of the shutdown delay and the drain timeout. */
const EXIT_SECONDS = 5;

export interface WorkerPoolParts {
  readonly config: Config;
  /** The file that each worker process runs. */
  readonly entry: URL;
  /** The calls that workers may make. */
  readonly calls: PrimaryCalls;
  readonly clock: Clock;
  readonly logger: FastifyBaseLogger;
  /** Called when a worker process has been started. */
  onStart(worker: WorkerProcess): void;
  /** Called when it has ended; its metrics file is closed afterwards. */
  onEnd(worker: WorkerProcess): void;
  /** Called when a worker has ended that is to be replaced: one that served, or one that its primary started again. */
  onLost(reason: "exit" | "hung", number: number): void;
}

/** The worker processes of one server: `config.workers` of them, each replaced when it ends. */
export interface WorkerPool {
  /** All worker processes, including those that are starting or ending. */
  readonly all: ReadonlySet<WorkerProcess>;
  /** The workers that serve, by number. */
  serving(): readonly WorkerProcess[];
  /** Starts all workers, and resolves when all serve. @throws the first error of a worker; all are ended then */
  start(): Promise<void>;
  /** Drains all workers and waits for their end. */
  stop(): Promise<void>;
}

export function createWorkerPool(parts: WorkerPoolParts): WorkerPool {
  const { config, entry, calls, clock, logger, onStart, onEnd, onLost } = parts;
  const all = new Set<WorkerProcess>();
  const delay = createRestartDelay();
  const stopping = new AbortController();
  let { port } = config;
  let boundPort = port;
  let endWatch: (() => void) | undefined;

  function serving(): readonly WorkerProcess[] {
    return [...all]
      .filter(({ started, hasEnded }) => started !== undefined && !hasEnded)
      .toSorted((a, b) => a.number - b.number);
  }

  /** @throws TepalError if the worker cannot serve; it has ended then */
  async function startOne(number: number, isReplacement: boolean): Promise<void> {
    // Port 0 means the port of the other workers. If none serves, that port is requested by its number.
    if (serving().length === 0) port = boundPort;
    // node:cluster gives nothing to a worker whose channel is closed, and would keep its connections for ever if there is no other one.
    const othersServe = (): boolean =>
      serving().some((other) => other !== worker && other.isConnected);
    const worker: WorkerProcess = forkWorker(number, entry, calls, clock, othersServe);
    all.add(worker);
    onStart(worker);
    const ended = worker.ended.then((how) => {
      onEnd(worker);
      worker.release();
      all.delete(worker);
      return how;
    });
    try {
      const needsModel = isReplacement && serving().some(servesDefault);
      const task = { number, config: { ...config, port }, needsModel };
      worker.started = await worker.channel.call("start", task);
    } catch (error) {
      const { hasEnded } = worker;
      worker.kill();
      const how = await ended;
      throw hasEnded
        ? new TepalError("INTERNAL", `Worker ${number} ended ${how} while it started`)
        : error;
    }
    const given = Number(new URL(worker.started.address).port);
    if (boundPort !== 0 && given !== boundPort) {
      // The other workers had ended, which was not known yet. It is no worker that was lost, so it counts as no restart.
      worker.kill();
      await ended;
      return startOne(number, isReplacement);
    }
    boundPort = given;
    const servingSince = clock.monotonicSeconds();
    void ended.then((how) => {
      delay.ended(number, clock.monotonicSeconds() - servingSince);
      return replace(worker, how);
    });
  }

  async function replace({ number, pid, isHung }: WorkerProcess, how: string): Promise<void> {
    if (stopping.signal.aborted) return;
    onLost(isHung ? "hung" : "exit", number);
    logger.error(`worker ${number} (process ${pid}) ended ${how}; starting it again`);
    for (;;) {
      await waitBeforeStart(number);
      if (stopping.signal.aborted) return;
      try {
        await startOne(number, true);
        logger.info(`worker ${number} serves again`);
        return;
      } catch (error) {
        if (stopping.signal.aborted) return;
        onLost("exit", number);
        logger.error(`worker ${number} cannot start: ${toMessage(error)}`);
      }
    }
  }

  async function waitBeforeStart(number: number): Promise<void> {
    const { seconds, ends, isLong } = delay.next(number);
    if (isLong) {
      logger.warn(`worker ${number} ended ${ends} times in a row; next start in ${seconds} s`);
    }
    await sleep(seconds * 1_000, undefined, { signal: stopping.signal }).catch(() => {});
  }

  async function stopOne(worker: WorkerProcess): Promise<void> {
    const { shutdownDelay, drainTimeout } = config;
    const seconds = shutdownDelay + drainTimeout + EXIT_SECONDS;
    const timer = setTimeout(worker.kill, seconds * 1_000);
    await worker.channel.call("drain").catch((error: unknown) => {
      logger.error(`worker ${worker.number} failed to stop cleanly: ${toMessage(error)}`);
    });
    worker.disconnect();
    await worker.ended;
    clearTimeout(timer);
  }

  return {
    all,
    serving,
    async start() {
      endWatch = watchHeartbeats(all, config.workerTimeout, clock, logger);
      try {
        await Promise.all(Array.from({ length: config.workers }, (_, i) => startOne(i + 1, false)));
      } catch (error) {
        stopping.abort();
        for (const worker of all) worker.kill();
        await Promise.all(Array.from(all, ({ ended }) => ended));
        endWatch?.();
        throw error;
      }
    },
    async stop() {
      stopping.abort();
      await Promise.all(Array.from(all, stopOne));
      endWatch?.();
    },
  };
}

function servesDefault({ started }: WorkerProcess): boolean {
  return started?.models.some(({ isDefault, serving }) => isDefault && serving !== null) ?? false;
}

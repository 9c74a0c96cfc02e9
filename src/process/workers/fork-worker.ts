import cluster from "node:cluster";
import { closeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  SMALL_HEAP_FLAGS,
  superviseChild,
  type SupervisedChild,
} from "../../kernel/child-process.ts";
import type { Clock } from "../../kernel/clock.ts";
import {
  METRICS_DESCRIPTOR,
  type Measured,
  type PrimaryCalls,
  type Started,
  type WorkerCalls,
} from "../process.ts";
import { requeueConnection } from "./requeue-connection.ts";
import { openUnlinked } from "./unlinked-file.ts";

/** A worker process, as the primary sees it. */
export interface WorkerProcess extends SupervisedChild<WorkerCalls> {
  readonly number: number;
  /** The file with its metrics, open until `release`. */
  readonly descriptor: number;
  /** The time of its start, in seconds of the monotonic clock. */
  readonly startedAt: number;
  /** The time of its last message. */
  heardAt: number;
  /** Its reply when it had begun to serve; undefined until then. */
  started: Started | undefined;
  /** Its reply to the last `measure`. */
  measured: Measured | undefined;
  /** True once it has been killed for missing heartbeats. */
  isHung: boolean;
  /** Closes the metrics file of a worker that has ended. */
  release(): void;
}

/**
 * Starts a worker process.
 * @param entry the file that it runs
 * @param othersServe returns true if other workers can take the connections that this one leaves
 */
export function forkWorker(
  number: number,
  entry: URL,
  calls: PrimaryCalls,
  clock: Clock,
  othersServe: () => boolean,
): WorkerProcess {
  const descriptor = openUnlinked();
  const stdio = ["ignore", "inherit", "inherit", "ipc"] as const;
  cluster.setupPrimary({
    exec: fileURLToPath(entry),
    args: [],
    // The objects of a prediction die at once, and N workers need N times the memory.
    execArgv: [...process.execArgv, ...SMALL_HEAP_FLAGS],
    stdio: [
      ...stdio,
      ...Array.from({ length: METRICS_DESCRIPTOR - stdio.length }, () => "ignore" as const),
      descriptor,
    ],
  });
  const worker = cluster.fork();
  requeueConnection(worker, othersServe);
  // Reported by `ended`; without a listener Node.js would throw it.
  worker.on("error", () => {});
  const child = superviseChild<WorkerCalls, PrimaryCalls>(worker.process, calls);
  const startedAt = clock.monotonicSeconds();
  const forked: WorkerProcess = Object.assign(child, {
    number,
    descriptor,
    startedAt,
    heardAt: startedAt,
    started: undefined,
    measured: undefined,
    isHung: false,
    release: () => closeSync(descriptor),
  });
  worker.process.on("message", () => (forked.heardAt = clock.monotonicSeconds()));
  return forked;
}

import cluster from "node:cluster";
import { once } from "node:events";
import { closeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../kernel/clock.ts";
import { toMessage } from "../../kernel/errors.ts";
import { createChannel, type Channel } from "../../kernel/channel.ts";
import { handBackConnection } from "./hand-back.ts";
import { openUnlinked } from "./open-unlinked.ts";
import {
  METRICS_DESCRIPTOR,
  type Measured,
  type PrimaryCalls,
  type Started,
  type WorkerCalls,
} from "./workers.ts";

/** Megabytes for V8's youngest objects: what a prediction allocates dies at once, and N workers need N times as many. */
const SMALL_YOUNG_GENERATION = "--max-semi-space-size=8";

/** A worker process, as the primary sees it. */
export interface Forked {
  readonly number: number;
  readonly pid: number | undefined;
  readonly channel: Channel<WorkerCalls>;
  /** Of the file with its measurements, until `release`. */
  readonly descriptor: number;
  /** When it was started, and when its last message came; seconds of the clock's. */
  readonly begun: number;
  heard: number;
  /** What it said when it had begun to serve; undefined until then. */
  started: Started | undefined;
  /** What it said at the last look. */
  measured: Measured | undefined;
  isHung: boolean;
  isGone: boolean;
  /** How it ended, once nothing more can come from it. */
  readonly ended: Promise<string>;
  /** Takes its channel away, after which it finishes what it has begun and ends. */
  disconnect(): void;
  kill(): void;
  /** Gives back what the primary holds of a worker that has ended. */
  release(): void;
}

/**
 * Starts a worker process.
 * @param entry the file that it runs
 * @param othersServe whether other workers could take what this one leaves
 */
export function forkWorker(
  number: number,
  entry: URL,
  calls: PrimaryCalls,
  clock: Clock,
  othersServe: () => boolean,
): Forked {
  const descriptor = openUnlinked();
  const stdio = ["ignore", "inherit", "inherit", "ipc"] as const;
  cluster.setupPrimary({
    exec: fileURLToPath(entry),
    args: [],
    execArgv: [...process.execArgv, SMALL_YOUNG_GENERATION],
    stdio: [
      ...stdio,
      ...Array.from({ length: METRICS_DESCRIPTOR - stdio.length }, () => "ignore" as const),
      descriptor,
    ],
  });
  const worker = cluster.fork();
  handBackConnection(worker, othersServe);
  // Told by `ended`; without a listener it would be thrown.
  worker.on("error", () => {});
  const channel = createChannel<WorkerCalls, PrimaryCalls>((message) => {
    // What does not arrive is not missed: whoever waits for an answer is told when the worker is gone.
    worker.process.send(message, () => {});
  }, calls);
  const begun = clock.monotonicSeconds();

  async function waitForEnd(): Promise<string> {
    let how: string;
    try {
      // Its last messages may come after its end, hence both. A process that cannot even be started has neither.
      await Promise.all([once(worker.process, "exit"), once(worker.process, "disconnect")]);
      const { exitCode, signalCode } = worker.process;
      how = signalCode === null ? `with code ${exitCode}` : `by ${signalCode}`;
    } catch (error) {
      how = `(${toMessage(error)})`;
    }
    forked.isGone = true;
    channel.close();
    return how;
  }

  const forked: Forked = {
    number,
    pid: worker.process.pid,
    channel,
    descriptor,
    begun,
    heard: begun,
    started: undefined,
    measured: undefined,
    isHung: false,
    isGone: false,
    ended: waitForEnd(),
    disconnect: () => {
      if (worker.process.connected) worker.process.disconnect();
    },
    kill: () => void worker.process.kill("SIGKILL"),
    release: () => closeSync(descriptor),
  };
  worker.process.on("message", (message) => {
    forked.heard = clock.monotonicSeconds();
    channel.receive(message);
  });
  return forked;
}

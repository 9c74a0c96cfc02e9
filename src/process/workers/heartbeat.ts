import type { FastifyBaseLogger } from "fastify";
import type { Clock } from "../../kernel/clock.ts";
import type { WorkerProcess } from "./fork-worker.ts";

const INTERVAL_SECONDS = 1;
/** A process that has just been started loads its program first, which takes longer on a busy machine. */
const FIRST_HEARTBEAT_SECONDS = 60;

/**
 * Pings every worker each second, and kills those without a heartbeat for `timeoutSeconds`. They are then replaced like any
 * other worker that ends.
 *
 * @returns a function that stops the watch
 */
export function watchHeartbeats(
  workers: ReadonlySet<WorkerProcess>,
  timeoutSeconds: number,
  clock: Clock,
  logger: FastifyBaseLogger,
): () => void {
  const pinged = new WeakSet<WorkerProcess>();
  let checkedAt = clock.monotonicSeconds();

  function check(): void {
    const now = clock.monotonicSeconds();
    // If the primary itself was stopped or starved, messages wait unread: no worker is late then.
    const wasDeaf = now - checkedAt > 2 * INTERVAL_SECONDS;
    checkedAt = now;
    for (const worker of workers) {
      if (wasDeaf) worker.heardAt = now;
      const limit = worker.heardAt > worker.startedAt ? timeoutSeconds : FIRST_HEARTBEAT_SECONDS;
      const silentSeconds = now - worker.heardAt;
      if (silentSeconds > limit) kill(worker, silentSeconds);
      else if (!pinged.has(worker)) ping(worker);
    }
  }

  function ping(worker: WorkerProcess): void {
    pinged.add(worker);
    worker.channel.call("ping").then(
      () => pinged.delete(worker),
      () => {},
    );
  }

  function kill(worker: WorkerProcess, silentSeconds: number): void {
    if (worker.isHung) return;
    worker.isHung = true;
    logger.error(
      `worker ${worker.number} (process ${worker.pid}) sent no heartbeat for ${silentSeconds.toFixed(1)} s; killing it`,
    );
    worker.kill();
  }

  const timer = setInterval(check, INTERVAL_SECONDS * 1_000);
  timer.unref();
  return () => clearInterval(timer);
}

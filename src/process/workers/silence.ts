import type { FastifyBaseLogger } from "fastify";
import type { Clock } from "../../kernel/clock.ts";
import type { Forked } from "./forked.ts";

const INTERVAL_SECONDS = 1;
/** A process that has only been started reads its program first, and longer than usual on a busy machine. */
const FIRST_SIGN_SECONDS = 60;

/**
 * Asks every worker for a sign of life each second, and kills those that have not given one for `timeoutSeconds`. They are
 * then replaced like any other that ends.
 *
 * @returns ends the watch
 */
export function watchForSilence(
  workers: ReadonlySet<Forked>,
  timeoutSeconds: number,
  clock: Clock,
  logger: FastifyBaseLogger,
): () => void {
  const asked = new WeakSet<Forked>();
  let looked = clock.monotonicSeconds();

  function look(): void {
    const now = clock.monotonicSeconds();
    // Who was stopped or starved himself has not listened, and judges nobody.
    const wasDeaf = now - looked > 2 * INTERVAL_SECONDS;
    looked = now;
    for (const worker of workers) {
      if (wasDeaf) worker.heard = now;
      const patience = worker.heard > worker.begun ? timeoutSeconds : FIRST_SIGN_SECONDS;
      const silent = now - worker.heard;
      if (silent > patience) {
        kill(worker, silent);
      } else if (!asked.has(worker)) ask(worker);
    }
  }

  function ask(worker: Forked): void {
    asked.add(worker);
    worker.channel.ask("ping").then(
      () => asked.delete(worker),
      () => {},
    );
  }

  function kill(worker: Forked, silent: number): void {
    if (worker.isHung) return;
    worker.isHung = true;
    logger.error(
      `worker ${worker.number} (process ${worker.pid}) has given no sign of life for ${silent.toFixed(1)} s: it is killed`,
    );
    worker.kill();
  }

  const timer = setInterval(look, INTERVAL_SECONDS * 1_000);
  timer.unref();
  return () => clearInterval(timer);
}

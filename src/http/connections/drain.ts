import { Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { InFlight } from "../limits/in-flight.ts";

/** The time for which a stopping server, which accepts no new connections, still accepts requests. */
const GRACE_SECONDS = 1;
const GRACE_STEP_SECONDS = 0.02;

/** The graceful stop of a server. */
export interface Drain {
  /** True once the server has begun to stop. */
  isDraining(): boolean;
  /**
   * Stops in four steps: (1) for `shutdownDelay` seconds the server accepts connections and is not ready; (2) it accepts no
   * connection, but requests on those that are open, for at most a second; (3) it finishes the requests in progress; (4)
   * it closes what is left. Steps 2 and 3 take at most `drainTimeout` seconds.
   */
  close(app: FastifyInstance): Promise<void>;
}

export interface DrainOptions {
  readonly drainTimeout: number;
  readonly shutdownDelay: number;
}

export function createDrain(
  { drainTimeout, shutdownDelay }: DrainOptions,
  inFlight: InFlight,
  logger: FastifyBaseLogger,
): Drain {
  let draining = false;

  /**
   * Waits until all clients have closed their connections, or for the grace period. A client may be sending a request on a
   * connection that is idle here or has just been made: it gets its reply, which closes the connection.
   * @returns seconds waited
   */
  async function waitForIdleClients(app: FastifyInstance): Promise<number> {
    const grace = Math.min(GRACE_SECONDS, drainTimeout / 2);
    let waited = 0;
    while (waited < grace && (await countConnections(app.server)) > 0) {
      await sleep(GRACE_STEP_SECONDS * 1_000);
      waited += GRACE_STEP_SECONDS;
    }
    return waited;
  }

  return {
    isDraining: () => draining,
    async close(app) {
      draining = true;
      inFlight.endConnections();
      if (app.server.listening) {
        await sleep(shutdownDelay * 1_000);
        closeListener(app.server);
      }
      const waited = await waitForIdleClients(app);
      const closed = app.close().then(() => true);
      const rest = Math.max(0, drainTimeout - waited);
      if (!(await Promise.race([closed, sleep(rest * 1_000, false, { ref: false })]))) {
        logger.warn(
          `requests are still in progress after ${drainTimeout} s; closing their connections`,
        );
        app.server.closeAllConnections();
      }
      await closed;
    },
  };
}

/** Stops to accept connections. The `close` of an HTTP server would also close those that wait for their first request. */
function closeListener(server: FastifyInstance["server"]): void {
  Server.prototype.close.call(server);
}

function countConnections(server: FastifyInstance["server"]): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error === null ? count : 0));
  });
}

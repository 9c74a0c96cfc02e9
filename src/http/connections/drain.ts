import { Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { InFlight } from "../limits/in-flight.ts";

/** The time for which a stopping server waits for its clients to leave, before and after it stops to listen. */
const GRACE_SECONDS = 1;
const GRACE_STEP_SECONDS = 0.02;

/** The graceful stop of a server. */
export interface Drain {
  /** True once the server has begun to stop. */
  isDraining(): boolean;
  /**
   * Stops in four steps: (1) the server, which is not ready any more, accepts connections for `shutdownDelay` seconds, and
   * for at most a second while clients are connected; (2) it accepts no connection, but requests on those that are open, for
   * at most another second; (3) it finishes the requests in progress; (4) it closes what is left. Beyond `shutdownDelay`
   * all of this takes at most `drainTimeout` seconds.
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
   * @param least seconds to wait in any case
   * @returns seconds waited
   */
  async function waitForIdleClients(app: FastifyInstance, least: number): Promise<number> {
    const grace = Math.min(GRACE_SECONDS, drainTimeout / 2);
    let waited = 0;
    while (waited < least || (waited < grace && (await countConnections(app.server)) > 0)) {
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
      let waited = 0;
      if (app.server.listening) {
        waited = await waitForIdleClients(app, shutdownDelay);
        closeListener(app.server);
      }
      waited += await waitForIdleClients(app, 0);
      const closed = app.close().then(() => true);
      const rest = Math.max(0, shutdownDelay + drainTimeout - waited);
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

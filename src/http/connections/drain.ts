import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { InFlight } from "../limits/in-flight.ts";

/** The time for which a stopping server still accepts connections and requests. */
const GRACE_SECONDS = 1;
const GRACE_STEP_SECONDS = 0.02;

/** The graceful stop of a server. */
export interface Drain {
  /** True once the server has begun to stop. */
  isDraining(): boolean;
  /** Stops: finishes the requests in progress within the drain timeout, then closes their connections. */
  close(app: FastifyInstance): Promise<void>;
}

export function createDrain(
  timeoutSeconds: number,
  inFlight: InFlight,
  logger: FastifyBaseLogger,
): Drain {
  let draining = false;

  /**
   * Waits until all clients have closed their connections, or for the grace period. A client may be sending a request on a
   * connection that is idle here: it gets its reply, which closes the connection. Load balancers notice meanwhile that
   * the server is not ready.
   * @returns seconds waited
   */
  async function waitForIdleClients(app: FastifyInstance): Promise<number> {
    const grace = Math.min(GRACE_SECONDS, timeoutSeconds / 2);
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
      const waited = await waitForIdleClients(app);
      const closed = app.close().then(() => true);
      const rest = Math.max(0, timeoutSeconds - waited);
      if (!(await Promise.race([closed, sleep(rest * 1_000, false, { ref: false })]))) {
        logger.warn(
          `requests are still in progress after ${timeoutSeconds} s; closing their connections`,
        );
        app.server.closeAllConnections();
      }
      await closed;
    },
  };
}

function countConnections(server: FastifyInstance["server"]): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error === null ? count : 0));
  });
}

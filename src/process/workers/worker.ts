import cluster from "node:cluster";
import type { FastifyBaseLogger } from "fastify";
import { createUniqueClients } from "../../http/limits/unique-clients.ts";
import { systemClock } from "../../kernel/clock.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { createMetrics } from "../../metrics/metrics.ts";
import { listProcessMetrics } from "../../metrics/process-metrics.ts";
import { toWorkerMonitor } from "./worker-monitor.ts";
import { createServer, type Server } from "../../server.ts";
import { createChannel, type Channel } from "../../kernel/channel.ts";
import { createRequestCounter } from "./count-requests.ts";
import {
  METRICS_DESCRIPTOR,
  type PrimaryCalls,
  type Started,
  type WorkerCalls,
  type WorkerTask,
} from "./workers.ts";

/** A terminal, or whoever stops a service, sends them to every process of it; only the primary acts on them. */
const IGNORED = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Serves in this process, which a primary has started, until the primary says that it ends or is gone. */
export function runWorker(createLogger: (task: WorkerTask) => FastifyBaseLogger): void {
  if (cluster.worker === undefined) {
    throw new TepalError("INTERNAL", "This file is started by `tepal serve --workers`");
  }
  // Else node:cluster ends the process when the primary is gone, without finishing what has begun.
  cluster.worker.exitedAfterDisconnect = true;
  for (const signal of IGNORED) process.on(signal, () => {});
  const clock = systemClock;
  const clients = createUniqueClients(clock);
  const serving = Promise.withResolvers<Server>();
  let logger: FastifyBaseLogger | undefined;
  let isServing = false;
  let cannotSave = false;
  const metrics = createMetrics({
    file: {
      descriptor: METRICS_DESCRIPTOR,
      onError(error) {
        if (!cannotSave) logger?.error(`measurements cannot be saved: ${toMessage(error)}`);
        cannotSave = true;
      },
    },
  });

  async function start(task: WorkerTask): Promise<Started> {
    logger = createLogger(task);
    // They count from when they are first asked for.
    await listProcessMetrics();
    const server = await createServer(task.config, {
      logger,
      clock,
      worker: {
        metrics,
        clients,
        render: () => channel.ask("render"),
        reload: () => channel.ask("reload"),
        monitor: task.config.monitor ? toWorkerMonitor(channel) : undefined,
        countRequest: createRequestCounter((keys) => channel.ask("count", keys)),
      },
    });
    const address = await server.listen();
    serving.resolve(server);
    isServing = true;
    return { address, models: server.models(), example: server.example() ?? null };
  }

  const calls: WorkerCalls = {
    start,
    ping: async () => {},
    async measure() {
      metrics.update();
      return { clients: [...clients.list()], process: await listProcessMetrics() };
    },
    reload: async () => (await serving.promise).reload(),
    drain: async () => (await serving.promise).close(),
  };
  const channel: Channel<PrimaryCalls> = createChannel<PrimaryCalls, WorkerCalls>((message) => {
    // What does not arrive is not missed: then the primary is gone, and this process about to be.
    process.send?.(message, undefined, undefined, () => {});
  }, calls);

  process.on("message", channel.receive);
  process.once("disconnect", () => {
    channel.close();
    if (!isServing) process.exit(1);
    serving.promise
      .then((server) => server.close())
      .then(() => process.exit())
      .catch((error: unknown) => {
        logger?.error(toMessage(error));
        process.exit(1);
      });
  });
}

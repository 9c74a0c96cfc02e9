import cluster from "node:cluster";
import type { FastifyBaseLogger } from "fastify";
import { createUniqueClients } from "../../http/limits/unique-clients.ts";
import type { Channel } from "../../kernel/channel.ts";
import { connectToParent } from "../../kernel/child-process.ts";
import { systemClock } from "../../kernel/clock.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { createMetrics } from "../../metrics/create-metrics.ts";
import { describeFullMetric } from "../../metrics/describe-full.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import { listProcessMetrics } from "../../metrics/process-metrics.ts";
import { countRows } from "../../metrics/count-rows.ts";
import { assembleServer, type AssembledServer, type Server } from "../../server.ts";
import {
  METRICS_DESCRIPTOR,
  type PrimaryCalls,
  type Started,
  type WorkerCalls,
  type WorkerModels,
  type WorkerTask,
} from "../process.ts";
import { createWorkerParts } from "./worker-parts.ts";

/**
 * Serves in this process, which a primary has started, until the primary stops it or ends.
 * @param extend called with the server before it listens
 */
export function runWorker(
  createLogger: (task: WorkerTask) => FastifyBaseLogger,
  extend: (server: Server) => Promise<void>,
): void {
  if (cluster.worker === undefined) {
    throw new TepalError("INTERNAL", "Only `tepal serve --workers` can start this file");
  }
  // Otherwise node:cluster exits at once when the primary has ended, and drops requests in progress.
  cluster.worker.exitedAfterDisconnect = true;
  const clients = createUniqueClients(systemClock);
  const serving = Promise.withResolvers<AssembledServer>();
  let logger: FastifyBaseLogger | undefined;
  let isServing = false;
  const metrics = createSavedMetrics({
    error: (message) => logger?.error(message),
    warn: (message) => logger?.warn(message),
  });

  async function start(task: WorkerTask): Promise<Started> {
    const { config, needsModel } = task;
    logger = createLogger(task);
    // The client library's collectors count from the first call.
    await listProcessMetrics();
    const shared = createWorkerParts(channel, metrics, clients, config.monitor);
    const server = await assembleServer(config, shared, { logger, clock: systemClock });
    if (needsModel && server.example() === undefined) {
      throw new TepalError(
        "MODEL_NOT_READY",
        "It cannot load the default model, which the other workers serve from memory. Restore its files.",
      );
    }
    await extend(server);
    const address = await server.listen();
    serving.resolve(server);
    isServing = true;
    return { address, ...describeModels(server) };
  }

  const calls: WorkerCalls = {
    start,
    ping: async () => {},
    async measure() {
      metrics.update();
      return {
        rows: countRows(metrics),
        memoryBytes: process.memoryUsage.rss(),
        clients: [...clients.list()],
        process: await listProcessMetrics(),
        exemplars: metrics.exemplars(),
      };
    },
    reloadCredentials: async () => (await serving.promise).reloadCredentials(),
    async reloadModels() {
      const server = await serving.promise;
      const report = await server.reloadModels();
      return { report, ...describeModels(server) };
    },
    drain: async () => (await serving.promise).close(),
  };

  async function drainAndExit(): Promise<void> {
    try {
      await (await serving.promise).close();
      process.exit();
    } catch (error) {
      logger?.error(toMessage(error));
      process.exit(1);
    }
  }

  const channel: Channel<PrimaryCalls> = connectToParent<PrimaryCalls, WorkerCalls>(calls, () => {
    if (isServing) void drainAndExit();
    else process.exit(1);
  });
}

function describeModels(server: Server): WorkerModels {
  return { models: server.models(), example: server.example() ?? null };
}

/** Creates metrics that are saved to the file which the primary reads; a failure is logged once. */
function createSavedMetrics(log: Record<"error" | "warn", (message: string) => void>): Metrics {
  let hasFailed = false;
  return createMetrics({
    onFull: (metric) => log.warn(describeFullMetric(metric)),
    file: {
      descriptor: METRICS_DESCRIPTOR,
      onError(error) {
        if (!hasFailed) log.error(`cannot save the metrics: ${toMessage(error)}`);
        hasFailed = true;
      },
    },
  });
}

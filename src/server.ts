import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { pino } from "pino";
import { OPTIONS, type Config } from "./config/config.ts";
import { resolveOptions } from "./config/resolve-options.ts";
import { createApp } from "./http/app.ts";
import { openCredentials } from "./http/access/credentials.ts";
import { createInFlight } from "./http/limits/in-flight.ts";
import { createLiveStreams } from "./http/limits/live-streams.ts";
import { createOverload } from "./http/limits/overload.ts";
import { createRateCounter, type CountRequest } from "./http/limits/rate-count.ts";
import type { MonitorApi } from "./http/monitor-api.ts";
import { createUniqueClients, type UniqueClients } from "./http/limits/unique-clients.ts";
import { systemClock, type Clock } from "./kernel/clock.ts";
import { TepalError, toMessage } from "./kernel/errors.ts";
import { createMetrics, type Metrics } from "./metrics/metrics.ts";
import { createRegistry, type ModelStatus, type ReloadReport } from "./model/registry.ts";
import { createMonitor } from "./monitor/create-monitor.ts";
import { createPredictor } from "./serving/predictor.ts";
import { createModelGauges } from "./serving/model-gauges.ts";
import { readVersion } from "./version.ts";

/** A server that is put together but may not listen yet. */
export interface Server {
  readonly config: Config;
  /**
   * Begins to listen.
   * @returns the base address, such as http://127.0.0.1:8000
   * @throws TepalError CANNOT_LISTEN
   */
  listen(): Promise<string>;
  /** The models and the state of their versions. */
  models(): readonly ModelStatus[];
  /** The body of a prediction request that the default model knows; undefined when none is ready. */
  example(): Readonly<Record<string, number | null>> | undefined;
  /**
   * Looks at the models folder again; what cannot be loaded is logged and refused.
   * @throws TepalError MODEL_NOT_FOUND when the folder cannot be read; what is loaded goes on serving
   */
  reload(): Promise<ReloadReport>;
  /**
   * Stops: not ready at once; every reply from now on closes its connection; after at most a second no new
   * connections; requests that have begun are finished within `drainTimeout` seconds in all. Calling it again
   * waits for the same stop.
   */
  close(): Promise<void>;
}

export interface ServerParts {
  /** Default: silent. */
  readonly logger?: FastifyBaseLogger;
  readonly clock?: Clock;
  /** Whether /metrics has the process's own metrics too; default true. */
  readonly processMetrics?: boolean;
  /** Only where the server is one of several processes (src/workers). */
  readonly worker?: WorkerParts;
}

/** What several processes of one server do together; a server alone does each by itself. */
export interface WorkerParts {
  /** Its own measurements, of which others take what they have to know. */
  readonly metrics: Metrics;
  readonly clients: UniqueClients;
  /** The measurements of all processes, in the Prometheus text format. */
  render(): Promise<string>;
  /** Has every process look at its files again. */
  reload(): Promise<ReloadReport>;
  readonly countRequest: CountRequest;
  /** The monitor of them all; undefined without one. */
  readonly monitor: MonitorApi | undefined;
}

/** How long connections that are open when the server stops may bring a last request. */
const GRACE_SECONDS = 1;
const GRACE_STEP_SECONDS = 0.02;

/**
 * Wires the rooms together: configuration in, a server that has tried to load its models out. It is one process, whatever
 * `workers` says: only the command line starts several.
 *
 * @example
 * const server = await createServer({ port: 8000, models: "models" });
 * console.log(await server.listen());
 *
 * @throws TepalError INVALID_OPTION, and INVALID_RULES for files that `rules` names
 */
export async function createServer(
  options: Partial<Config> = {},
  parts: ServerParts = {},
): Promise<Server> {
  const config = resolveOptions(OPTIONS, { flags: options });
  const { logger = pino({ level: "silent" }), clock = systemClock } = parts;
  const { worker } = parts;
  const metrics = worker?.metrics ?? createMetrics({ process: parts.processMetrics ?? true });
  const registry = createRegistry(
    config,
    {
      prepare: (model) => createPredictor(model, config, metrics, clock),
      dispose: (predictor) => predictor.close(),
    },
    clock,
  );
  const credentials = await openCredentials(config, logger);
  let url = "";
  const monitor =
    worker === undefined && config.monitor
      ? createMonitor({
          options: config,
          logger,
          clock,
          metrics,
          version: readVersion(),
          url: () => url,
          renderPage: () => metrics.render(),
        })
      : undefined;
  await monitor?.check();
  const inFlight = createInFlight();
  const overload = createOverload(config, inFlight, clock);
  let draining = false;
  let closing: Promise<void> | undefined;

  const countHere = createRateCounter(clock);
  const app = await createApp({
    options: config,
    registry,
    metrics: worker === undefined ? metrics : { ...metrics, render: worker.render },
    clock,
    logger,
    version: readVersion(),
    clients: worker?.clients ?? createUniqueClients(clock),
    inFlight,
    overload,
    liveStreams: createLiveStreams(config.requestTimeout),
    credentials,
    monitor: worker === undefined ? monitor : worker.monitor,
    countRequest: worker?.countRequest ?? ((key, say) => say(countHere(key))),
    reload: worker?.reload ?? reload,
    isDraining: () => draining,
  });

  const ready = metrics.modelLoads.open(["ready"]);
  const failed = metrics.modelLoads.open(["failed"]);
  metrics.beforeRender(createModelGauges(metrics, registry.list, registry.ready));
  const active = metrics.eventLoopActive.open([]);
  metrics.beforeRender(() => {
    metrics.eventLoopActive.set(active, performance.eventLoopUtilization().active / 1_000);
  });
  if (worker === undefined) {
    for (const family of [metrics.workers, metrics.workersWanted]) family.set(family.open([]), 1);
  }

  async function reload(): Promise<ReloadReport> {
    // First: models or keys that cannot be read must not keep rules from being so.
    monitor?.reload();
    await credentials.reload(app.server);
    const report = await registry.reload();
    metrics.modelLoads.add(ready, report.loaded.length);
    metrics.modelLoads.add(failed, report.failed.length);
    metrics.saveSoon();
    for (const { name, version } of report.loaded) {
      logger.info({ model: name, version }, `model ${name} version ${version} is ready`);
      for (const remark of registry.find(name, version).remarks) {
        logger.warn({ model: name, version }, `model ${name} version ${version}: ${remark}`);
      }
    }
    for (const { name, version, reason } of report.failed) {
      logger.error(
        { model: name, version },
        `model ${name} version ${version} is refused: ${reason}`,
      );
    }
    for (const { name, version } of report.removed) {
      logger.info({ model: name, version }, `model ${name} version ${version} is gone`);
    }
    return report;
  }

  /** Fastify did not make the Node server and takes it for plain HTTP. */
  function toScheme(address: string): string {
    return credentials.tls === null ? address : address.replace("http:", "https:");
  }

  async function drainAndClose(): Promise<void> {
    draining = true;
    inFlight.endConnections();
    // A client may just be sending on a connection that is idle here: each is answered once more and then closed. It is
    // also the time in which whoever balances sees that the server is not ready.
    const grace = Math.min(GRACE_SECONDS, config.drainTimeout / 2);
    let waited = 0;
    while (waited < grace && (await countConnections(app.server)) > 0) {
      await sleep(GRACE_STEP_SECONDS * 1_000);
      waited += GRACE_STEP_SECONDS;
    }
    const closed = app.close().then(() => true);
    const rest = Math.max(0, config.drainTimeout - waited);
    if (!(await Promise.race([closed, sleep(rest * 1_000, false, { ref: false })]))) {
      logger.warn(`requests still run after ${config.drainTimeout} s; closing their connections`);
      app.server.closeAllConnections();
    }
    await closed;
    overload.close();
    await monitor?.close();
  }

  warnAboutExposure(config, logger);
  await reload().catch((error: unknown) => logger.error(toMessage(error)));
  return {
    config,
    models: registry.list,
    example() {
      if (!registry.isReady()) return undefined;
      const { manifest, example } = registry.find();
      return Object.fromEntries(manifest.features.map(({ name }, i) => [name, example[i] ?? null]));
    },
    reload,
    async listen() {
      const address = await app
        .listen({
          host: config.host,
          port: config.port,
          listenTextResolver: (text) => `listening on ${toScheme(text)}`,
        })
        .catch((cause: unknown) => {
          throw toListenError(config, cause);
        });
      url = toScheme(address);
      // Not before: a server that takes requests sooner is worth more than its history.
      monitor?.start();
      return url;
    },
    close: () => (closing ??= drainAndClose()),
  };
}

function countConnections(server: FastifyInstance["server"]): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error === null ? count : 0));
  });
}

function warnAboutExposure(
  { host, apiKeysFile, tlsCert }: Config,
  logger: FastifyBaseLogger,
): void {
  if (["127.0.0.1", "::1", "localhost"].includes(host)) return;
  if (apiKeysFile === null) {
    logger.warn(
      `ANYBODY who can reach ${host} can use this server: it listens beyond this machine and asks for no key. ` +
        "Make one with `tepal keys add` and start with --api-keys-file.",
    );
  } else if (tlsCert === null) {
    logger.warn(
      "keys travel unencrypted: use --tls-cert and --tls-key, or a proxy with TLS in front",
    );
  }
}

function toListenError({ host, port }: Config, cause: unknown): TepalError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const message =
    code === "EADDRINUSE"
      ? `Port ${port} on ${host} is taken by another program; choose another with --port`
      : code === "EACCES"
        ? `Port ${port} may not be used by this user; choose one above 1023 with --port`
        : `Cannot listen on ${host}:${port}: ${toMessage(cause)}`;
  return new TepalError("CANNOT_LISTEN", message, { cause });
}

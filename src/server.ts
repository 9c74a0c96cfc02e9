import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { toPublicRow, type PublicRow } from "./model/public-row.ts";
import { pino } from "pino";
import { OPTIONS, type Config } from "./config/config.ts";
import { describeServer, describeThisProcess } from "./config/describe-server.ts";
import { resolveOptions } from "./config/resolve-options.ts";
import { openCredentials } from "./http/access/credentials.ts";
import { warnAboutExposure } from "./http/access/exposure.ts";
import { createApp } from "./http/app.ts";
import { createDrain } from "./http/connections/drain.ts";
import type { HeadCheck } from "./http/request-head.ts";
import { createInFlight } from "./http/limits/in-flight.ts";
import { createLiveStreams } from "./http/limits/live-streams.ts";
import { createOverload } from "./http/limits/overload.ts";
import { createRateCounter, type CountRequest } from "./http/limits/rate-count.ts";
import { createUniqueClients, type UniqueClients } from "./http/limits/unique-clients.ts";
import { listen } from "./http/connections/listen.ts";
import { toPublicUrl } from "./http/connections/public-url.ts";
import type { MonitorApi } from "./http/http.ts";
import type { ReloadProblem, ReloadReport } from "./http/reload-report.ts";
import type { ServerDescription } from "./http/schemas/server-status.ts";
import { systemClock, type Clock } from "./kernel/clock.ts";
import { toMessage } from "./kernel/errors.ts";
import {
  createApplicationMetrics,
  type ApplicationMetrics,
} from "./metrics/application-metrics.ts";
import { createMetrics } from "./metrics/create-metrics.ts";
import { describeFullMetric } from "./metrics/describe-full.ts";
import type { ExpositionFormat } from "./metrics/exposition.ts";
import { readMemoryLimit } from "./metrics/memory-limit.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { isRemote, type AnyExecutor, type LoadedModel, type ModelStatus } from "./model/model.ts";
import { createRegistry } from "./model/registry.ts";
import { createMonitor } from "./monitor/create-monitor.ts";
import type { Monitor } from "./monitor/monitor.ts";
import { countRows } from "./metrics/count-rows.ts";
import { createModelGauges } from "./serving/model-gauges.ts";
import type { AnyPredictor } from "./serving/serving.ts";
import { createReloadReporter } from "./serving/report-reload.ts";
import { openPredictor } from "./serving/open-predictor.ts";
import { readBuild, readVersion } from "./version.ts";

/** A server of one or several processes. It is complete once it is created, and accepts connections once it listens. */
export interface BaseServer {
  readonly config: Config;
  /**
   * Starts to accept connections.
   * @returns the base URL, for example http://127.0.0.1:8000
   * @throws TepalError CANNOT_LISTEN
   */
  listen(): Promise<string>;
  /** Returns the models, and the state of their versions. */
  models(): readonly ModelStatus[];
  /** Returns a request body that the default model accepts; undefined if no model is ready. */
  example(): PublicRow | undefined;
  /**
   * Reads models, API keys, certificate and alert rules again. What cannot be read is logged and reported, and stays as it was:
   * `failed` names versions, `problems` everything else.
   */
  reload(): Promise<ReloadReport>;
  /**
   * Stops the server. GET /health/ready returns 503 at once, and every reply closes its connection. The server
   * accepts new connections for `shutdownDelay` seconds, and for at most a second while clients are connected; it finishes
   * the requests in progress within `drainTimeout` more seconds.
   * Idempotent: a second call waits for the same stop.
   */
  close(): Promise<void>;
}

/** A server in this process, which an application can extend until it listens. */
export interface Server extends BaseServer {
  /**
   * Declares metrics of the application. They appear in GET /metrics and in the built-in monitor.
   *
   * @example
   * ```ts
   * import { createServer, trainModel } from "tepal";
   *
   * const data = [1, 2, 8, 9].map((length) => ({ length, size: length < 5 ? "small" : "large" }));
   * const { model } = await trainModel({ data, target: "size" });
   * const server = await createServer({ port: 0, models: [model] });
   * const orders = server.metrics.counter({
   *   name: "shop_orders_total",
   *   help: "Orders placed.",
   *   labels: ["country"],
   * });
   * orders.with({ country: "de" }).inc();
   * await server.close();
   * ```
   */
  readonly metrics: ApplicationMetrics;
  /**
   * The Fastify instance, for routes of the application; add them before `listen`. They have the same API keys (`config.access`
   * names the required role: "public", "predict", "metrics", "operate" or "admin"; default "predict"), limits, request metrics, problem
   * details and OpenAPI document as Tepal's own routes.
   *
   * @example
   * ```ts
   * import { createServer, trainModel } from "tepal";
   *
   * const data = [1, 2, 8, 9].map((length) => ({ length, size: length < 5 ? "small" : "large" }));
   * const { model } = await trainModel({ data, target: "size" });
   * const server = await createServer({ port: 0, models: [model] });
   * server.app.get("/shop/hours", { config: { access: "public" } }, () => ({ open: "9:00" }));
   * const url = await server.listen();
   * console.log(await (await fetch(`${url}/shop/hours`)).json()); // { open: "9:00" }
   * await server.close();
   * ```
   */
  readonly app: FastifyInstance;
}

/**
 * Adds metrics and routes to a server that does not listen yet: the default export of the module that `tepal serve --extension`
 * loads. With `--workers`, each worker process calls it.
 */
export type Extension = (server: Server) => void | Promise<void>;

/** The options of `tepal serve`. `models` is the models folder, or models in memory, which a reload leaves alone. */
export interface ServerOptions extends Partial<Omit<Config, "models">> {
  /**
   * The folder of the models, or models in memory, as `trainModel`, `importModel` and `loadModel` return them. Models in memory
   * need no files, and `reload` does not change them; one that onnxruntime computes stays open when the server closes. @default "models"
   */
  readonly models?: string | readonly LoadedModel<AnyExecutor>[];
}

export interface ServerParts {
  /** Default: no log. */
  readonly logger?: FastifyBaseLogger;
  readonly clock?: Clock;
  /** True if GET /metrics includes the metrics of the process and of Node.js; default true. */
  readonly processMetrics?: boolean;
  /** The folder of the built web application; default: the package's. */
  readonly consoleFolder?: string;
  /**
   * Checks of the application, which run on the head of every request after those of Tepal and before the rate limit.
   *
   * @example
   * ```ts
   * import { createServer, TepalError, trainModel } from "tepal";
   *
   * const data = [1, 2, 8, 9].map((length) => ({ length, size: length < 5 ? "small" : "large" }));
   * const { model } = await trainModel({ data, target: "size" });
   * const closed = new TepalError("FORBIDDEN", "The shop is closed.");
   * const server = await createServer(
   *   { port: 0, models: [model] },
   *   { headChecks: [({ url }) => (url === "/predict" ? closed : undefined)] },
   * );
   * const url = await server.listen();
   * console.log((await fetch(`${url}/predict`, { method: "POST" })).status); // 403
   * await server.close();
   * ```
   */
  readonly headChecks?: readonly HeadCheck[];
}

/**
 * The parts that the processes of one server share. A server of one process has its own (`createOwnParts`); a worker process
 * reaches those of its primary (process/workers/worker-parts.ts).
 */
export interface SharedParts {
  /** The metrics of this process. */
  readonly metrics: Metrics;
  /** The clients of this process. */
  readonly clients: UniqueClients;
  readonly countRequest: CountRequest;
  /** The built-in monitor; undefined without one. */
  readonly monitor: MonitorApi | undefined;
  /** Returns the metrics response of all processes. */
  renderMetrics(format: ExpositionFormat): Promise<string>;
  /** Describes the server with all of its processes. */
  describe(): Promise<ServerDescription>;
  /** Reloads all processes. @param reloadThis reloads this one */
  reloadAll(reloadThis: () => Promise<ReloadReport>): Promise<ReloadReport>;
  /** Reads the alert rules again. */
  reloadRules(): Promise<readonly ReloadProblem[]>;
  /** Called once, when this process listens. */
  start(url: string): void;
  /** Called once, when this process has stopped. */
  close(): Promise<void>;
}

/** A server whose parts can be reloaded one by one. */
export interface AssembledServer extends Server {
  /** Reads API keys and certificate again. */
  reloadCredentials(): Promise<readonly ReloadProblem[]>;
  /** Loads the models again; `problems` has those of the models only. */
  reloadModels(): Promise<ReloadReport>;
}

/** Reads the alert rules again, if there is a monitor. */
export async function reloadRules(monitor: Monitor | undefined): Promise<ReloadProblem[]> {
  const message = await monitor?.reload();
  return message === undefined ? [] : [{ part: "rules", message }];
}

/** The parts that the server's owner chooses. */
interface Surroundings {
  readonly logger: FastifyBaseLogger;
  readonly clock: Clock;
  readonly consoleFolder?: string | undefined;
  readonly headChecks?: readonly HeadCheck[] | undefined;
}

/**
 * Creates a server in this process and loads its models; it does not listen yet. `workers` and `extension` have no effect: only
 * the command line starts worker processes and loads extensions.
 *
 * @throws TepalError INVALID_OPTION; INVALID_RULES for the files of `rules`
 * @example
 * ```ts
 * import { createServer, trainModel } from "tepal";
 *
 * const data = [1, 2, 8, 9].map((length) => ({ length, size: length < 5 ? "small" : "large" }));
 * const { model } = await trainModel({ data, target: "size" });
 * const server = await createServer({ port: 0, models: [model] });
 * const url = await server.listen();
 * console.log(url); // for example http://127.0.0.1:40321
 * const reply = await fetch(`${url}/predict`, {
 *   method: "POST",
 *   headers: { "content-type": "application/json" },
 *   body: JSON.stringify(server.example()),
 * });
 * console.log(reply.status); // 200
 * await server.close();
 * ```
 */
export async function createServer(
  options: ServerOptions = {},
  parts: ServerParts = {},
): Promise<Server> {
  const { models, ...others } = options;
  const inMemory = isList(models) ? models : undefined;
  // Anything but a list of models is checked like the other options.
  const flags = inMemory === undefined ? { ...others, models } : others;
  const config = resolveOptions(OPTIONS, { flags });
  const { logger = pino({ level: "silent" }), clock = systemClock, processMetrics = true } = parts;
  const { consoleFolder, headChecks } = parts;
  const surroundings = { logger, clock, consoleFolder, headChecks };
  const shared = await createOwnParts(config, surroundings, processMetrics);
  return assembleServer(config, shared, surroundings, inMemory);
}

function isList(models: ServerOptions["models"]): models is readonly LoadedModel<AnyExecutor>[] {
  return Array.isArray(models);
}

/** Creates the shared parts of a server of one process. @throws TepalError INVALID_OPTION or INVALID_RULES */
async function createOwnParts(
  config: Config,
  { logger, clock }: Surroundings,
  processMetrics: boolean,
): Promise<SharedParts> {
  const metrics = createMetrics({
    process: processMetrics,
    clock,
    onFull: (metric) => logger.warn(describeFullMetric(metric)),
  });
  for (const family of [metrics.workers, metrics.workersWanted]) family.set(family.open([]), 1);
  metrics.memoryLimit.set(metrics.memoryLimit.open([]), readMemoryLimit());
  let url = "";
  const monitor = config.monitor
    ? createMonitor({
        options: config,
        logger,
        clock,
        metrics,
        version: readVersion(),
        url: () => url,
        publicUrl: () => toPublicUrl(config, url),
        renderMetrics: () => metrics.render(),
        listExemplars: metrics.exemplars,
      })
    : undefined;
  await monitor?.check();
  return {
    metrics,
    clients: createUniqueClients(clock),
    countRequest: createRateCounter(clock),
    monitor,
    renderMetrics: (format) => metrics.render(format),
    describe: async () =>
      describeServer(config, await readBuild(), [
        describeThisProcess("server", countRows(metrics), clock),
      ]),
    reloadAll: (reloadThis) => reloadThis(),
    reloadRules: () => reloadRules(monitor),
    start(boundUrl) {
      url = boundUrl;
      // Only now: requests are served before the monitor has read its history.
      monitor?.start();
    },
    close: async () => monitor?.close(),
  };
}

/**
 * Creates a server from its shared parts. Its `reload` reloads this process alone.
 *
 * @param inMemory models to serve instead of those in the models folder
 * @throws TepalError INVALID_OPTION
 */
export async function assembleServer(
  config: Config,
  shared: SharedParts,
  { logger, clock, consoleFolder, headChecks = [] }: Surroundings,
  inMemory?: readonly LoadedModel<AnyExecutor>[],
): Promise<AssembledServer> {
  const { metrics } = shared;
  const registry = createRegistry<AnyPredictor>(
    config,
    {
      prepare(model) {
        logEngineFailures(model, logger);
        return openPredictor(model, config, metrics, clock);
      },
      dispose: (predictor) => predictor.close(),
    },
    { clock, inMemory },
  );
  const credentials = await openCredentials(config, logger);
  const inFlight = createInFlight();
  const overload = createOverload(config, inFlight, clock);
  const drain = createDrain(config, inFlight, logger);
  const reportReload = createReloadReporter(
    registry,
    metrics,
    logger,
    inMemory === undefined ? config.models : undefined,
  );
  let closing: Promise<void> | undefined;

  async function reloadModels(): Promise<ReloadReport> {
    try {
      const { unreadable, ...changes } = await registry.reload();
      reportReload({ unreadable, ...changes });
      return { ...changes, problems: unreadable.map((message) => ({ part: "models", message })) };
    } catch (error) {
      // Models in memory that cannot be used stay unusable; a folder may become readable later.
      if (inMemory !== undefined || closing !== undefined) throw error;
      const message = toMessage(error);
      logger.error(message);
      return { loaded: [], failed: [], removed: [], problems: [{ part: "models", message }] };
    }
  }

  // The thread that loads models starts while the application is put together.
  const firstLoad = reloadModels();
  firstLoad.catch(() => {});
  const { app, finishRoutes } = await createApp({
    options: config,
    registry,
    metrics,
    renderMetrics: shared.renderMetrics,
    clock,
    logger,
    version: readVersion(),
    clients: shared.clients,
    inFlight,
    overload,
    liveStreams: createLiveStreams(config.requestTimeout),
    credentials,
    monitor: shared.monitor,
    consoleFolder,
    headChecks,
    countRequest: shared.countRequest,
    describe: shared.describe,
    reload: () => shared.reloadAll(reload),
    isDraining: drain.isDraining,
  }).catch(async (error: unknown) => {
    await registry.close();
    throw error;
  });
  metrics.beforeRender(createModelGauges(metrics, registry.list, registry.ready));
  measureEventLoop(metrics);
  metrics.buildInfo.set(metrics.buildInfo.open([readVersion(), process.versions.node]), 1);

  const reloadCredentials = (): Promise<readonly ReloadProblem[]> => credentials.reload(app.server);

  async function reload(): Promise<ReloadReport> {
    const [rules, credentialProblems] = await Promise.all([
      shared.reloadRules(),
      reloadCredentials(),
    ]);
    const { problems, ...changes } = await reloadModels();
    return { ...changes, problems: [...rules, ...credentialProblems, ...problems] };
  }

  async function close(): Promise<void> {
    credentials.close();
    await Promise.all([registry.close(), drain.close(app)]);
    overload.close();
    // Models in memory belong to the caller.
    if (inMemory === undefined) {
      await Promise.all(
        registry.ready().map((predictor) => predictor.engine === "onnxruntime" && predictor.stop()),
      );
    }
    await shared.close();
  }

  credentials.follow(app.server);
  warnAboutExposure(config, logger);
  await firstLoad.catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    config,
    metrics: createApplicationMetrics(metrics),
    app,
    models: registry.list,
    example() {
      if (!registry.isReady()) return undefined;
      const { manifest, example } = registry.find();
      return toPublicRow(manifest.features, example);
    },
    reload,
    reloadCredentials,
    reloadModels,
    async listen() {
      finishRoutes();
      const url = await listen(app, config, credentials.tls !== null);
      shared.start(url);
      overload.start();
      return url;
    },
    close: () => (closing ??= close()),
  };
}

/** Logs each end of the process of a model that onnxruntime computes. */
function logEngineFailures(
  { executor, manifest: { name, version } }: LoadedModel<AnyExecutor>,
  logger: FastifyBaseLogger,
): void {
  if (!isRemote(executor)) return;
  executor.onFailure((reason, message) =>
    logger.error(
      { model: name, version, reason },
      `model ${name} version ${version}: ${message} It is started again.`,
    ),
  );
}

function measureEventLoop(metrics: Metrics): void {
  const active = metrics.eventLoopActive.open([]);
  metrics.beforeRender(() => {
    metrics.eventLoopActive.set(active, performance.eventLoopUtilization().active / 1_000);
  });
}

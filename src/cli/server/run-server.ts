import { once } from "node:events";
import type { Config } from "../../config/config.ts";
import { toMessage } from "../../kernel/errors.ts";
import { createServer, type BaseServer } from "../../server.ts";
import { formatBanner } from "./banner.ts";
import { extend } from "./extension.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { createLogger, type Logger } from "./logger.ts";
import { print } from "../terminal/print.ts";

/**
 * Serves until Ctrl-C or SIGTERM, then finishes the requests in progress. SIGHUP reloads models, API keys, certificate and
 * alert rules.
 * @throws TepalError INVALID_OPTION, INVALID_RULES or CANNOT_LISTEN
 */
export async function runServer(
  config: Config,
  options: {
    readonly banner: boolean;
    /** Starts a companion of the server, which is disposed before the server closes. @param url the base URL of the server */
    readonly beside?: (url: string) => AsyncDisposable;
  },
): Promise<void> {
  using interrupt = onInterrupt();
  const logger = createLogger(config.logLevel);
  using hangUps = onHangUp(logger);
  warnAboutMissingMonitor(config, logger);
  const server = await (config.workers === 1
    ? createExtendedServer(config, logger)
    : createServerOfWorkers(config, logger));
  const url = await server.listen();
  if (options.banner) print(formatBanner(url, server.models(), server.example(), config.monitor));
  const beside = options.beside?.(url);
  hangUps.reload(server);
  if (!interrupt.signal.aborted) await once(interrupt.signal, "abort");
  await beside?.[Symbol.asyncDispose]();
  logger.info("stopping: finishing the requests in progress");
  await server.close();
  logger.info("stopped");
}

/** A subscription to SIGHUP. Disposing of it removes the handler. */
interface HangUps extends Disposable {
  /** Reloads this server on each SIGHUP from now on, and now if there was one during the start, whose files may be read already. */
  reload(server: BaseServer): void;
}

/** Handles SIGHUP, which ends a process that does not. */
function onHangUp(logger: Logger): HangUps {
  let server: BaseServer | undefined;
  let isDue = false;
  const handle = (): void => {
    if (server === undefined) {
      isDue = true;
      return;
    }
    logger.info("SIGHUP: reloading models, API keys, certificate and alert rules");
    server.reload().catch((error: unknown) => logger.error(toMessage(error)));
  };
  process.on("SIGHUP", handle);
  return {
    reload(started) {
      server = started;
      if (isDue) handle();
    },
    [Symbol.dispose]: () => void process.off("SIGHUP", handle),
  };
}

/** Warns of options that have no effect without a monitor: an alert that is never sent would be missed too late. */
function warnAboutMissingMonitor(config: Config, logger: Logger): void {
  if (config.monitor) return;
  const { rules, alertWebhook, alertWebhookFile, alertmanagerUrl, scrape, remoteWrite } = config;
  const set = [
    ...rules,
    ...alertWebhook,
    ...alertmanagerUrl,
    ...scrape,
    ...[alertWebhookFile, remoteWrite].filter((value) => value !== null),
  ];
  if (set.length === 0) return;
  logger.warn(
    "there is NO monitor, so nothing is scraped and no alert is sent: --rules, --scrape, --alert-webhook, --alertmanager-url and --remote-write require --monitor",
  );
}

// In a variable, so that no bundler takes it for an asset of its own.
const workerFile = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";

async function createExtendedServer(config: Config, logger: Logger): Promise<BaseServer> {
  const server = await createServer(config, { logger });
  await extend(server);
  return server;
}

async function createServerOfWorkers(config: Config, logger: Logger): Promise<BaseServer> {
  // Loaded here, because a server of one process does not need it.
  const { createPrimary } = await import("../../process/workers/primary.ts");
  return createPrimary(config, { logger, entry: new URL(workerFile, import.meta.url) });
}

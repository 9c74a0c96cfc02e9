import { once } from "node:events";
import type { Config } from "../../config/config.ts";
import { toMessage } from "../../kernel/errors.ts";
import { createServer, type BaseServer } from "../../server.ts";
import { formatBanner } from "./banner.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { createLogger, type Logger } from "./logger.ts";

/**
 * Serves until Ctrl-C or SIGTERM, then finishes what was begun. SIGHUP looks at the models folder again.
 * @throws TepalError INVALID_OPTION, INVALID_RULES or CANNOT_LISTEN
 */
export async function runServer(
  config: Config,
  options: {
    readonly banner: boolean;
    /** Starts what runs beside the server and ends before it. @param address the server's */
    readonly beside?: (address: string) => AsyncDisposable;
  },
): Promise<void> {
  using interrupt = onInterrupt();
  const logger = createLogger(config.logLevel);
  warnAboutMissingMonitor(config, logger);
  const server = await (config.workers === 1
    ? createServer(config, { logger })
    : createServerOfWorkers(config, logger));
  const address = await server.listen();
  if (options.banner)
    process.stdout.write(formatBanner(address, server.models(), server.example(), config.monitor));

  const beside = options.beside?.(address);

  const reload = (): void => {
    logger.info("SIGHUP: looking at the models again");
    server.reload().catch((error: unknown) => logger.error(toMessage(error)));
  };
  process.on("SIGHUP", reload);
  try {
    if (!interrupt.signal.aborted) await once(interrupt.signal, "abort");
    await beside?.[Symbol.asyncDispose]();
    logger.info("stopping: requests that have begun are finished first");
    await server.close();
    logger.info("stopped");
  } finally {
    process.off("SIGHUP", reload);
  }
}

/** What is asked of a monitor that does not run would be missed when it is needed. */
function warnAboutMissingMonitor(config: Config, logger: Logger): void {
  if (config.monitor) return;
  const { rules, alertWebhook, alertWebhookFile, alertmanagerUrl, scrape } = config;
  const given = [rules, alertWebhook, alertWebhookFile ?? [], alertmanagerUrl, scrape].flat();
  if (given.length === 0) return;
  logger.warn(
    "there is NO monitor, so nothing is scraped and no alert is told: --rules, --scrape, --alert-webhook and --alertmanager-url need --monitor",
  );
}

// In a variable, so that no bundler takes it for an asset of its own.
const workerFile = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";

async function createServerOfWorkers(config: Config, logger: Logger): Promise<BaseServer> {
  // A single process has nothing of it on its way.
  const { createPrimary } = await import("../../process/workers/primary.ts");
  return createPrimary(config, { logger, entry: new URL(workerFile, import.meta.url) });
}

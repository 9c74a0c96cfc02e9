import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../kernel/clock.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import type { OptionValues } from "../../kernel/options.ts";
import type { LoadTest } from "../../load/load.ts";
import { createPage } from "../../load/page/create-page.ts";
import { openRunHistory, type RunHistory } from "../../load/page/run-archive.ts";
import type { RunPlan } from "../../load/contract/plan.ts";
import { readVersion } from "../../version.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import type { LOAD_PAGE_OPTIONS } from "../options/load-page-options.ts";
import { createLogger, type Logger } from "../server/logger.ts";

export type LoadPageOptions = OptionValues<typeof LOAD_PAGE_OPTIONS>;

/** Below the current folder. */
const DATA_FOLDER = ".tepal/load";
/** As for passwords: one line of which no part is guessed at once. */
const MIN_KEY_CHARACTERS = 8;

const pageFolder = fileURLToPath(
  new URL(
    import.meta.url.endsWith(".ts") ? "../../../dist/console/" : "../../console/",
    import.meta.url,
  ),
);

/**
 * Shows the page until Ctrl-C or SIGTERM, or until the process that has started this one is gone; then stops the run that goes on and
 * keeps it.
 * @throws TepalError INVALID_OPTION, CANNOT_LISTEN or CANNOT_WRITE
 */
export async function runLoadPage(
  loadTest: LoadTest,
  defaults: RunPlan,
  options: LoadPageOptions,
): Promise<void> {
  using interrupt = onInterrupt();
  const key = await readKey(options);
  const logger = createLogger("info");
  const history = await openHistory(options.dataDir ?? DATA_FOLDER, logger);
  const page = await createPage({
    loadTest,
    history,
    defaults,
    key,
    hostNames: toHostNames(options.webHost),
    allowGetStop: options.allowGetStop,
    pageFolder,
    version: readVersion(),
    onError: (message) => logger.error(message),
  });
  const unsubscribe = loadTest.subscribe((event) => {
    if (event.type === "log" && event.line.level !== "info")
      logger[event.line.level](event.line.message);
  });
  try {
    const url = await page
      .listen({ host: options.webHost, port: options.webPort, listenTextResolver: () => "" })
      .catch((cause: unknown) => {
        throw toListenError(options, cause);
      });
    announce(url, loadTest, defaults);
    if (options.autostart) await loadTest.start(defaults);
    const end = interrupt.signal.aborted ? [] : [once(interrupt.signal, "abort")];
    if (process.connected === true) end.push(once(process, "disconnect"));
    await Promise.race(end);
  } finally {
    // The run first: the page keeps it before it closes.
    await loadTest.close();
    await page.close();
    unsubscribe();
  }
}

/** @throws TepalError CANNOT_WRITE */
export function openHistory(folder: string, logger: Pick<Logger, "warn">): Promise<RunHistory> {
  return openRunHistory(folder, {
    clock: systemClock,
    onWarning: (message) => logger.warn(message),
  });
}

/** Tells whoever looks at the terminal, or the process that has started this one (`load-page-process.ts`). */
function announce(url: string, { script }: LoadTest, { host }: RunPlan): void {
  if (process.send !== undefined) {
    process.send({ url });
    return;
  }
  const lines = [
    "",
    `  Tepal ${readVersion()} load test of ${script.path}`,
    "",
    `  Page    ${url}`,
    `  Target  ${host}`,
    "",
    "  Ctrl-C stops it.",
    "",
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Without the user's own word the page is open to this machine alone. */
async function readKey({ webHost, webKeyFile, webOpen }: LoadPageOptions): Promise<string | null> {
  if (webKeyFile === null) {
    if (isLoopback(webHost) || webOpen) return null;
    throw new TepalError(
      "INVALID_OPTION",
      `On ${webHost} others than this machine could start runs. Give the page a key with --web-key-file FILE, or say with --web-open that it needs none`,
    );
  }
  if (webOpen)
    throw new TepalError("INVALID_OPTION", "--web-open and --web-key-file exclude each other");
  const text = await readFile(webKeyFile, "utf8").catch((cause: unknown) => {
    const message = `--web-key-file ${webKeyFile} cannot be read: ${toMessage(cause)}`;
    throw new TepalError("INVALID_OPTION", message, { cause });
  });
  const key = text.trim();
  if (key.length >= MIN_KEY_CHARACTERS && /^[\x21-\x7e]+$/.test(key)) return key;
  throw new TepalError(
    "INVALID_OPTION",
    `--web-key-file ${webKeyFile} has no key: one line of ${MIN_KEY_CHARACTERS} or more letters, digits and signs without spaces is expected`,
  );
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** The names that a request may be meant for; any where the page is for others, who ask with the key. */
function toHostNames(host: string): readonly string[] | null {
  if (!isLoopback(host)) return null;
  return ["localhost", "127.0.0.1", "[::1]", isIP(host) === 6 ? `[${host}]` : host];
}

function toListenError({ webHost, webPort }: LoadPageOptions, cause: unknown): TepalError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const message =
    code === "EADDRINUSE"
      ? `Port ${webPort} on ${webHost} is taken by another program; choose another with --web-port`
      : `The page cannot listen on ${webHost}:${webPort}: ${toMessage(cause)}`;
  return new TepalError("CANNOT_LISTEN", message, { cause });
}

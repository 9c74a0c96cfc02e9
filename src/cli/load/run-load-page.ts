import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InputProblems } from "../../kernel/check.ts";
import { systemClock } from "../../kernel/clock.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { followFiles } from "../../kernel/follow-files.ts";
import { listOwnNames } from "../../kernel/host-names.ts";
import type { OptionValues } from "../../kernel/options.ts";
import type { LoadTest } from "../../load/load.ts";
import { createPage } from "../../load/page/create-page.ts";
import { openRunArchive } from "../../load/page/open-run-archive.ts";
import { readVersion } from "../../version.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import type { LOAD_PAGE_OPTIONS } from "../options/load-page-options.ts";
import { createLogger, type Logger } from "../server/logger.ts";
import { print } from "../terminal/print.ts";

export type LoadPageOptions = OptionValues<typeof LOAD_PAGE_OPTIONS>;

/** Relative to the working directory. */
const DATA_FOLDER = ".tepal/load";
/** A shorter key could be guessed. */
const MIN_KEY_CHARACTERS = 8;

const pageFolder = fileURLToPath(
  new URL(
    import.meta.url.endsWith(".ts") ? "../../../dist/console/" : "../../console/",
    import.meta.url,
  ),
);

/**
 * Serves the page until Ctrl-C, SIGTERM or the end of the parent process. The page follows the file of its key: it looks regularly, and
 * at once on SIGHUP. At the end it stops the current run, adds it to the archive, and returns.
 *
 * @throws TepalError INVALID_OPTION, CANNOT_LISTEN or CANNOT_WRITE
 */
export async function runLoadPage(loadTest: LoadTest, options: LoadPageOptions): Promise<void> {
  using interrupt = onInterrupt();
  const logger = createLogger("info");
  using pageKey = await followKey(options, logger);
  const archive = await openRunArchive(toAbsolute(options.dataDir ?? DATA_FOLDER), {
    clock: systemClock,
    onWarning: (message) => logger.warn(message),
  });
  const page = await createPage({
    loadTest,
    archive,
    key: pageKey.current,
    hostNames: toHostNames(options.webHost),
    allowGetStop: options.allowGetStop,
    pageFolder,
    version: readVersion(),
    onError: (message) => logger.error(message),
  });
  const unsubscribe = loadTest.subscribe((event) => {
    if (event.type === "log" && event.line.level !== "info") {
      logger[event.line.level](event.line.message);
    }
  });
  try {
    const url = await page
      .listen({ host: options.webHost, port: options.webPort, listenTextResolver: () => "" })
      .catch((cause: unknown) => {
        throw toListenError(options, cause);
      });
    announce(url, loadTest);
    if (options.autostart) await loadTest.start(loadTest.defaults);
    if (interrupt.signal.aborted) return;
    const end = [once(interrupt.signal, "abort")];
    if (process.connected === true) end.push(once(process, "disconnect"));
    await Promise.race(end);
  } finally {
    // The run ends first, so that the page archives it before it closes.
    await loadTest.close();
    await page.close();
    unsubscribe();
  }
}

/** Makes a path absolute: Node.js tries forever to create a relative folder below a working directory that was deleted. */
function toAbsolute(folder: string): string {
  try {
    return resolve(folder);
  } catch (cause) {
    const message = `Cannot write to ${folder}: The working directory does not exist. Start in another one.`;
    throw new TepalError("CANNOT_WRITE", message, { cause });
  }
}

/** The key of the page, as its file has it now. */
interface PageKey extends Disposable {
  current(): string | null;
}

/** Reads the key and follows its file. An invalid file is logged once, and the earlier key stays. */
async function followKey(options: LoadPageOptions, logger: Logger): Promise<PageKey> {
  const { webKeyFile } = options;
  const following = followFiles({
    paths: webKeyFile === null ? [] : [webKeyFile],
    onChange: () => reload(`${webKeyFile} has changed`),
  });
  const onHangUp = (): void =>
    void following.then((files) => files.mark()).then(() => reload("SIGHUP"));
  // A terminal that closes ends the page, as it ends other programs.
  const isFollowing = process.stdin.isTTY !== true;
  // Before anything is read: SIGHUP ends a process that does not handle it.
  if (isFollowing) process.on("SIGHUP", onHangUp);
  const follower = await following;
  let key: string | null;
  try {
    key = await readKey(options);
  } catch (error) {
    follower[Symbol.dispose]();
    throw error;
  }
  async function reload(reason: string): Promise<void> {
    try {
      key = await readKey(options);
      if (webKeyFile !== null) logger.info(`reloaded the key of the page: ${reason}`);
    } catch (error) {
      logger.error(
        `cannot reload the key of the page, keeping the earlier one: ${toMessage(error)}`,
      );
    }
  }
  return {
    current: () => key,
    [Symbol.dispose]() {
      follower[Symbol.dispose]();
      if (isFollowing) process.off("SIGHUP", onHangUp);
    },
  };
}

/** Prints the URL of the page, or sends it to the parent process (load-page-process.ts). */
function announce(url: string, { script, defaults }: LoadTest): void {
  if (process.send !== undefined) {
    process.send({ url });
    return;
  }
  const lines = [
    "",
    `  Tepal ${readVersion()} load test of ${script.path}`,
    "",
    `  Page    ${url}`,
    `  Target  ${defaults.host}`,
    "",
    "  Press Ctrl-C to stop.",
    "",
  ];
  print(`${lines.join("\n")}\n`);
}

/** Returns null for a page without a key, which only this machine reaches unless the user allows more. */
async function readKey({ webHost, webKeyFile, webOpen }: LoadPageOptions): Promise<string | null> {
  const problems = new InputProblems();
  let key: string | null = null;
  if (webKeyFile === null) {
    if (!isLoopback(webHost) && !webOpen) {
      const message = `On ${webHost} other machines could start runs. Set a key with --web-key-file FILE, or allow access without a key with --web-open.`;
      problems.add("--web-host", message);
    }
  } else if (webOpen) {
    problems.add("--web-open", "It excludes --web-key-file. Set only one of them.");
  } else {
    try {
      key = (await readFile(webKeyFile, "utf8")).trim();
      if (key.length < MIN_KEY_CHARACTERS || !/^[\x21-\x7e]+$/.test(key)) {
        const expected = `a file with one line of ${MIN_KEY_CHARACTERS} or more ASCII characters without spaces`;
        problems.add("--web-key-file", `Expected ${expected}, got ${webKeyFile}.`);
      }
    } catch (error) {
      problems.add("--web-key-file", `Cannot read ${webKeyFile}: ${toMessage(error)}`);
    }
  }
  problems.throwIfAny("INVALID_OPTION", "option");
  return key;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Returns the host names that requests may use for the page; null for any name, if clients authenticate with a key. */
function toHostNames(host: string): readonly string[] | null {
  return isLoopback(host) ? listOwnNames(host) : null;
}

function toListenError({ webHost, webPort }: LoadPageOptions, cause: unknown): TepalError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const message =
    code === "EADDRINUSE"
      ? `Another program uses port ${webPort} on ${webHost}. Choose another port with --web-port.`
      : `The page cannot listen on ${webHost}:${webPort}: ${toMessage(cause)}`;
  return new TepalError("CANNOT_LISTEN", message, { cause });
}

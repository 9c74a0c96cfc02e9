import { fork } from "node:child_process";
import { once } from "node:events";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "../../config/config.ts";
import { isJsonObject } from "../../kernel/json.ts";
import type { OptionValues } from "../../kernel/options.ts";
import type { UP_OPTIONS } from "../options/up-options.ts";
import { print, printError } from "../terminal/print.ts";

export type LoadPageProcessOptions = OptionValues<typeof UP_OPTIONS>;

// A variable, so that bundlers do not treat the path as an asset.
const mainFile = import.meta.url.endsWith(".ts") ? "../main.ts" : "../main.js";
const EXAMPLE = fileURLToPath(new URL("../../../examples/iris/loadtest.ts", import.meta.url));

/** Returns a path relative to the working directory if it is inside; the page shows it. */
function toShortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}

/** Time to end a run before the process is killed. It is longer than the limit of the run itself. */
const END_MS = 15_000;

/**
 * Starts the load page in a process of its own, so that it does not slow down the API. The process ends with this one, in any case. If the
 * page cannot run, it logs a message, and the API continues.
 *
 * @param apiUrl as the server listens
 */
export function startLoadPageProcess(
  apiUrl: string,
  config: Config,
  options: LoadPageProcessOptions,
): AsyncDisposable {
  const child = fork(
    fileURLToPath(new URL(mainFile, import.meta.url)),
    [
      "load",
      options.loadScript ?? toShortPath(EXAMPLE),
      `--host=${toReachable(apiUrl)}`,
      `--web-port=${options.loadPort}`,
      ...(options.loadKeyFile === null ? [] : [`--key-file=${options.loadKeyFile}`]),
      // The certificate is for the public name of the API, not for loopback.
      ...(config.tlsCert === null ? [] : ["--insecure"]),
    ],
    { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] },
  );
  const ended = once(child, "exit");
  let isEnding = false;
  let hasBegun = false;
  child.on("error", () => {});
  child.on("message", (message) => {
    if (!isJsonObject(message) || typeof message["url"] !== "string") return;
    hasBegun = true;
    print(`  Load test ${message["url"]}\n`);
    if (config.apiKeysFile !== null && options.loadKeyFile === null) {
      print(
        "  The API requires keys. Create one with `tepal keys add --role load`, and set --load-key-file FILE.\n",
      );
    }
    print("\n");
  });
  child.once("exit", () => {
    if (isEnding) return;
    const what = hasBegun ? "ended" : "did not start";
    printError(
      `The load page ${what}; the API continues. Choose another port with --load-port N, or disable the page with --no-load.\n`,
    );
  });
  return {
    async [Symbol.asyncDispose]() {
      isEnding = true;
      // The process ends when the channel closes.
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
      if (child.exitCode === null && child.signalCode === null) await ended.catch(() => {});
      clearTimeout(timer);
    },
  };
}

/** Replaces a wildcard host (all interfaces) by loopback. */
function toReachable(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}

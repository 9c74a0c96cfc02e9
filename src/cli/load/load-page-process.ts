import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Config } from "../../config/config.ts";
import { isJsonObject } from "../../kernel/json.ts";
import type { OptionValues } from "../../kernel/options.ts";
import type { UP_OPTIONS } from "../options/up-options.ts";

export type LoadPageProcessOptions = OptionValues<typeof UP_OPTIONS>;

// In a variable, so that no bundler takes it for an asset of its own.
const mainFile = import.meta.url.endsWith(".ts") ? "../main.ts" : "../main.js";
const EXAMPLE = fileURLToPath(new URL("../../../examples/iris/loadtest.ts", import.meta.url));

/** How long it may take to end a run before it is killed: more than the run's own limit. */
const END_MS = 15_000;

/**
 * Starts the load test's page in a process of its own, whose work must not slow the API down. It ends with this process, however that
 * ends. When it cannot run, that is said and nothing else happens.
 *
 * @param address of the API
 */
export function startLoadPageProcess(
  address: string,
  config: Config,
  options: LoadPageProcessOptions,
): AsyncDisposable {
  const child = fork(
    fileURLToPath(new URL(mainFile, import.meta.url)),
    [
      "load",
      options.loadScript ?? EXAMPLE,
      `--host=${toReachable(address)}`,
      `--web-port=${options.loadPort}`,
      ...(options.loadKeyFile === null ? [] : [`--key-file=${options.loadKeyFile}`]),
      // The certificate is for the API's name outside; here is its own process.
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
    process.stdout.write(`  Load test ${message["url"]}\n`);
    if (config.apiKeysFile !== null && options.loadKeyFile === null) {
      process.stdout.write(
        "  The API asks for keys: --load-key-file FILE gives the load test one (`tepal keys add --role load`).\n",
      );
    }
    process.stdout.write("\n");
  });
  child.once("exit", () => {
    if (isEnding) return;
    const what = hasBegun ? "has ended" : "does not run";
    process.stderr.write(
      `The load test's page ${what}; the API goes on. --load-port N chooses another port, --no-load does without the page.\n`,
    );
  });
  return {
    async [Symbol.asyncDispose]() {
      isEnding = true;
      // It ends when this is gone, and so before it is.
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
      if (child.exitCode === null && child.signalCode === null) await ended.catch(() => {});
      clearTimeout(timer);
    },
  };
}

/** An address that every interface has, instead of the one that means all of them. */
function toReachable(address: string): string {
  return address.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}

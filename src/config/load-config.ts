import { readFile } from "node:fs/promises";
import { TepalError, toMessage } from "../kernel/errors.ts";
import type { OptionDeclaration } from "../kernel/options.ts";
import { parseJsonFile } from "../kernel/parse-json-file.ts";
import { OPTIONS, type Config } from "./config.ts";
import { resolveOptions, type Sources } from "./resolve-options.ts";

/** Configuration file that is read from the current folder if it exists and no other file is given. */
export const CONFIG_FILE = "tepal.config.json";

const EXAMPLE = '{"port": 8000}';

/**
 * Loads the server's configuration from flags, the environment, a JSON file and defaults. Earlier sources win.
 *
 * @param path the configuration file; undefined for CONFIG_FILE, which may be absent
 * @param declarations the options of a command that has other defaults
 * @throws TepalError INVALID_OPTION
 */
export async function loadConfig(
  path: string | undefined,
  sources: Omit<Sources, "file">,
  declarations: ServerDeclarations = OPTIONS,
): Promise<Config> {
  const name = path ?? CONFIG_FILE;
  const resolve = (all: Sources): Config => resolveOptions(declarations as typeof OPTIONS, all);
  const text = await readFile(name, "utf8").catch((cause: unknown) => {
    if (path === undefined && isNotFound(cause)) return undefined;
    throw new TepalError("INVALID_OPTION", `Cannot read --config ${name}: ${toMessage(cause)}.`, {
      cause,
    });
  });
  if (text === undefined) return resolve(sources);
  return resolve({ ...sources, file: { name, values: parseJsonFile(name, text, EXAMPLE) } });
}

/** The options of the server, with defaults and help that a command may have changed. */
export type ServerDeclarations = Readonly<Record<keyof Config, OptionDeclaration>>;

function isNotFound(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

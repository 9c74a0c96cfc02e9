import { readFile } from "node:fs/promises";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { isJsonObject, type JsonObject } from "../kernel/json.ts";
import type { OptionDeclaration } from "../kernel/options.ts";
import { OPTIONS, type Config } from "./config.ts";
import { resolveOptions, type Sources } from "./resolve-options.ts";

/** Read from the current folder when it is there and no other file is named. */
export const CONFIG_FILE = "tepal.config.json";

/**
 * The server's configuration from its defaults, a JSON file, the environment and flags, in rising order.
 *
 * @param declarations the options where a command has other defaults
 * @param path of the file; undefined looks for CONFIG_FILE and does without when there is none
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
    throw new TepalError("INVALID_OPTION", `--config ${name} cannot be read: ${toMessage(cause)}`, {
      cause,
    });
  });
  if (text === undefined) return resolve(sources);
  return resolve({ ...sources, file: { name, values: parseFile(name, text) } });
}

/** The server's options, of which a command may have changed defaults and help. */
export type ServerDeclarations = Readonly<Record<keyof Config, OptionDeclaration>>;

function parseFile(name: string, text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TepalError("INVALID_OPTION", `${name} is not valid JSON: ${toMessage(cause)}`, {
      cause,
    });
  }
  if (isJsonObject(value)) return value;
  throw new TepalError("INVALID_OPTION", `${name} is not a JSON object such as {"port": 8000}`);
}

function isNotFound(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

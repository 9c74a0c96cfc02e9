import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import type { Extension, Server } from "../../server.ts";

/**
 * Calls the default export of the module in `--extension` with a server that does not listen yet.
 * @throws TepalError INVALID_OPTION if the module cannot be loaded, has no such export, or its function throws
 */
export async function extend(server: Server): Promise<void> {
  const { extension: file } = server.config;
  if (file === null) return;
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(pathToFileURL(resolve(file)).href);
  } catch (cause) {
    throw toError(`Cannot load ${file}: ${toMessage(cause)}.`, cause);
  }
  const { default: extension } = loaded;
  if (!isExtension(extension)) {
    throw toError(`Expected a function as the default export of ${file}, got ${typeof extension}.`);
  }
  try {
    await extension(server);
  } catch (cause) {
    throw toError(`${file} failed: ${toMessage(cause)}`, cause);
  }
}

function toError(message: string, cause?: unknown): TepalError {
  return new TepalError("INVALID_OPTION", `Invalid option --extension: ${message}`, { cause });
}

function isExtension(value: unknown): value is Extension {
  return typeof value === "function";
}

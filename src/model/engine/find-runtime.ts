import { createRequire } from "node:module";
import { join } from "node:path";
import { TepalError } from "../../kernel/errors.ts";

const PACKAGE = "onnxruntime-node";

/** The command that installs the package, without its install script, which downloads libraries for CUDA from another host and fails without it. */
export const INSTALL_COMMAND = `npm i ${PACKAGE} --ignore-scripts`;

/**
 * Finds the entry file of onnxruntime-node: first in the folder of the program, then beside Tepal. Node's own search has no other place, so a model
 * cannot bring its own.
 * @param folder folder of the program
 * @returns its path; undefined if the package is not installed
 */
export function findRuntime(folder = process.cwd()): string | undefined {
  for (const from of [join(folder, "package.json"), import.meta.url]) {
    try {
      return createRequire(from).resolve(PACKAGE);
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}

/** @throws TepalError MODEL_UNSUPPORTED if the package is not installed */
export function requireRuntime(folder?: string): string {
  const found = findRuntime(folder);
  if (found !== undefined) return found;
  throw new TepalError(
    "MODEL_UNSUPPORTED",
    `The model requires onnxruntime, which is not installed. Install it with \`${INSTALL_COMMAND}\`.`,
  );
}

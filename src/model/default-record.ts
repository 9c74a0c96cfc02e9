import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Type } from "typebox";
import { InputProblems } from "../kernel/check.ts";
import { fromSchema } from "../kernel/check/schema.ts";
import { toMessage } from "../kernel/errors.ts";
import { createId } from "../kernel/random.ts";
import { toInvalidFile } from "./invalid-file.ts";
import { MODEL_NAME } from "./manifest.ts";

/**
 * The file in the models folder that records which model answers requests that name no model. It is written once, when the
 * folder has its first model, so that a model that is added later does not replace it. Only users change it.
 */
export const DEFAULT_FILE = "default.json";

const recordParser = fromSchema(
  Type.Object({ model: Type.String({ pattern: MODEL_NAME.source }) }),
);

/**
 * Returns the recorded name; undefined when none is recorded.
 *
 * @throws TepalError MODEL_DAMAGED when the file cannot be read or is invalid
 */
export async function readDefault(models: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(join(models, DEFAULT_FILE), "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    // A folder of this name is a model.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw toInvalidRecord(`The file cannot be read: ${toMessage(cause)}.`, cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw toInvalidRecord("Expected valid JSON.", cause);
  }
  const problems = new InputProblems();
  const record = problems.read(recordParser, value, { at: "" });
  if (record === undefined) throw toInvalidFile(DEFAULT_FILE, problems.list, undefined, ADVICE);
  return record.model;
}

/**
 * Records the default model unless one is recorded. A folder that cannot be written, for example a read-only volume, stays
 * without a record.
 *
 * @returns true if the name was written
 */
export async function recordDefault(models: string, name: string): Promise<boolean> {
  const temporary = join(models, `.${DEFAULT_FILE}.${createId()}`);
  try {
    if ((await readDefault(models)) !== undefined) return false;
    await writeFile(temporary, `${JSON.stringify({ model: name })}\n`);
    await rename(temporary, join(models, DEFAULT_FILE));
    return true;
  } catch {
    await rm(temporary, { force: true }).catch(() => {});
    return false;
  }
}

const ADVICE = `Write {"model": "NAME"} to it, or remove it.`;

function toInvalidRecord(message: string, cause: unknown): Error {
  return toInvalidFile(DEFAULT_FILE, [{ at: "", message }], cause, ADVICE);
}

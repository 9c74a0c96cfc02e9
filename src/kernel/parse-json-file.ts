import { TepalError, toMessage } from "./errors.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { findDuplicateKeys } from "./json-text.ts";

/**
 * Parses the content of a configuration file: a JSON object without duplicate keys.
 *
 * @param name the file's name, for messages
 * @param example an object that the file may contain, for messages
 * @throws TepalError INVALID_OPTION
 */
export function parseJsonFile(name: string, text: string, example: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TepalError("INVALID_OPTION", `${name} is not valid JSON: ${toMessage(cause)}.`, {
      cause,
    });
  }
  const [duplicate] = findDuplicateKeys(text);
  if (duplicate !== undefined) {
    const { at, message } = duplicate;
    throw new TepalError("INVALID_OPTION", `${name}: ${at.slice(1)}: ${message}`);
  }
  if (isJsonObject(value)) return value;
  throw new TepalError(
    "INVALID_OPTION",
    `${name}: Expected a JSON object, for example ${example}.`,
  );
}

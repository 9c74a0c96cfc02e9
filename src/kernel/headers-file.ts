import { readFile } from "node:fs/promises";
import { InputProblems } from "./check.ts";
import { toMessage } from "./errors.ts";

const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;
/** Headers that the protocol or the connection sets. */
const RESERVED = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "host",
  "transfer-encoding",
  "x-prometheus-remote-write-version",
]);

/**
 * Reads headers: `Name: value` on each line, except empty lines and those that start with #. It is read before each request, so a
 * renewed credential counts without a restart.
 *
 * @param option the option that names the file
 * @throws TepalError INVALID_OPTION with all problems; its messages contain no values, because these may be secrets
 */
export async function readHeadersFile(
  option: string,
  file: string | null,
): Promise<Readonly<Record<string, string>>> {
  if (file === null) return {};
  const at = `${option} ${file}`;
  const problems = new InputProblems();
  const headers: Record<string, string> = {};
  let text = "";
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    problems.add(at, `Cannot read the file: ${toMessage(error)}.`);
  }
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const written = line.trim();
    if (written === "" || written.startsWith("#")) continue;
    const [, name, value = ""] = HEADER.exec(written) ?? [];
    if (name === undefined) {
      problems.add(`${at}:${i + 1}`, "Expected a header, for example Authorization: Bearer TOKEN.");
    } else if (RESERVED.has(name.toLowerCase())) {
      problems.add(`${at}:${i + 1}`, `Expected a header that Tepal does not set, got ${name}.`);
    } else {
      headers[name.toLowerCase()] = value.trimEnd();
    }
  }
  problems.throwIfAny("INVALID_OPTION", "option");
  return headers;
}

import { isUtf8 } from "node:buffer";
import { formatProblem } from "../../kernel/check.ts";
import { TepalError } from "../../kernel/errors.ts";
import { findHeaderProblems, splitRecord } from "../../tabular/csv-row.ts";
import type { Feature } from "../../tabular/tabular.ts";

const MAX_LISTED = 10;
const MAX_PROBLEMS = 100;

/**
 * Parses the names of the columns.
 * @param bytes the first record without its line end; undefined if there is none
 * @throws TepalError INVALID_INPUT
 */
export function parseHeader(bytes: Buffer | undefined, delimiter: string): string[] {
  if (bytes === undefined) {
    throw new TepalError("INVALID_INPUT", "Expected a CSV header with column names, got no rows.");
  }
  if (!isUtf8(bytes)) {
    const message = "Expected a CSV header with column names, got bytes that are not UTF-8.";
    throw new TepalError("INVALID_INPUT", message);
  }
  const { cells, problem } = splitRecord(bytes.toString("utf8"), delimiter);
  if (problem === undefined) return cells;
  throw new TepalError("INVALID_INPUT", `Invalid CSV header: ${problem}`);
}

/**
 * Checks that rows below a header can be read.
 * @throws TepalError INVALID_INPUT
 */
export function checkHeader(features: readonly Feature[], header: readonly string[]): void {
  const problems = findHeaderProblems(features, header);
  if (problems.length === 0) return;
  const listed = problems.slice(0, MAX_LISTED).map(formatProblem);
  if (problems.length > MAX_LISTED) listed.push("…");
  throw new TepalError(
    "INVALID_INPUT",
    `The CSV header does not match the features of the model. ${listed.join(" ")}`,
    { problems: problems.slice(0, MAX_PROBLEMS) },
  );
}

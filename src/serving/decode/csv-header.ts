import { formatProblem } from "../../kernel/check.ts";
import { TepalError } from "../../kernel/errors.ts";
import { findFileFormat } from "../../kernel/file-format.ts";
import { findOtherEncoding, type TextEncoding } from "../../kernel/text-encoding.ts";
import { findOtherDelimiter } from "../../tabular/csv.ts";
import { findHeaderProblems, splitRecord } from "../../tabular/csv-row.ts";
import type { Feature } from "../../tabular/tabular.ts";

const MAX_LISTED = 10;
const MAX_PROBLEMS = 100;

/**
 * Parses the names of the columns.
 * @param bytes the first record without its line end; undefined if there is none
 * @param toAdvice returns the sentence about bytes in another encoding
 * @throws TepalError INVALID_INPUT
 */
export function parseHeader(
  bytes: Buffer | undefined,
  delimiter: string,
  toAdvice: (encoding: TextEncoding) => string = () => "Convert the rows to UTF-8.",
): string[] {
  if (bytes === undefined) {
    throw new TepalError("INVALID_INPUT", "Expected a CSV header with column names, got no rows.");
  }
  const format = findFileFormat(bytes);
  if (format !== undefined && format.id !== "empty") {
    const message = `Expected a CSV header with column names, got ${format.noun}.`;
    throw new TepalError("INVALID_INPUT", message);
  }
  const other = findOtherEncoding(bytes);
  if (other !== undefined) {
    throw new TepalError("INVALID_INPUT", `${other.message} ${toAdvice(other.encoding)}`);
  }
  const { cells, problem } = splitRecord(bytes.toString("utf8"), delimiter);
  if (problem === undefined) return cells;
  throw new TepalError("INVALID_INPUT", `Invalid CSV header: ${problem}`);
}

/**
 * Checks that rows below a header can be read.
 * @throws TepalError INVALID_INPUT
 */
export function checkHeader(
  features: readonly Feature[],
  header: readonly string[],
  delimiter: string,
): void {
  const problems = findHeaderProblems(features, header);
  if (problems.length === 0) return;
  const other = findOtherDelimiter(header, delimiter);
  if (other !== undefined) {
    const message = `Expected ${JSON.stringify(delimiter)} between the columns of the CSV header, got ${JSON.stringify(other)}.`;
    throw new TepalError("INVALID_INPUT", message);
  }
  const listed = problems.slice(0, MAX_LISTED).map(formatProblem);
  if (problems.length > MAX_LISTED) listed.push("…");
  throw new TepalError(
    "INVALID_INPUT",
    `The CSV header does not match the features of the model. ${listed.join(" ")}`,
    { problems: problems.slice(0, MAX_PROBLEMS) },
  );
}

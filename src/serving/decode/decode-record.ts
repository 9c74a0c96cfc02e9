import { isAscii, isUtf8 } from "node:buffer";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { isJsonObject } from "../../kernel/json.ts";
import { findOtherEncoding } from "../../kernel/text-encoding.ts";
import { parseStrictJson, type StrictJson } from "../../kernel/json-text.ts";
import { createCsvRowCodec } from "../../tabular/csv-row.ts";
import { createRowCodec, ProblemList, type RowLocation } from "../../tabular/decode-row.ts";
import { createJsonRowReader, NOT_TAKEN, skipBlanks } from "../../tabular/json-row.ts";
import type { DecimalMark, Feature } from "../../tabular/tabular.ts";
import type { RowWarnings } from "../serving.ts";
import { toUnknownFieldWarning } from "../warnings.ts";
import { describeRowShape, toInputError } from "./decode-body.ts";
import { createUnseenReporter } from "./report-unseen.ts";

/** Decodes records of a stream into rows of numbers. */
export interface RecordDecoder {
  /**
   * Decodes `bytes[begin] … bytes[end − 1]`, one record without its line end, into row `row` of `values`.
   * @returns the error of a bad record, whose row then has undefined content
   */
  decode(
    bytes: Buffer,
    begin: number,
    end: number,
    values: Float64Array,
    row: number,
    warnings: RowWarnings,
  ): TepalError | undefined;
}

/** Decodes CSV records. Problems have the name of a column. */
export function createCsvRecordDecoder(
  features: readonly Feature[],
  header: readonly string[],
  delimiter: string,
  decimal?: DecimalMark,
  missing?: ReadonlySet<string>,
): RecordDecoder {
  const codec = createCsvRowCodec(features, header, delimiter, decimal, missing);
  const reporter = createUnseenReporter();
  const width = features.length;
  let problems = new ProblemList("column");
  return {
    decode(bytes, begin, end, values, row, warnings) {
      codec.decode(bytes, begin, end, values, row * width, problems);
      if (problems.total === 0) {
        if (row === 0) reporter.begin();
        if (codec.unseen.length > 0) reporter.report(codec.unseen, row, warnings);
        return undefined;
      }
      const error = toRowError(problems);
      problems = new ProblemList("column");
      return error;
    },
  };
}

const WHOLE_LINE: RowLocation = { pointer: "", row: null };

/** Decodes lines of NDJSON, each an object or an array in feature order, as rows of a JSON batch. */
export function createJsonRecordDecoder(
  features: readonly Feature[],
  missing?: ReadonlySet<string>,
): RecordDecoder {
  const reader = createJsonRowReader(features, missing);
  const codec = createRowCodec(features, missing);
  const reporter = createUnseenReporter();
  const width = features.length;
  let problems = new ProblemList();

  function decodeParsed(
    parsed: unknown,
    values: Float64Array,
    row: number,
    warnings: RowWarnings,
  ): void {
    if (Array.isArray(parsed)) {
      codec.decodeArray(parsed, values, row * width, WHOLE_LINE, problems);
    } else if (isJsonObject(parsed)) {
      const { unknown } = codec.decodeObject(parsed, values, row * width, WHOLE_LINE, problems);
      if (unknown.length === 0 || problems.total > 0) return;
      for (const field of unknown) warnings.add(row, toUnknownFieldWarning(field));
    } else problems.add("", describeRowShape(parsed, codec.items));
  }

  return {
    decode(bytes, begin, end, values, row, warnings) {
      if (row === 0) reporter.begin();
      // The reader does not know where the line ends, since line ends are white space. A row that continues beyond the line is not taken.
      const after = reader.read(bytes, skipBlanks(bytes, begin), values, row * width);
      if (after !== NOT_TAKEN && after <= end && skipBlanks(bytes, after) >= end) return undefined;
      const line = bytes.subarray(begin, end);
      const isPlain = isAscii(line);
      if (!isPlain && !isUtf8(line)) {
        const other = findOtherEncoding(line, null);
        return malformed(other?.message ?? "Expected UTF-8, got other bytes.");
      }
      let parsed: StrictJson;
      try {
        parsed = parseStrictJson(line, line.toString(isPlain ? "latin1" : "utf8"));
      } catch (cause) {
        return malformed(`The line is not valid JSON: ${toMessage(cause)}`);
      }
      if (!("value" in parsed)) {
        const { reason, problems: found } = parsed;
        return new TepalError("INVALID_INPUT", `The line has ${reason}.`, { problems: found });
      }
      codec.unseen.length = 0;
      decodeParsed(parsed.value, values, row, warnings);
      if (problems.total === 0) {
        if (codec.unseen.length > 0) reporter.report(codec.unseen, row, warnings);
        return undefined;
      }
      const error = toRowError(problems);
      problems = new ProblemList();
      return error;
    },
  };
}

function malformed(message: string): TepalError {
  return new TepalError("MALFORMED_JSON", message);
}

/** Makes an error of the problems of a row. A problem of the whole row is the error itself. */
function toRowError(list: ProblemList): TepalError {
  const [first] = list.problems;
  const isWhole = list.total === 1 && first?.at === "";
  return isWhole ? new TepalError("INVALID_INPUT", first.message) : toInputError(list);
}

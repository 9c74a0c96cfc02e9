import { isAscii, isUtf8 } from "node:buffer";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { isJsonObject } from "../../kernel/json.ts";
import { createRowCodec, type Place, type ProblemList } from "../../tabular/decode-row.ts";
import type { Feature } from "../../tabular/tabular.ts";
import { toUnknownFieldWarning, type WarningMap } from "../warnings.ts";

/** Turns lines of NDJSON into rows of numbers, each by the rules of a row in a JSON batch. */
export interface JsonRowDecoder {
  /**
   * Decodes `bytes[begin] … bytes[end − 1]`, an object or an array in feature order, into row `row` of `values`. What is
   * wrong with its values goes to `problems`; the row then holds rubbish.
   * @returns what is wrong with the line as such
   */
  decode(
    bytes: Buffer,
    begin: number,
    end: number,
    values: Float64Array,
    row: number,
    warnings: WarningMap,
    problems: ProblemList,
  ): TepalError | undefined;
}

const WHOLE_LINE: Place = { pointer: "", row: null };

export function createJsonRowDecoder(features: readonly Feature[]): JsonRowDecoder {
  const codec = createRowCodec(features);
  const width = features.length;

  return {
    decode(bytes, begin, end, values, row, warnings, problems) {
      const line = bytes.subarray(begin, end);
      const isPlain = isAscii(line);
      if (!isPlain && !isUtf8(line)) return malformed("The line is not UTF-8 text");
      let parsed: unknown;
      try {
        parsed = JSON.parse(line.toString(isPlain ? "latin1" : "utf8"));
      } catch (cause) {
        return malformed(`The line is not valid JSON: ${toMessage(cause)}`);
      }
      if (Array.isArray(parsed)) {
        codec.decodeArray(parsed, values, row * width, WHOLE_LINE, problems);
      } else if (isJsonObject(parsed)) {
        const { unknown } = codec.decodeObject(parsed, values, row * width, WHOLE_LINE, problems);
        if (unknown.length === 0 || problems.total > 0) return undefined;
        for (const field of unknown) warnings.add(row, toUnknownFieldWarning(field));
      } else problems.add("", "is neither an object nor an array of numbers");
      return undefined;
    },
  };
}

function malformed(message: string): TepalError {
  return new TepalError("MALFORMED_JSON", message);
}

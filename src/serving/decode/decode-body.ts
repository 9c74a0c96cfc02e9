import { TepalError } from "../../kernel/errors.ts";
import { isJsonObject } from "../../kernel/json.ts";
import { ProblemList, createRowCodec, type Place } from "../../tabular/decode-row.ts";
import type { Feature } from "../../tabular/tabular.ts";
import { toUnknownFieldWarning, type WarningMap } from "../warnings.ts";

/** Turns the parsed body of a request into rows of numbers. */
export interface BodyDecoder {
  /**
   * Decodes `{"feature": number, …}` into the beginning of `values`.
   * @throws TepalError INVALID_INPUT with every problem
   */
  decodeRow(body: unknown, values: Float64Array, warnings: WarningMap): void;
  /**
   * The rows of `{"instances": [row, …]}`, checked only for their number.
   * @throws TepalError INVALID_INPUT
   */
  findInstances(body: unknown): readonly unknown[];
  /**
   * Decodes rows, each an object or an array in feature order.
   * @param reserve gives the values' array with room for a number of rows. It is asked row by row, so that a small body
   *   of many empty rows cannot make a wide model allocate for them.
   * @throws TepalError INVALID_INPUT with the problems of all rows
   */
  decodeInstances(
    instances: readonly unknown[],
    reserve: (rows: number) => Float64Array,
    warnings: WarningMap,
  ): void;
}

const WHOLE_BODY: Place = { pointer: "", row: null };

export function createBodyDecoder(features: readonly Feature[], maxRows: number): BodyDecoder {
  const codec = createRowCodec(features);
  const width = features.length;

  return {
    decodeRow(body, values, warnings) {
      if (!isJsonObject(body)) {
        const message = `is not an object; expected: ${describeRow(features)}`;
        throw toInvalid("A JSON object with a number for each feature is expected", "", message);
      }
      const problems = new ProblemList();
      const { unknown } = codec.decodeObject(body, values, 0, WHOLE_BODY, problems);
      throwProblems(problems);
      for (const field of unknown) warnings.add(0, toUnknownFieldWarning(field));
    },

    findInstances(body) {
      const isObject = isJsonObject(body);
      const instances = isObject ? body["instances"] : undefined;
      if (!Array.isArray(instances)) {
        const message = `is not ${isObject ? "a list" : "an object"}; expected: {"instances": [${describeRow(features)}, …]}`;
        const what = 'A JSON object with a list of rows in "instances" is expected';
        throw toInvalid(what, isObject ? "/instances" : "", message);
      }
      const { length } = instances;
      if (length >= 1 && length <= maxRows) return instances;
      const message = `has ${length} rows; 1 to ${maxRows} are expected`;
      throw toInvalid("A batch of another size is expected", "/instances", message);
    },

    decodeInstances(instances, reserve, warnings) {
      const problems = new ProblemList();
      let good = 0;
      const place: Place = { pointer: "/instances", row: null };
      for (let row = 0; row < instances.length; row++) {
        const instance = instances[row];
        const values = reserve(good + 1);
        const offset = good * width;
        place.row = row;
        if (Array.isArray(instance)) {
          codec.decodeArray(instance, values, offset, place, problems);
        } else if (isJsonObject(instance)) {
          const { unknown } = codec.decodeObject(instance, values, offset, place, problems);
          for (const field of unknown) warnings.add(row, toUnknownFieldWarning(field));
        } else {
          problems.add(`/instances/${row}`, "is neither an object nor an array of numbers");
        }
        if (problems.total === 0) good += 1;
      }
      throwProblems(problems);
    },
  };
}

function toInvalid(what: string, at: string, message: string): TepalError {
  return new TepalError("INVALID_INPUT", what, { problems: [{ at, message }] });
}

function throwProblems(problems: ProblemList): void {
  if (problems.total > 0) throw toInputError(problems);
}

/** What is thrown, or told of a row in a stream, for values that cannot be used. */
export function toInputError({ problems, total }: ProblemList): TepalError {
  const values = total === 1 ? "A value is" : `${total} values are`;
  const listed = total > problems.length ? `; the first ${problems.length} are listed` : "";
  return new TepalError("INVALID_INPUT", `${values} not usable${listed}`, { problems });
}

function describeRow(features: readonly Feature[]): string {
  const shown = features.slice(0, 8).map(({ name }) => `${JSON.stringify(name)}: number`);
  if (features.length > shown.length) shown.push("…");
  return `{${shown.join(", ")}}`;
}

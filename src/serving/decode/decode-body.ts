import { TepalError } from "../../kernel/errors.ts";
import { isJsonObject } from "../../kernel/json.ts";
import {
  createRowCodec,
  ProblemList,
  type RowCodec,
  type RowLocation,
} from "../../tabular/decode-row.ts";
import { createFeatureCodec, describeValue } from "../../tabular/feature-codec.ts";
import type { Feature } from "../../tabular/tabular.ts";
import type { RowWarnings } from "../serving.ts";
import { toUnknownFieldWarning } from "../warnings.ts";
import { createUnseenReporter } from "./report-unseen.ts";

/** Decodes the parsed body of a request into rows of numbers. */
export interface BodyDecoder {
  /**
   * Decodes `{"feature": value, …}` into the start of `values`.
   * @throws TepalError INVALID_INPUT with every problem
   */
  decodeRow(body: unknown, values: Float64Array, warnings: RowWarnings): void;
  /**
   * Returns the rows of `{"instances": [row, …]}`, of which only the number is checked.
   * @throws TepalError INVALID_INPUT
   */
  findInstances(body: unknown): readonly unknown[];
  /**
   * Decodes rows, each an object or an array in feature order.
   * @param reserve returns an array of values for at least this number of rows. Called row by row, so that a small body of many empty
   *   rows cannot make a wide model allocate memory for them.
   * @throws TepalError INVALID_INPUT with the problems of all rows
   */
  decodeInstances(
    instances: readonly unknown[],
    reserve: (rows: number) => Float64Array,
    warnings: RowWarnings,
  ): void;
}

const WHOLE_BODY: RowLocation = { pointer: "", row: null };

/** @param missing the strings that stand for a missing value of a category, in lower case */
export function createBodyDecoder(
  features: readonly Feature[],
  maxRows: number,
  missing?: ReadonlySet<string>,
): BodyDecoder {
  const codec = createRowCodec(features, missing);
  const width = features.length;
  const shape = describeObject(features);
  const reporter = createUnseenReporter();

  return {
    decodeRow(body, values, warnings) {
      if (!isJsonObject(body)) {
        const message = `Expected an object, for example ${shape}, got ${describeValue(body)}.`;
        throw toInvalid("The body is not a row.", "", message);
      }
      const problems = new ProblemList();
      const { unknown } = codec.decodeObject(body, values, 0, WHOLE_BODY, problems);
      throwProblems(problems);
      for (const field of unknown) warnings.add(0, toUnknownFieldWarning(field));
      if (codec.unseen.length === 0) return;
      reporter.begin();
      reporter.report(codec.unseen, 0, warnings);
    },

    findInstances(body) {
      const isObject = isJsonObject(body);
      const instances = isObject ? body["instances"] : undefined;
      if (!Array.isArray(instances)) {
        const example = `{"instances": [${shape}, …]}`;
        const message = isObject
          ? `Expected a list of rows, as in ${example}, got ${describeValue(instances)}.`
          : `Expected an object with a list of rows, for example ${example}, got ${describeValue(body)}.`;
        throw toInvalid("The body is not a batch.", isObject ? "/instances" : "", message);
      }
      const { length } = instances;
      if (length >= 1 && length <= maxRows) return instances;
      const expected = maxRows === 1 ? "1 row" : `1 to ${maxRows} rows`;
      const message = `Expected ${expected}, got ${length}.`;
      throw toInvalid("The batch has too few or too many rows.", "/instances", message);
    },

    decodeInstances(instances, reserve, warnings) {
      const problems = new ProblemList();
      let good = 0;
      reporter.begin();
      const location: RowLocation = { pointer: "/instances", row: null };
      for (let row = 0; row < instances.length; row++) {
        const instance = instances[row];
        const values = reserve(good + 1);
        const offset = good * width;
        location.row = row;
        if (Array.isArray(instance)) {
          codec.decodeArray(instance, values, offset, location, problems);
        } else if (isJsonObject(instance)) {
          const { unknown } = codec.decodeObject(instance, values, offset, location, problems);
          for (const field of unknown) warnings.add(row, toUnknownFieldWarning(field));
        } else {
          problems.add(`/instances/${row}`, describeRowShape(instance, codec.items));
        }
        if (problems.total > 0) continue;
        good += 1;
        if (codec.unseen.length > 0) reporter.report(codec.unseen, row, warnings);
      }
      throwProblems(problems);
    },
  };
}

function toInvalid(detail: string, at: string, message: string): TepalError {
  return new TepalError("INVALID_INPUT", detail, { problems: [{ at, message }] });
}

function throwProblems(problems: ProblemList): void {
  if (problems.total > 0) throw toInputError(problems);
}

/** Makes the error of a body or a row with invalid values. */
export function toInputError({ problems, total }: ProblemList): TepalError {
  const count = total === 1 ? "1 invalid value" : `${total} invalid values`;
  const listed =
    total > problems.length ? `, of which the first ${problems.length} are listed` : "";
  return new TepalError("INVALID_INPUT", `${count}${listed}`, { problems });
}

/** Describes a row that is neither an object nor an array. */
export function describeRowShape(row: unknown, items: RowCodec["items"]): string {
  return `Expected an object or an array of ${items}, got ${describeValue(row)}.`;
}

const MAX_FIELDS = 8;

function describeObject(features: readonly Feature[]): string {
  const shown = features.slice(0, MAX_FIELDS).map((feature) => {
    const { expected } = createFeatureCodec(feature);
    const [noun = ""] = expected.replace(/^an? /, "").split(",");
    return `${JSON.stringify(feature.name)}: ${noun}`;
  });
  if (features.length > shown.length) shown.push("…");
  return `{${shown.join(", ")}}`;
}

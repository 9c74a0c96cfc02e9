import * as fc from "fast-check";
import { parseJson } from "../../src/http/body/json-body.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { TepalError } from "../../src/kernel/errors.ts";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import { createForestExecutor } from "../../src/model/executor/forest-executor.ts";
import type { Executor } from "../../src/model/model.ts";
import { createPredictor } from "../../src/serving/predictor.ts";
import type { Predictions, Predictor } from "../../src/serving/serving.ts";
import { FLOAT32_MAX, type Feature } from "../../src/tabular/tabular.ts";
import { createRandomCase } from "../support/random-ensemble.ts";
import { toManifest } from "./manifest.ts";

/** The outcomes of one run, in rows. */
interface DecodeCount {
  accepted: number;
  rejected: number;
}

/** Largest size of a body in bytes. */
const LIMIT = 1_048_576;

/** A row as written in a body: fields in their order, some of them duplicate, or any other JSON. */
type Row =
  | { readonly kind: "object"; readonly fields: readonly (readonly [string, Text])[] }
  | { readonly kind: "array"; readonly values: readonly Text[] }
  | { readonly kind: "other"; readonly text: Text };
/** A JSON text of a value. */
type Text = string;

const NAMES = ["0", "1", "10", "01", "a", "A", "a b", "a/b", "ä", "constructor", "toString"];
const MORE_NAMES = [...NAMES, "length", "instances", "hasOwnProperty", "x", "__proto__", "~", ""];
const NUMBERS = ["0", "-0", "1", "-1.5", "1e-400", "-1e-400", "5e-324", "9007199254740993", "1E2"];
const LIMITS = ["3.4028234663852886e38", "-3.4028235e38", "1e39", "1e308", "1.8e308", "-1e999"];
const OTHERS = ["null", "true", '""', '"5"', '" 5 "', '"0x10"', '"NaN"', "[]", "[1]", "{}"];

const valueText = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 3, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom(...LIMITS) },
  { weight: 1, arbitrary: fc.constantFrom(...OTHERS) },
);

/**
 * Sends bodies to a predictor with odd feature names, and compares its predictions and errors, from parsed JSON and from bytes, with those of
 * a simple decoder of the same fields.
 *
 * @param runs number of bodies
 */
export function fuzzDecoding(runs: number, seed = 1): DecodeCount {
  const count: DecodeCount = { accepted: 0, rejected: 0 };
  const features = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom(...NAMES),
      precision: fc.constantFrom("float32", "float64"),
      nullable: fc.boolean(),
      range: fc.constantFrom(null, [0, 1], [-5, -0], [null, 2]),
    }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 4 },
  );
  const setting = fc.tuple(features, fc.nat(1_000_000)).chain(([drawn, model]) =>
    fc.record({
      features: fc.constant(
        drawn.map(({ range, ...rest }): Feature => {
          const [min, max] = range ?? [null, null];
          return { ...rest, type: "number", unit: null, min: min ?? null, max: max ?? null };
        }),
      ),
      model: fc.constant(model),
      rows: fc.array(rowOf(drawn.map(({ name }) => name)), { minLength: 1, maxLength: 6 }),
      escaped: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(setting, ({ features: known, model, rows, escaped }) => {
      const { predictor, executor } = openPredictor(known, model);
      const texts = rows.map((row) => toText(row, escaped));
      for (const [index, row] of rows.entries()) {
        const expected = decodeSlowly(row, known, "", false);
        const text = texts[index] ?? "";
        const predict = (): Predictions => predictor.predictRow(parse(text));
        const bytes = Buffer.from(text);
        compare(predict, [expected], executor, count);
        const predictBytes = () => predictor.predictRowBytes(bytes, LIMIT) ?? predict();
        compare(predictBytes, [expected], executor, count);
      }
      const expected = rows.map((row, i) => decodeSlowly(row, known, `/instances/${i}`, true));
      const batch = `{"instances": [${texts.join(",")}]}`;
      const predict = (): Predictions => predictor.predictBatch(parse(batch));
      const bytes = Buffer.from(batch);
      compare(predict, expected, executor, count);
      const predictBytes = () => predictor.predictBatchBytes(bytes, LIMIT) ?? predict();
      compare(predictBytes, expected, executor, count);
    }),
    { numRuns: runs, seed },
  );
  return count;
}

function parse(text: string): unknown {
  return parseJson(Buffer.from(text), LIMIT);
}

/** Makes mostly complete rows, so that many are accepted. */
function rowOf(names: readonly string[]): fc.Arbitrary<Row> {
  const extra = fc.array(fc.tuple(fc.constantFrom(...MORE_NAMES), valueText), { maxLength: 2 });
  const whole = fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), valueText)));
  const object = fc.tuple(whole, extra, fc.nat()).chain(([fields, more, drop]) =>
    fc
      .shuffledSubarray([...fields, ...more], {
        minLength: fields.length + more.length - (drop % 4 === 0 ? 1 : 0),
      })
      .map((shuffled): Row => ({ kind: "object", fields: shuffled })),
  );
  const { length } = names;
  const array = fc
    .array(valueText, { minLength: Math.max(0, length - 1), maxLength: length + 1 })
    .map((values): Row => ({ kind: "array", values }));
  const exact = fc
    .array(valueText, { minLength: length, maxLength: length })
    .map((values): Row => ({ kind: "array", values }));
  const other = fc.constantFrom(...OTHERS).map((text): Row => {
    if (text === "{}") return { kind: "object", fields: [] };
    if (text === "[]") return { kind: "array", values: [] };
    return text === "[1]" ? { kind: "array", values: ["1"] } : { kind: "other", text };
  });
  return fc.oneof(
    { weight: 8, arbitrary: object },
    { weight: 3, arbitrary: exact },
    { weight: 1, arbitrary: array },
    { weight: 1, arbitrary: other },
  );
}

/** Writes a row as JSON. @param escaped writes names as \u0061 instead of a */
function toText(row: Row, escaped: boolean): string {
  const toName = (name: string): string =>
    escaped
      ? `"${Array.from(name, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`
      : JSON.stringify(name);
  if (row.kind === "other") return row.text;
  if (row.kind === "array") return `[${row.values.join(", ")}]`;
  return `{${row.fields.map(([name, text]) => `${toName(name)}: ${text}`).join(", ")}}`;
}

/** The expected outcome of a row. */
interface Expected {
  readonly values: number[];
  readonly pointers: string[];
  readonly warnings: string[];
  /** Pointers of fields that stand twice: then there are no other problems. */
  readonly duplicates: string[];
}

function decodeSlowly(
  row: Row,
  features: readonly Feature[],
  at: string,
  allowsArrays: boolean,
): Expected {
  const expected: Expected = { values: [], pointers: [], warnings: [], duplicates: [] };
  if (row.kind === "object") {
    const names = row.fields.map(([name]) => name);
    const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
    expected.duplicates.push(...Array.from(twice, (name) => `${at}/${toToken(name)}`));
  }
  if (row.kind === "other" || (row.kind === "array" && !allowsArrays)) {
    expected.pointers.push(at);
    return expected;
  }
  if (row.kind === "array" && row.values.length !== features.length) {
    expected.pointers.push(at);
    return expected;
  }
  for (const [i, feature] of features.entries()) {
    const text =
      row.kind === "array"
        ? row.values[i]
        : row.fields.find(([name]) => name === feature.name)?.[1];
    const token = row.kind === "array" ? String(i) : toToken(feature.name);
    const isNumber = text !== undefined && /^-?\d/.test(text);
    const limit = feature.precision === "float32" ? FLOAT32_MAX : Number.MAX_VALUE;
    if (isNumber && Math.abs(Number(text)) <= limit) {
      const value = Number(text);
      expected.values.push(value);
      const seen = feature.precision === "float32" ? Math.fround(value) : value;
      const { min, max } = feature;
      const isOutside = (min !== null && seen < min) || (max !== null && seen > max);
      if (isOutside) expected.warnings.push(`out_of_range ${feature.name}`);
    } else if (feature.nullable && (text === undefined || text === "null")) {
      expected.values.push(Number.NaN);
      expected.warnings.push(`missing_value ${feature.name}`);
    } else expected.pointers.push(`${at}/${token}`);
  }
  const { values, pointers } = expected;
  if (pointers.length === 0 && values.every(Number.isNaN)) pointers.push(at);
  if (row.kind === "object") {
    const names = new Set(row.fields.map(([name]) => name));
    for (const name of names) {
      if (!features.some((feature) => feature.name === name)) {
        expected.warnings.push(`unknown_field ${name}`);
      }
    }
  }
  return expected;
}

function toToken(name: string): string {
  return name.replace("~", "~0").replace("/", "~1");
}

function compare(
  predict: () => Predictions,
  expected: readonly Expected[],
  executor: Executor,
  count: DecodeCount,
): void {
  const duplicates = expected.flatMap((row) => row.duplicates);
  const pointers = duplicates.length > 0 ? duplicates : expected.flatMap((row) => row.pointers);
  let got: Predictions;
  try {
    got = predict();
  } catch (thrown) {
    if (!(thrown instanceof TepalError) || thrown.code !== "INVALID_INPUT") throw thrown;
    equal("the pointers", thrown.problems.map(({ at }) => at).toSorted(), pointers.toSorted());
    count.rejected++;
    return;
  }
  equal("the pointers", [], pointers);
  equal("the number of rows", got.count, expected.length);
  for (const [index, row] of expected.entries()) {
    const scores = new Float32Array(executor.outputs);
    const labels = new Int32Array(1);
    executor.run(Float64Array.from(row.values), 1, scores, labels);
    const from = index * executor.outputs;
    equal(
      "the scores",
      Array.from(got.scores.subarray(from, from + executor.outputs)),
      Array.from(scores),
    );
    if (executor.task === "classification") equal("the label", got.labels[index], labels[0]);
    const warnings = (got.warnings?.get(index) ?? []).map((warning) =>
      warning.code === "unknown_field"
        ? `unknown_field ${warning.field}`
        : `${warning.code} ${"feature" in warning ? warning.feature : ""}`,
    );
    equal("the warnings", warnings.toSorted(), row.warnings.toSorted());
    count.accepted++;
  }
}

function equal(what: string, got: unknown, expected: unknown): void {
  // NaN and infinite scores are possible, and JSON writes both as null.
  if (JSON.stringify(got) === JSON.stringify(expected)) return;
  throw new Error(`${what}: Expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}.`);
}

function openPredictor(
  features: readonly Feature[],
  seed: number,
): { predictor: Predictor; executor: Executor } {
  const { ensemble } = createRandomCase(seed, {
    features: features.length,
    leaves: 6,
    inputType: "double",
  });
  const executor = createForestExecutor(ensemble);
  const manifest = toManifest(executor, features);
  const model = { directory: "", manifest, executor, guard: null, example: [] };
  const options = {
    maxBatchRows: 100,
    oodAlpha: 0.01,
    oodPolicy: "warn",
    uncheckedPolicy: "flag",
    categoryPolicy: "warn",
    missingPolicy: "reject",
  } as const;
  const metrics = createMetrics({ process: false });
  return { predictor: createPredictor(model, options, metrics, systemClock), executor };
}

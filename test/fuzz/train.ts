import * as fc from "fast-check";
import { getReplyEncoder } from "../../src/serving/encode/encode-reply.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { TepalError } from "../../src/kernel/errors.ts";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import type { ForestOptions } from "../../src/training/training.ts";
import { expectLocal } from "../../src/model/expect-local.ts";
import { loadModelHere } from "../../src/model/load-model.ts";
import { createPredictor } from "../../src/serving/predictor.ts";
import { parseCell, parseCsv } from "../../src/tabular/csv.ts";
import { trainModel } from "../../src/training/train-model.ts";
import { createFolder } from "../support/folders.ts";

/** Results of the tables of one run. */
interface TrainCount {
  trained: number;
  refused: number;
  /** Rejected tables with ordinary numbers and names in every cell. */
  options: number;
}

interface Table {
  readonly header: readonly string[];
  readonly records: readonly (readonly string[])[];
  readonly target: string;
}

const OPTIONS = {
  maxBatchRows: 100,
  oodAlpha: 0.05,
  oodPolicy: "warn",
  uncheckedPolicy: "flag",
  categoryPolicy: "warn",
  missingPolicy: "reject",
} as const;
const LONG = "x".repeat(201);
const NAMES = ["a", "0", "1", "10", "constructor", "valueOf", "ä", "a b", "A", "y.1", "instances"];
const TARGETS = ["y", "constructor", "target (%)", "0", '"', "__proto__", "\n", LONG];
const CLASSES = [
  "a",
  "A",
  "a ",
  "b",
  "01",
  "1",
  "1.0",
  "-1",
  "__proto__",
  "constructor",
  "toString",
];
const MORE_CLASSES = [
  "ä",
  "a\u0308",
  "\n",
  '"',
  "\\",
  "{",
  "\t",
  "\u2028",
  "😀",
  "9007199254740992",
  LONG,
];

const ordinary = fc.constantFrom("0", "1", "2", "3", "-1", "0.5", "5.1", "7.25", "100");
const small = fc.constantFrom("0", "-0", "1e-45", "1e-320", "5e-324", "-1e-310", "1e-400", "1e-38");
const large = fc.constantFrom(
  "3.4e38",
  "-3.4e38",
  "3.4028234663852886e38",
  "1e38",
  "1e30",
  "-1e19",
);
const close = fc.constantFrom("1", "1.0000000000000002", "1.00000001", "16777216", "16777217");
const any = fc.double({ min: -3.4e38, max: 3.4e38, noNaN: true }).map(String);
const broken = fc.constantFrom("", "NA", "x", "1e39", "0x1");
const column = fc.oneof(
  { weight: 6, arbitrary: fc.constant(ordinary) },
  { weight: 1, arbitrary: fc.constant(small) },
  { weight: 1, arbitrary: fc.constant(large) },
  { weight: 1, arbitrary: fc.constant(close) },
  { weight: 1, arbitrary: fc.constant(any) },
  { weight: 1, arbitrary: fc.constant(fc.constant("7")) },
  { weight: 1, arbitrary: fc.constant(fc.oneof(ordinary, small, large)) },
);
const targetColumn = fc.oneof(
  { weight: 4, arbitrary: fc.constant(fc.constantFrom("p", "q", "r")) },
  { weight: 2, arbitrary: fc.constant(fc.constantFrom(...CLASSES)) },
  { weight: 1, arbitrary: fc.constant(fc.constantFrom(...CLASSES, ...MORE_CLASSES)) },
  { weight: 1, arbitrary: fc.constant(fc.nat(40).map(String)) },
  { weight: 6, arbitrary: column },
);

const tables: fc.Arbitrary<Table> = fc
  .record({
    names: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 6 }),
    target: fc.oneof(
      { weight: 6, arbitrary: fc.constant("y") },
      { weight: 1, arbitrary: fc.constantFrom(...TARGETS) },
    ),
    rows: fc.integer({ min: 2, max: 40 }),
    first: fc.boolean(),
    distinct: fc.integer({ min: 1, max: 40 }),
    isBroken: fc.nat(20),
  })
  .chain(({ names, target, rows, first, distinct, isBroken }) => {
    const features = names.filter((name) => name !== target);
    const columns = fc.tuple(
      ...features.map(() => column.chain((cell) => columnOf(cell, rows, distinct))),
    );
    const targets = targetColumn.chain((cell) => columnOf(cell, rows, rows));
    return fc.tuple(columns, targets, broken).map(([drawn, y, fault]): Table => {
      const records = y.map((cell, row) => {
        const cells = drawn.map((each) => each[row % distinct] ?? "0");
        if (isBroken === 0 && row === 1) cells[0] = fault;
        return first ? [cell, ...cells] : [...cells, cell];
      });
      return { header: first ? [target, ...features] : [...features, target], records, target };
    });
  });

function columnOf(
  cell: fc.Arbitrary<string>,
  rows: number,
  distinct: number,
): fc.Arbitrary<string[]> {
  const length = Math.min(rows, distinct);
  return fc.array(cell, { minLength: length, maxLength: length });
}

const forest: fc.Arbitrary<ForestOptions> = fc.record({
  trees: fc.oneof(fc.constantFrom(1, 2, 3, 8), fc.constantFrom(0, -1, 1.5, Number.NaN)),
  maxDepth: fc.constantFrom(undefined, undefined, 1, 3, 0),
  minSamplesLeaf: fc.constantFrom(undefined, undefined, 2, 100, 0.5),
  maxFeatures: fc.constantFrom<ForestOptions["maxFeatures"][]>(
    undefined,
    undefined,
    "sqrt",
    "log2",
    "all",
    1,
    0.5,
    0.01,
    7,
  ),
  seed: fc.constantFrom(undefined, 0, 2 ** 32 - 1, -1),
  threads: fc.constant(0),
});
const sane: fc.Arbitrary<ForestOptions> = fc.record({
  trees: fc.constantFrom(1, 2, 3, 4, 8),
  maxDepth: fc.constantFrom(undefined, 1, 3),
  minSamplesLeaf: fc.constantFrom(undefined, 2, 100),
  seed: fc.nat(),
});

/**
 * Trains on small odd tables. Each must be rejected with INVALID_DATA or INVALID_OPTION, or give a model that loads and
 * predicts its training rows within its contract.
 *
 * @param runs tables
 */
export async function fuzzTraining(runs: number, seed = 1): Promise<TrainCount> {
  const count: TrainCount = { trained: 0, refused: 0, options: 0 };
  await using folder = await createFolder();
  let model = 0;
  const options = fc.oneof({ weight: 5, arbitrary: sane }, { weight: 1, arbitrary: forest });
  await fc.assert(
    fc.asyncProperty(
      tables,
      options,
      fc.constantFrom(undefined, undefined, undefined, "classification", "regression"),
      async (table, chosen, task) => {
        const name = `m${model++}`;
        const text = toText(table);
        let directory: string;
        try {
          ({ directory } = await trainModel({
            models: folder.path,
            name,
            data: { name: "t.csv", text },
            target: table.target,
            task,
            ...chosen,
          }));
        } catch (thrown) {
          if (!(thrown instanceof TepalError)) throw thrown;
          if (thrown.code === "INVALID_OPTION") count.options++;
          else if (thrown.code === "INVALID_DATA") count.refused++;
          else throw thrown;
          return;
        }
        await checkModel(directory, table, text);
        count.trained++;
      },
    ),
    { numRuns: runs, seed },
  );
  return count;
}

async function checkModel(directory: string, table: Table, text: string): Promise<void> {
  const model = expectLocal(await loadModelHere(directory));
  const metrics = createMetrics({ process: false });
  const predictor = createPredictor(model, OPTIONS, metrics, systemClock);
  const { manifest } = model;
  const { records, header } = parseCsv(text, "t.csv");
  const at = header.indexOf(table.target);
  // Columns of other types have tests of their own.
  if (manifest.features.some(({ type, unit }) => type !== "number" || unit !== null)) return;
  const places = manifest.features.map(({ name }) => header.indexOf(name));
  const rows = records
    .map((record) => places.map((place) => parseCell(record[place] ?? "") ?? null))
    // A row without any value is rejected.
    .filter((row) => row.some((value) => value !== null));
  if (rows.length === 0) return;
  const names = manifest.features.map(({ name }) => name);
  const objects = rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
  const encoder = getReplyEncoder(predictor);
  const reply = JSON.parse(
    encoder.encodeBatch(predictor.predictBatch({ instances: rows }), "id").toString(),
  );
  const smallest = 1 / (rows.length + 1);
  check(reply.predictions.length === rows.length, "a prediction for each row");
  for (const [row, prediction] of reply.predictions.entries()) {
    const codes: string[] = prediction.warnings.map((warning: { code: string }) => warning.code);
    const expected = new Set(["out_of_distribution", "missing_value", "unchecked"]);
    const others = codes.filter((code) => !expected.has(code));
    check(others.length === 0, `row ${row} without warnings: ${others.join()}`);
    // A row with a missing value may have none.
    const pValue: number = prediction.out_of_distribution?.p_value ?? 1;
    check(pValue >= smallest && pValue <= 1, `a p-value of row ${row}: ${pValue}`);
    if (manifest.task === "classification") {
      const shares = Object.values<number>(prediction.probabilities);
      check(shares.length === manifest.classes.length, "a probability for each class");
      check(
        shares.every((share) => share >= 0 && share <= 1 + 1e-6),
        `shares: ${shares.join()}`,
      );
      const sum = shares.reduce((total, share) => total + share, 0);
      check(Math.abs(sum - 1) < 1e-5, `shares that sum to 1: ${sum}`);
      const best = Math.max(...shares);
      check(
        (prediction.probabilities[prediction.label] ?? 0) >= best - 1e-6,
        `the likeliest class, ${prediction.label}`,
      );
      check(manifest.classes[prediction.class_index] === prediction.label, "the label's index");
      const value = manifest.class_values?.[prediction.class_index] ?? prediction.class_index;
      check(prediction.prediction === value, `the class ${value}, not ${prediction.prediction}`);
    } else {
      const values = records.map((record) => Number(record[at]));
      const [least, most] = [Math.min(...values), Math.max(...values)];
      // The model's output is float32, whose smallest number is 1.4e-45.
      const slack = 1e-44 + 1e-5 * Math.max(Math.abs(least), Math.abs(most));
      const value: unknown = prediction.prediction;
      check(
        typeof value === "number" && value >= least - slack && value <= most + slack,
        `a number from ${least} to ${most}: ${value}`,
      );
    }
    const object = objects[row];
    const single = JSON.parse(encoder.encodeRow(predictor.predictRow(object), "id"));
    const { model: _model, id: _id, ...alone } = single;
    check(JSON.stringify(alone) === JSON.stringify(prediction), `row ${row} alone as in a batch`);
  }
  checkExposition(await metrics.render());
}

/** A sample line of the text format: braces, labels and quotes in order, and a number. */
const SAMPLE = /^[a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\]|\\["\\n])*",?)*\})? (?:[-+.\de]+|NaN|[+-]Inf)$/u;

function checkExposition(text: string): void {
  const seen = new Set<string>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    check(SAMPLE.test(line), `a line of metrics: ${line}`);
    const series = line.slice(0, line.lastIndexOf(" "));
    check(!seen.has(series), `a series once: ${series}`);
    seen.add(series);
  }
}

function toText({ header, records }: Table): string {
  const quote = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
  return [header, ...records].map((row) => row.map(quote).join(",")).join("\n");
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`the model did not give ${what}`);
}

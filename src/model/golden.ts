import { Type, type Static } from "typebox";
import { InputProblems } from "../kernel/check.ts";
import { fromSchema } from "../kernel/check/schema.ts";
import { TepalError } from "../kernel/errors.ts";
import { toInvalidFile } from "./invalid-file.ts";
import type { Executor, RemoteExecutor } from "./model.ts";

/**
 * Golden pairs: inputs with the outputs that the model predicted when it was created. A model is served only after it
 * reproduces them, which detects a wrong runtime, a changed file or a different machine at once.
 */
export type Golden = Static<typeof GoldenSchema>;

/** Executors on other machines may differ in the last bits of exp(); a different model differs by far more. */
const TOLERANCE = 1e-5;
const MAX_PAIRS = 1_000;

const GoldenSchema = Type.Object({
  pairs: Type.Array(
    Type.Object({
      /** One number per feature; null is a missing value. */
      input: Type.Array(Type.Union([Type.Number(), Type.Null()])),
      /** Index of the class; null for regression. */
      label: Type.Union([Type.Integer(), Type.Null()]),
      /** Null where the prediction is not finite, which JSON cannot represent. */
      scores: Type.Array(Type.Union([Type.Number(), Type.Null()])),
    }),
    // Without a pair, nothing would show that the model predicts as before.
    { minItems: 1, maxItems: MAX_PAIRS },
  ),
});

const goldenParser = fromSchema(GoldenSchema);

/** Creates golden pairs from the predictions of a model for rows (row-major). */
export function createGolden(executor: Executor, rows: Float64Array): Golden {
  const count = rows.length / executor.features;
  const scores = new Float32Array(count * executor.outputs);
  const labels = new Int32Array(count);
  executor.run(rows, count, scores, labels);
  return toGolden(executor, rows, scores, labels);
}

/** Does the same with an executor of another engine, row by row: it may compute a row alone in another way than in a batch. */
export async function createRemoteGolden(
  executor: RemoteExecutor,
  rows: Float64Array,
): Promise<Golden> {
  const { features, outputs } = executor;
  const count = rows.length / features;
  const scores = new Float32Array(count * outputs);
  const labels = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    const values = rows.subarray(row * features, (row + 1) * features);
    await executor.run(values, 1, scores.subarray(row * outputs), labels.subarray(row));
  }
  return toGolden(executor, rows, scores, labels);
}

function toGolden(
  { features, outputs, task }: Form,
  rows: Float64Array,
  scores: Float32Array,
  labels: Int32Array,
): Golden {
  const count = rows.length / features;
  const pairs = Array.from({ length: count }, (_, row) => ({
    input: Array.from(rows.subarray(row * features, (row + 1) * features), (v) =>
      Number.isNaN(v) ? null : v,
    ),
    label: task === "classification" ? labels[row]! : null,
    scores: Array.from(scores.subarray(row * outputs, (row + 1) * outputs), (score) =>
      Number.isFinite(score) ? score : null,
    ),
  }));
  return { pairs };
}

/**
 * Parses the content of a golden.json.
 *
 * @throws TepalError MODEL_DAMAGED with up to 20 problems, each with its JSON pointer
 */
export function parseGolden(text: string): Golden {
  const problems = new InputProblems();
  const golden = problems.read(goldenParser, parseJson(text), { at: "" });
  if (golden === undefined) throw toInvalidFile("golden.json", problems.list);
  return golden;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw toInvalidFile("golden.json", [{ at: "", message: "Expected valid JSON." }], cause);
  }
}

/**
 * Checks that an executor reproduces golden pairs.
 *
 * @throws TepalError MODEL_DAMAGED with the first pair that it does not reproduce
 */
export function checkGolden(golden: Golden, executor: Executor): void {
  const scores = new Float32Array(executor.outputs);
  const labels = new Int32Array(1);
  for (const [index, pair] of golden.pairs.entries()) {
    const row = toRow(pair, index, executor);
    executor.run(row, 1, scores, labels);
    throwIfDifferent(findMismatch(pair, executor, scores, labels), index);
  }
}

/** Does the same with an executor of another engine. */
export async function checkRemoteGolden(golden: Golden, executor: RemoteExecutor): Promise<void> {
  const scores = new Float32Array(executor.outputs);
  const labels = new Int32Array(1);
  for (const [index, pair] of golden.pairs.entries()) {
    const row = toRow(pair, index, executor);
    await executor.run(row, 1, scores, labels);
    throwIfDifferent(findMismatch(pair, executor, scores, labels), index);
  }
}

type Form = Pick<Executor, "features" | "outputs" | "task">;
type Pair = Golden["pairs"][number];

function throwIfDifferent(mismatch: string | undefined, index: number): void {
  if (mismatch === undefined) return;
  throw new TepalError(
    "MODEL_DAMAGED",
    `model.onnx does not reproduce golden.json: /pairs/${index}: ${mismatch} Restore the model from a copy, or train it again.`,
  );
}

/** Returns the input of a pair, which has to be as long as the executor reads. */
function toRow({ input, scores: expected }: Pair, index: number, form: Form): Float64Array {
  const { features, outputs } = form;
  if (input.length !== features) {
    throwIfDifferent(`Expected an input of ${features} numbers, got ${input.length}.`, index);
  }
  if (expected.length !== outputs) {
    throwIfDifferent(`Expected ${outputs} scores, got ${expected.length}.`, index);
  }
  return Float64Array.from(input, (value) => value ?? Number.NaN);
}

function findMismatch(
  { label, scores: expected }: Pair,
  { task }: Form,
  scores: Float32Array,
  labels: Int32Array,
): string | undefined {
  for (const [i, score] of expected.entries()) {
    const predicted = scores[i]!;
    if (isClose(predicted, score)) continue;
    const wanted = score === null ? "a score that is not finite" : `the score ${score}`;
    return `Expected ${wanted} for output ${i}, got ${predicted}.`;
  }
  if (task === "regression" || label === labels[0]) return undefined;
  return `Expected the label ${label}, got ${labels[0]}.`;
}

function isClose(actual: number, expected: number | null): boolean {
  if (expected === null) return !Number.isFinite(actual);
  return Math.abs(actual - expected) <= TOLERANCE * Math.max(1, Math.abs(expected));
}

import { Type, type Static } from "typebox";
import { InputProblems } from "../kernel/check.ts";
import { fromSchema } from "../kernel/check/schema.ts";
import { TepalError } from "../kernel/errors.ts";
import { toInvalidFile } from "./invalid-file.ts";
import type { Executor } from "./model.ts";

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
  const { features, outputs } = executor;
  const count = rows.length / features;
  const scores = new Float32Array(count * outputs);
  const labels = new Int32Array(count);
  executor.run(rows, count, scores, labels);
  const pairs = Array.from({ length: count }, (_, row) => ({
    input: Array.from(rows.subarray(row * features, (row + 1) * features), (v) =>
      Number.isNaN(v) ? null : v,
    ),
    label: executor.task === "classification" ? labels[row]! : null,
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
  for (const [index, pair] of golden.pairs.entries()) {
    const mismatch = findMismatch(pair, executor);
    if (mismatch === undefined) continue;
    throw new TepalError(
      "MODEL_DAMAGED",
      `model.onnx does not reproduce golden.json: /pairs/${index}: ${mismatch} Restore the model from a copy, or train it again.`,
    );
  }
}

function findMismatch(pair: Golden["pairs"][number], executor: Executor): string | undefined {
  const { features, outputs, task } = executor;
  const { input, label, scores: expected } = pair;
  if (input.length !== features) {
    return `Expected an input of ${features} numbers, got ${input.length}.`;
  }
  if (expected.length !== outputs) return `Expected ${outputs} scores, got ${expected.length}.`;
  const scores = new Float32Array(outputs);
  const labels = new Int32Array(1);
  const row = Float64Array.from(input, (value) => value ?? Number.NaN);
  executor.run(row, 1, scores, labels);
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

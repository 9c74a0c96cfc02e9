import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { TepalError } from "../kernel/errors.ts";
import type { Executor } from "./model.ts";

/**
 * Golden pairs: inputs with the outputs that the model gave when it was made. A model is served only
 * after it reproduces them, so a wrong runtime, a changed file or a different machine shows at once.
 */
export type Golden = Static<typeof GoldenSchema>;

/** Executors on other machines may differ in the last bits of exp(); a wrong model differs by far more. */
const TOLERANCE = 1e-5;
const MAX_PAIRS = 1_000;

const GoldenSchema = Type.Object({
  pairs: Type.Array(
    Type.Object({
      /** In feature order; null is a missing value. */
      input: Type.Array(Type.Union([Type.Number(), Type.Null()])),
      /** Index of the class; null for regression. */
      label: Type.Union([Type.Integer(), Type.Null()]),
      /** Null where the model gave no finite number, which JSON cannot write. */
      scores: Type.Array(Type.Union([Type.Number(), Type.Null()])),
    }),
    // Without a pair nothing would show that the model does what it did.
    { minItems: 1, maxItems: MAX_PAIRS },
  ),
});

/** Runs the model on rows (row-major) and writes down what it says. */
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
    label: executor.task === "classification" ? (labels[row] ?? 0) : null,
    scores: Array.from(scores.subarray(row * outputs, (row + 1) * outputs), (score) =>
      Number.isFinite(score) ? score : null,
    ),
  }));
  return { pairs };
}

/** @throws TepalError MODEL_DAMAGED */
export function parseGolden(text: string): Golden {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TepalError("MODEL_DAMAGED", "golden.json is not valid JSON", { cause });
  }
  if (Value.Check(GoldenSchema, value)) return value;
  const first = Value.Errors(GoldenSchema, value)[0];
  throw new TepalError(
    "MODEL_DAMAGED",
    `golden.json is not usable: ${first?.instancePath ?? ""} ${first?.message ?? ""}`,
  );
}

/** @throws TepalError MODEL_DAMAGED naming the first pair that the executor does not reproduce */
export function checkGolden(golden: Golden, executor: Executor): void {
  const { features, outputs, task } = executor;
  const scores = new Float32Array(outputs);
  const labels = new Int32Array(1);
  golden.pairs.forEach((pair, index) => {
    if (pair.input.length !== features || pair.scores.length !== outputs) {
      throw new TepalError(
        "MODEL_DAMAGED",
        `golden pair ${index} has ${pair.input.length} inputs and ${pair.scores.length} outputs; ` +
          `the graph has ${features} and ${outputs}`,
      );
    }
    executor.run(
      Float64Array.from(pair.input, (v) => v ?? Number.NaN),
      1,
      scores,
      labels,
    );
    const close = pair.scores.every((expected, i) => isClose(scores[i] ?? Number.NaN, expected));
    const sameLabel = task === "regression" || pair.label === labels[0];
    if (close && sameLabel) return;
    throw new TepalError(
      "MODEL_DAMAGED",
      `golden pair ${index} is not reproduced: expected ${pair.scores.join(", ")}, got ${Array.from(scores).join(", ")}`,
    );
  });
}

function isClose(actual: number, expected: number | null): boolean {
  if (expected === null) return !Number.isFinite(actual);
  return Math.abs(actual - expected) <= TOLERANCE * Math.max(1, Math.abs(expected));
}

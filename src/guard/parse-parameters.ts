import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { TepalError, type Problem } from "../kernel/errors.ts";
import type { GuardParameters } from "./guard.ts";

/** Each bin is a value of a metric label: without a limit, a hostile manifest could create any number of series. */
const MAX_BINS = 64;
const MAX_PROBLEMS = 20;
const RATIO_TOLERANCE = 1e-6;

const Count = (minimum: number) => Type.Integer({ minimum, maximum: 2 ** 32 - 1 });
const Ratio = Type.Number({ minimum: 0, maximum: 1 });
const BinsSchema = Type.Object({
  edges: Type.Array(Type.Number(), { maxItems: MAX_BINS - 1 }),
  ratios: Type.Array(Ratio, { minItems: 1, maxItems: MAX_BINS }),
  missing_ratio: Ratio,
});
const SectionSchema = Type.Object({
  method: Type.Enum(["knn", "mahalanobis"]),
  neighbours: Count(1),
  calibration_rows: Count(0),
  reference_rows: Count(0),
  bins: Type.Array(Type.Unknown()),
  class_ratios: Type.Array(Ratio),
});
const ParametersSchema = Type.Object({
  ...SectionSchema.properties,
  bins: Type.Array(BinsSchema),
});

/**
 * Parses the guard's section of a manifest. `createGuard` checks that the section matches reference.bin.
 *
 * @param width number of the model's features
 * @param classCount number of its classes; 0 for regression
 * @param at JSON pointer of the section in its document
 * @throws TepalError MODEL_DAMAGED with up to 20 problems, each with its JSON pointer
 */
export function parseGuardParameters(
  value: unknown,
  width: number,
  classCount: number,
  at = "/guard",
): GuardParameters {
  const problems: Problem[] = [];
  addShapeProblems(SectionSchema, value, at, problems);
  // Well-formed parts are checked further even when other parts are malformed.
  if (Value.Check(Type.Object({ bins: Type.Array(Type.Unknown()) }), value)) {
    checkLength(value.bins, width, "feature", `${at}/bins`, problems);
    for (const [index, bins] of value.bins.entries()) {
      addShapeProblems(BinsSchema, bins, `${at}/bins/${index}`, problems);
      if (Value.Check(BinsSchema, bins)) checkBins(bins, `${at}/bins/${index}`, problems);
    }
  }
  if (Value.Check(Type.Object({ class_ratios: Type.Array(Ratio) }), value)) {
    checkLength(value.class_ratios, classCount, "class", `${at}/class_ratios`, problems);
    if (classCount > 0) checkSum(value.class_ratios, `${at}/class_ratios`, problems);
  }
  if (Value.Check(ParametersSchema, value)) {
    const { method, neighbours, reference_rows } = value;
    if (method === "knn" && neighbours > Math.max(1, reference_rows)) {
      const message = `Expected at most ${reference_rows}, the number of reference rows, got ${neighbours}.`;
      problems.push({ at: `${at}/neighbours`, message });
    }
    if (problems.length === 0) return value;
  }
  const kept = problems.slice(0, MAX_PROBLEMS);
  const listed = kept.map((problem) => `${problem.at}: ${problem.message}`).join(" ");
  throw new TepalError(
    "MODEL_DAMAGED",
    `The section /guard of manifest.json is invalid. ${listed} Restore the file from a copy, or train the model again.`,
    { problems: kept },
  );
}

function addShapeProblems(
  schema: Type.TSchema,
  value: unknown,
  at: string,
  problems: Problem[],
): void {
  for (const { instancePath, message } of Value.Errors(schema, value)) {
    problems.push({ at: at + instancePath, message });
  }
}

function checkBins(bins: Static<typeof BinsSchema>, at: string, problems: Problem[]): void {
  const { edges, ratios } = bins;
  const unordered = edges.findIndex((edge, index) => index > 0 && edge <= edges[index - 1]!);
  if (unordered >= 0) {
    const message = `Expected a number above the edge before it, ${edges[unordered - 1]}, got ${edges[unordered]}.`;
    problems.push({ at: `${at}/edges/${unordered}`, message });
  }
  if (ratios.length !== edges.length + 1) {
    const message = `Expected ${edges.length + 1} entries for ${edges.length} edges, got ${ratios.length}.`;
    problems.push({ at: `${at}/ratios`, message });
  }
  checkSum(ratios, `${at}/ratios`, problems);
}

function checkLength(
  list: readonly unknown[],
  expected: number,
  unit: string,
  at: string,
  problems: Problem[],
): void {
  if (list.length === expected) return;
  problems.push({
    at,
    message: `Expected ${expected} entries, one per ${unit}, got ${list.length}.`,
  });
}

function checkSum(ratios: readonly number[], at: string, problems: Problem[]): void {
  const sum = ratios.reduce((total, ratio) => total + ratio, 0);
  if (Math.abs(sum - 1) <= RATIO_TOLERANCE) return;
  problems.push({ at, message: `Expected numbers with the sum 1, got the sum ${sum}.` });
}

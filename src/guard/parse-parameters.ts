import { Type } from "typebox";
import { formatProblem, InputProblems } from "../kernel/check.ts";
import { fromSchema } from "../kernel/check/schema.ts";
import { TepalError } from "../kernel/errors.ts";
import { isJsonObject } from "../kernel/json.ts";
import type { FeatureBins, GuardParameters } from "./guard.ts";

/** Each bin is a value of a metric label: without a limit, a hostile manifest could create any number of series. */
const MAX_BINS = 64;
const MAX_PROBLEMS = 20;
const RATIO_TOLERANCE = 1e-6;

const Count = (minimum: number) => Type.Integer({ minimum, maximum: 2 ** 32 - 1 });
const Ratio = Type.Number({ minimum: 0, maximum: 1 });
const sectionParser = fromSchema(
  Type.Object({
    method: Type.Enum(["knn", "mahalanobis"]),
    neighbours: Count(1),
    calibration_rows: Count(0),
    reference_rows: Count(0),
    bins: Type.Array(Type.Unknown()),
    class_ratios: Type.Array(Ratio),
  }),
);
const binsParser = fromSchema(
  Type.Object({
    edges: Type.Array(Type.Number(), { maxItems: MAX_BINS - 1 }),
    ratios: Type.Array(Ratio, { minItems: 1, maxItems: MAX_BINS }),
    missing_ratio: Ratio,
  }),
);
const ratiosParser = fromSchema(Type.Array(Ratio));

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
  const problems = new InputProblems();
  const section = problems.read(sectionParser, value, { at });
  const fields = isJsonObject(value) ? value : {};
  // Valid parts are checked further even when other parts are not valid.
  const bins = Array.isArray(fields["bins"]) ? readBins(fields["bins"], width, at, problems) : [];
  const ratios = ratiosParser.parse(fields["class_ratios"], false);
  if ("value" in ratios) checkClassRatios(ratios.value, classCount, at, problems);
  if (section !== undefined && section.method === "knn") {
    const { neighbours, reference_rows } = section;
    if (neighbours > Math.max(1, reference_rows)) {
      const message = `Expected at most ${reference_rows}, the number of reference rows, got ${neighbours}.`;
      problems.add(`${at}/neighbours`, message);
    }
  }
  if (section !== undefined && problems.list.length === 0) return { ...section, bins };
  const reported = problems.list.slice(0, MAX_PROBLEMS);
  throw new TepalError(
    "MODEL_DAMAGED",
    `Invalid manifest.json: ${reported.map(formatProblem).join(" ")} Restore the model from a copy, or train it again.`,
    { problems: reported },
  );
}

function readBins(
  list: readonly unknown[],
  width: number,
  at: string,
  problems: InputProblems,
): readonly FeatureBins[] {
  checkLength(list, width, "feature", `${at}/bins`, problems);
  return list.flatMap((one, index) => {
    const bins = problems.read(binsParser, one, { at: `${at}/bins/${index}` });
    if (bins === undefined) return [];
    checkBins(bins, `${at}/bins/${index}`, problems);
    return [bins];
  });
}

function checkClassRatios(
  ratios: readonly number[],
  classCount: number,
  at: string,
  problems: InputProblems,
): void {
  checkLength(ratios, classCount, "class", `${at}/class_ratios`, problems);
  if (classCount > 0) checkSum(ratios, `${at}/class_ratios`, problems);
}

function checkBins(bins: FeatureBins, at: string, problems: InputProblems): void {
  const { edges, ratios } = bins;
  const unordered = edges.findIndex((edge, index) => index > 0 && edge <= edges[index - 1]!);
  if (unordered >= 0) {
    const message = `Expected a number above the edge before it, ${edges[unordered - 1]}, got ${edges[unordered]}.`;
    problems.add(`${at}/edges/${unordered}`, message);
  }
  if (ratios.length !== edges.length + 1) {
    const message = `Expected ${edges.length + 1} entries for ${edges.length} edges, got ${ratios.length}.`;
    problems.add(`${at}/ratios`, message);
  }
  checkSum(ratios, `${at}/ratios`, problems);
}

function checkLength(
  list: readonly unknown[],
  expected: number,
  unit: string,
  at: string,
  problems: InputProblems,
): void {
  if (list.length === expected) return;
  problems.add(at, `Expected ${expected} entries, one per ${unit}, got ${list.length}.`);
}

function checkSum(ratios: readonly number[], at: string, problems: InputProblems): void {
  const sum = ratios.reduce((total, ratio) => total + ratio, 0);
  if (Math.abs(sum - 1) <= RATIO_TOLERANCE) return;
  problems.add(at, `Expected numbers with the sum 1, got the sum ${sum}.`);
}

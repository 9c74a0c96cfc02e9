import { Type } from "typebox";
import { formatProblem, InputProblems } from "../kernel/check.ts";
import { fromSchema } from "../kernel/check/schema.ts";
import { TepalError } from "../kernel/errors.ts";
import { isJsonObject } from "../kernel/json.ts";
import { hasCategories } from "../tabular/schema.ts";
import {
  CodedBinsSchema,
  RatioSchema,
  checkClassRatios,
  checkFeatureBins,
  checkLength,
} from "./bins-schema.ts";
import type { FeatureBins, GuardParameters } from "./guard.ts";
import type { Feature } from "../tabular/tabular.ts";
import { MAX_HASHED_FEATURES, estimateRowMatching } from "./row-matches.ts";

const MAX_PROBLEMS = 20;
/** Each level is a column of the comparison: without a limit, a hostile manifest could make it as wide as it likes. */
const MAX_LEVEL = 256;

const Count = (minimum: number) => Type.Integer({ minimum, maximum: 2 ** 32 - 1 });
const sectionParser = fromSchema(
  Type.Object({
    method: Type.Enum(["knn", "mahalanobis"]),
    neighbours: Count(1),
    calibration_rows: Count(0),
    reference_rows: Count(0),
    training_rows: Type.Optional(Count(0)),
    bins: Type.Array(Type.Unknown()),
    class_ratios: Type.Array(RatioSchema),
    levels: Type.Optional(
      Type.Array(
        Type.Union([
          Type.Array(Type.Integer({ minimum: 0, maximum: MAX_LEVEL }), { minItems: 1 }),
          Type.Null(),
        ]),
      ),
    ),
    row_matching: Type.Optional(
      Type.Object({
        features: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: MAX_HASHED_FEATURES }),
        ratio: RatioSchema,
      }),
    ),
  }),
);
const binsParser = fromSchema(CodedBinsSchema);
const ratiosParser = fromSchema(Type.Array(RatioSchema));

/**
 * Parses the guard's section of a manifest. `createGuard` checks that the section matches reference.bin.
 *
 * @param features those of the model
 * @param classCount number of its classes; 0 for regression
 * @param at JSON pointer of the section in its document
 * @throws TepalError MODEL_DAMAGED with up to 20 problems, each with its JSON pointer
 */
export function parseGuardParameters(
  value: unknown,
  features: readonly Feature[],
  classCount: number,
  at = "/guard",
): GuardParameters {
  const problems = new InputProblems();
  const section = problems.read(sectionParser, value, { at });
  const fields = isJsonObject(value) ? value : {};
  // Valid parts are checked further even when other parts are not valid.
  const width = features.length;
  const bins = Array.isArray(fields["bins"])
    ? readBins(fields["bins"], features, at, problems)
    : [];
  const ratios = ratiosParser.parse(fields["class_ratios"], false);
  if ("value" in ratios) {
    checkClassRatios(ratios.value, classCount, `${at}/class_ratios`, problems);
  }
  if (section !== undefined && section.method === "knn") {
    const { neighbours, reference_rows } = section;
    if (neighbours > Math.max(1, reference_rows)) {
      const message = `Expected at most ${reference_rows}, the number of reference rows, got ${neighbours}.`;
      problems.add(`${at}/neighbours`, message);
    }
  }
  if (section !== undefined) checkLevels(section.levels, features, `${at}/levels`, problems);
  if (section !== undefined && problems.list.length === 0) {
    const { row_matching: matching = estimateRowMatching(bins), ...rest } = section;
    const { training_rows = section.calibration_rows } = section;
    const unknown = matching.features.find((feature) => feature >= width);
    if (unknown === undefined) {
      return { ...rest, training_rows, bins, row_matching: matching };
    }
    const message = `Expected indexes of features, below ${width}, got ${unknown}.`;
    problems.add(`${at}/row_matching/features`, message);
  }
  const reported = problems.list.slice(0, MAX_PROBLEMS);
  throw new TepalError(
    "MODEL_DAMAGED",
    `Invalid manifest.json: ${reported.map(formatProblem).join(" ")} Restore the model from a copy, or train it again.`,
    { problems: reported },
  );
}

function readBins(
  list: readonly unknown[],
  features: readonly Feature[],
  at: string,
  problems: InputProblems,
): readonly FeatureBins[] {
  checkLength(list, features.length, "feature", `${at}/bins`, problems);
  return list.flatMap((one, index) => {
    const bins = problems.read(binsParser, one, { at: `${at}/bins/${index}` });
    const feature = features[index];
    if (bins === undefined || feature === undefined) return [];
    checkFeatureBins(bins, feature, `${at}/bins/${index}`, problems);
    return [bins];
  });
}

/** A category has a level for each code, of which the last is that of unknown ones; any other feature has none. */
function checkLevels(
  levels: GuardParameters["levels"],
  features: readonly Feature[],
  at: string,
  problems: InputProblems,
): void {
  if (levels === undefined) {
    if (!hasCategories(features)) return;
    problems.add(at, "Missing. Expected the levels of each category.");
    return;
  }
  checkLength(levels, features.length, "feature", at, problems);
  for (const [index, { categories }] of features.entries()) {
    const codes = levels[index] ?? [];
    const expected = categories === undefined ? 0 : categories.length + 1;
    if (codes.length !== expected) {
      const message = `Expected ${expected} codes of the feature, got ${codes.length}.`;
      problems.add(`${at}/${index}`, message);
    } else if (expected > 0 && !(codes.at(-1)! >= Math.max(1, ...codes))) {
      problems.add(
        `${at}/${index}`,
        "Expected the highest level, at least 1, for unknown categories.",
      );
    }
  }
}

import { availableParallelism } from "node:os";
import { InputProblems, type Parser } from "../../kernel/check.ts";
import { custom, integer } from "../../kernel/check/values.ts";
import type { Task } from "../../model/model.ts";
import { FOREST_OPTIONS } from "../options.ts";
import type { ForestOptions } from "../training.ts";

export interface TrainingHooks {
  /** Aborts the training with TepalError CANCELLED. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of finished trees. */
  readonly onProgress?: ((treesDone: number) => void) | undefined;
}

/** The options resolved for one data set. */
export interface ResolvedForestOptions {
  readonly trees: number;
  /** Infinity for unlimited. */
  readonly maxDepth: number;
  readonly minSamplesLeaf: number;
  /** An integer in 1…features. */
  readonly maxFeatures: number;
  readonly seed: number;
  readonly threads: number;
}

/** Properties of the data that the defaults depend on. */
export interface DataShape {
  readonly task: Task;
  readonly rows: number;
  readonly features: number;
}

/**
 * About a second of one core, in row visits (rows × features tried × levels × trees). A thread takes about 50 ms to
 * start, so less work than this stays in one thread.
 */
const WORTH_THREADS = 1e8;

/** @throws TepalError INVALID_OPTION with a problem for each invalid option */
export function resolveForestOptions(
  options: ForestOptions,
  shape: DataShape,
): ResolvedForestOptions {
  const problems = new InputProblems();
  const read = (name: "trees" | "maxDepth" | "minSamplesLeaf" | "seed"): number => {
    const { default: fallback, min, max } = FOREST_OPTIONS[name];
    return (
      problems.read(integer({ min, max }), options[name] ?? fallback, { at: name }) ?? fallback
    );
  };
  const trees = read("trees");
  const maxDepth = read("maxDepth") || Infinity;
  const minSamplesLeaf = read("minSamplesLeaf");
  const seed = read("seed");
  const rule = options.maxFeatures ?? (shape.task === "classification" ? "sqrt" : "all");
  const maxFeatures =
    problems.read(featureCount(shape.features), rule, { at: "maxFeatures" }) ?? shape.features;
  const { threads: given } = options;
  if (given !== undefined) {
    problems.read(integer({ min: 0, max: MAX_THREADS }), given, { at: "threads" });
  }
  problems.throwIfAny("INVALID_OPTION", "option");

  const levels = Math.min(maxDepth, Math.log2(shape.rows));
  const work = shape.rows * maxFeatures * levels * trees;
  const threads = given ?? (work > WORTH_THREADS ? availableParallelism() : 0);
  return { trees, maxDepth, minSamplesLeaf, maxFeatures, seed, threads: Math.min(threads, trees) };
}

const MAX_THREADS = 1_024;

/** Reads a rule, a fraction or a number of features as a number in 1…features. */
function featureCount(features: number): Parser<number> {
  const expected = `"sqrt", "log2", "all", an integer from 1 to ${features}, or a number > 0 and < 1`;
  return custom(expected, (given) =>
    typeof given === "string" || typeof given === "number"
      ? toFeatureCount(given, features)
      : undefined,
  );
}

function toFeatureCount(rule: string | number, features: number): number | undefined {
  if (rule === "sqrt") return Math.max(1, Math.floor(Math.sqrt(features)));
  if (rule === "log2") return Math.max(1, Math.floor(Math.log2(features)));
  if (rule === "all") return features;
  if (typeof rule !== "number") return undefined;
  if (rule > 0 && rule < 1) return Math.max(1, Math.floor(rule * features));
  return Number.isInteger(rule) && rule >= 1 && rule <= features ? rule : undefined;
}

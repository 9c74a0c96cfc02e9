import { availableParallelism } from "node:os";
import { type Problem, TepalError } from "../../kernel/errors.ts";
import type { Task } from "../../model/model.ts";

/** Options of a random forest. */
export interface ForestOptions {
  /**
   * Number of trees, 1…10,000. With a power of two, the probabilities of a row sum to exactly 1 more often: a leaf's
   * shares are divided by it, and only a power of two divides a float32 number exactly.
   * @default 128
   */
  readonly trees?: number | undefined;
  /** Maximum tree depth, ≥ 1. @default unlimited */
  readonly maxDepth?: number | undefined;
  /** Minimum number of distinct training rows in a leaf, ≥ 1 (a row drawn twice counts once). @default 1 */
  readonly minSamplesLeaf?: number | undefined;
  /**
   * Number of candidate features per split: an integer, a fraction of all (0 < f < 1, rounded down, at least 1), or a
   * rule.
   * @default "sqrt" for classification, "all" for regression
   */
  readonly maxFeatures?: "sqrt" | "log2" | "all" | number | undefined;
  /** Random seed, 0…2³² − 1. The same seed and data give the same forest for any number of threads. @default 42 */
  readonly seed?: number | undefined;
  /**
   * Worker threads; 0 trains in this thread and yields to the event loop between trees.
   * @default the number of cores for large data, else 0
   */
  readonly threads?: number | undefined;
}

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

/** @throws TepalError INVALID_OPTION that names every unusable option */
export function resolveForestOptions(
  options: ForestOptions,
  shape: DataShape,
): ResolvedForestOptions {
  const problems: Problem[] = [];
  const whole = (name: string, value: number, least: number, most: number): number => {
    if (!Number.isInteger(value) || value < least || value > most) {
      const message = `expected a whole number from ${least} to ${most}, got ${value}`;
      problems.push({ at: name, message });
    }
    return value;
  };

  const trees = whole("trees", options.trees ?? 128, 1, 10_000);
  const maxDepth =
    options.maxDepth === undefined ? Infinity : whole("maxDepth", options.maxDepth, 1, 2 ** 31 - 1);
  const minSamplesLeaf = whole("minSamplesLeaf", options.minSamplesLeaf ?? 1, 1, 2 ** 31 - 1);
  const seed = whole("seed", options.seed ?? 42, 0, 2 ** 32 - 1);
  const asked = options.maxFeatures ?? (shape.task === "classification" ? "sqrt" : "all");
  const maxFeatures = toFeatureCount(asked, shape.features);
  if (maxFeatures === undefined) {
    const message = `expected "sqrt", "log2", "all", a whole number from 1 to ${shape.features} or a fraction between 0 and 1, got ${asked}`;
    problems.push({ at: "maxFeatures", message });
  }
  const given =
    options.threads === undefined ? undefined : whole("threads", options.threads, 0, 1024);

  if (problems.length > 0 || maxFeatures === undefined) {
    const text = problems.map(({ at, message }) => `${at}: ${message}`).join("; ");
    throw new TepalError("INVALID_OPTION", `The forest cannot be trained so: ${text}`, {
      problems,
    });
  }
  const levels = Math.min(maxDepth, Math.log2(shape.rows));
  const work = shape.rows * maxFeatures * levels * trees;
  const threads = given ?? (work > WORTH_THREADS ? availableParallelism() : 0);
  return { trees, maxDepth, minSamplesLeaf, maxFeatures, seed, threads: Math.min(threads, trees) };
}

function toFeatureCount(asked: string | number, features: number): number | undefined {
  if (asked === "sqrt") return Math.max(1, Math.floor(Math.sqrt(features)));
  if (asked === "log2") return Math.max(1, Math.floor(Math.log2(features)));
  if (asked === "all") return features;
  if (typeof asked !== "number") return undefined;
  if (asked > 0 && asked < 1) return Math.max(1, Math.floor(asked * features));
  return Number.isInteger(asked) && asked >= 1 && asked <= features ? asked : undefined;
}

import type { ForestOptions } from "../training.ts";
import type { TreeEnsemble } from "../../model/tree-ensemble.ts";
import { assembleTrees, type EnsembleShape } from "./assemble.ts";
import { createYield } from "./yield-to-event-loop.ts";
import { createTreeGrower } from "./grow-tree.ts";
import type { GrowingSet } from "./growing-set.ts";
import { growInWorkers } from "./grow-in-workers.ts";
import { createImportances } from "./importances.ts";
import { type ResolvedForestOptions, resolveForestOptions, type TrainingHooks } from "./options.ts";
import { createOutOfBagVotes, type OutOfBag, type HeldOutPredictions } from "./out-of-bag.ts";
import { toRankedColumns } from "./ranked-columns.ts";
import { checkTrainingSet, type Target, type TrainingSet } from "./training-set.ts";
import type { GrownTree } from "./tree-builder.ts";

/** A random forest and its training statistics. The caller owns all arrays. */
export interface TrainedForest {
  readonly ensemble: TreeEnsemble;
  /**
   * Per feature: mean decrease in impurity over the trees, scaled to sum to 1; all 0 if no tree has a branch. It favors
   * features with many distinct values (Strobl et al., BMC Bioinformatics 8:25, 2007).
   */
  readonly importances: Float64Array;
  readonly outOfBag: OutOfBag;
  /** Without the rows on which every tree was grown. */
  readonly outOfBagPredictions: HeldOutPredictions;
}

/**
 * Trains a random forest. The same data and options give the same bits on every machine and with any number of threads.
 *
 * @throws TepalError INVALID_DATA, INVALID_OPTION (each with every problem) or CANCELLED
 */
export async function trainForest(
  data: TrainingSet,
  options: ForestOptions = {},
  hooks: TrainingHooks = {},
): Promise<TrainedForest> {
  checkTrainingSet(data);
  const { rows, columns, target } = data;
  const resolved = resolveForestOptions(options, {
    task: target.task,
    rows: rows.count,
    features: rows.width,
  });
  const yieldNow = createYield(hooks.signal);
  await yieldNow();

  const centre = target.task === "regression" ? toCentre(target.values) : 0;
  const set: GrowingSet = {
    columns: await toRankedColumns(rows, yieldNow, columns),
    target: toGrowingTarget(target, centre),
  };
  const trees: GrownTree[] = [];
  const votes = createOutOfBagVotes(set.target, { trees: resolved.trees, centre });
  const importances = createImportances(rows.width);
  const collect = (tree: GrownTree): void => {
    votes.add(tree);
    importances.add(tree);
    trees.push(tree);
  };

  if (resolved.threads === 0) await growHere(set, resolved, hooks, collect);
  else await growInWorkers(set, resolved, hooks, collect);

  return {
    ensemble: assembleTrees(trees, toShape(target, rows.width, centre)),
    importances: importances.shares(),
    outOfBag: votes.score(),
    outOfBagPredictions: votes.predictions(),
  };
}

async function growHere(
  set: GrowingSet,
  options: ResolvedForestOptions,
  { signal, onProgress }: TrainingHooks,
  collect: (tree: GrownTree) => void,
): Promise<void> {
  const yieldNow = createYield(signal);
  const grow = createTreeGrower(set, options);
  for (let tree = 0; tree < options.trees; tree++) {
    collect(grow(tree));
    onProgress?.(tree + 1);
    await yieldNow();
  }
}

/** Returns the mean as a float32 number. */
function toCentre(values: Float64Array): number {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  return Math.fround(mean);
}

function toGrowingTarget(target: Target, centre: number): GrowingSet["target"] {
  if (target.task === "classification") {
    const labels = new Int32Array(new SharedArrayBuffer(target.labels.length * 4));
    labels.set(target.labels);
    return { task: target.task, labels, outputs: target.classes.length };
  }
  const values = new Float64Array(new SharedArrayBuffer(target.values.length * 8));
  for (const [row, value] of target.values.entries()) values[row] = value - centre;
  return { task: target.task, values };
}

function toShape(target: Target, features: number, centre: number): EnsembleShape {
  const { task } = target;
  return task === "classification"
    ? {
        task,
        features,
        outputs: target.classes.length,
        classes: target.classes,
        baseValues: new Float64Array(0),
      }
    : { task, features, outputs: 1, classes: [], baseValues: Float64Array.of(centre) };
}

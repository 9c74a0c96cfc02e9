import { createRandom, type Random } from "../../src/kernel/random.ts";
import type { ClassLabels, Task } from "../../src/model/model.ts";
import {
  type Aggregate,
  LEAF,
  type PostTransform,
  type TreeEnsemble,
} from "../../src/model/tree-ensemble.ts";

/** What a random ensemble is like; whatever is absent is drawn. */
export interface RandomEnsembleOptions {
  readonly task?: Task;
  readonly inputType?: "float" | "double";
  readonly features?: number;
  readonly outputs?: number;
  readonly trees?: number;
  /** Leaves of the largest tree. */
  readonly leaves?: number;
  /** Indexes into NODE_MODES that inner nodes draw from. */
  readonly modes?: readonly number[];
  readonly shape?: "bushy" | "chain" | "stump";
  readonly sharesChildren?: boolean;
  readonly votes?: "dense" | "single" | "sparse" | "one-class";
  readonly postTransform?: PostTransform;
  readonly aggregate?: Aggregate;
}

export interface RandomCase {
  readonly ensemble: TreeEnsemble;
  /** Rows with missing values, infinities, zeros of both signs, denormals and values that equal thresholds. */
  rows(count: number): Float64Array;
}

const ODD_VALUES = [0, -0, 1, -1, Infinity, -Infinity, 1e-45, -1e-45, 3.4e38, -3.4e38, 0.5];

/**
 * A random ensemble in the reader's canonical form, which onnxruntime accepts: with shared children only on the
 * true side, and with one vote a leaf for a single target.
 */
export function createRandomCase(seed: number, options: RandomEnsembleOptions = {}): RandomCase {
  const random = createRandom(seed >>> 0);
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)] as T;
  const task = options.task ?? pick(["classification", "classification", "regression"]);
  const inputType = options.inputType ?? pick(["float", "float", "float", "double"]);
  const features = options.features ?? 1 + random.below(12);
  const outputs =
    options.outputs ?? (task === "regression" ? pick([1, 1, 2, 3]) : pick([2, 2, 3, 3, 4, 7]));
  const trees = options.trees ?? pick([1, 1, 2, 3, 5, 10, 17]);
  const maxLeaves = options.leaves ?? pick([1, 2, 5, 9, 20, 40]);
  const modes =
    options.modes ?? (random.below(2) === 0 ? [random.below(LEAF)] : [0, 1, 2, 3, 4, 5]);
  const sharesChildren = options.sharesChildren ?? random.below(5) === 0;
  const isOneClass = task === "classification" && outputs === 2 && random.below(4) > 0;
  const votes =
    options.votes ?? (isOneClass ? "one-class" : pick(["dense", "dense", "single", "sparse"]));
  const postTransform = options.postTransform ?? pick(["NONE", "NONE", "SOFTMAX", "LOGISTIC"]);
  const aggregate =
    task === "classification"
      ? "SUM"
      : (options.aggregate ?? pick(["SUM", "AVERAGE", "MIN", "MAX"]));
  const tracksMissing = random.below(3) === 0;
  const round = inputType === "float" ? Math.fround : (value: number): number => value;
  const isPositive = random.below(2) === 0;
  const skipsVotes = random.below(8) === 0;
  const oneClass = random.below(4) === 0 ? 1 : 0;

  const mode: number[] = [];
  const feature: number[] = [];
  const threshold: number[] = [];
  const trueChild: number[] = [];
  const falseChild: number[] = [];
  const missingTracksTrue: number[] = [];
  const voteStart: number[] = [];
  const voteOutput: number[] = [];
  const voteWeight: number[] = [];
  const roots: number[] = [];
  // Few distinct numbers, so that rows and thresholds meet, and votes tie.
  const grid = Array.from({ length: 12 }, () => round(random.normal()));

  const toThreshold = (): number => {
    const kind = random.below(40);
    if (kind === 0) return round(pick(ODD_VALUES));
    if (kind === 1) return NaN;
    return pick(grid);
  };
  const toWeight = (): number => {
    const weight = round(pick([random.uniform(), 0.25, 0.5, random.uniform() * 3]));
    return isPositive || random.below(2) === 0 ? weight : -weight;
  };
  const addNode = (nodeMode: number): number => {
    mode.push(nodeMode);
    const isLeaf = nodeMode === LEAF;
    feature.push(isLeaf ? 0 : random.below(features));
    threshold.push(isLeaf ? 0 : toThreshold());
    trueChild.push(0);
    falseChild.push(0);
    missingTracksTrue.push(!isLeaf && tracksMissing ? random.below(2) : 0);
    return mode.length - 1;
  };

  for (let tree = 0; tree < trees; tree++) {
    const first = mode.length;
    roots.push(first);
    const leaves = options.shape === "stump" ? 1 : 1 + random.below(maxLeaves);
    const isChain =
      options.shape === "chain" || (options.shape === undefined && random.below(6) === 0);
    if (leaves === 1) {
      addNode(LEAF);
      continue;
    }
    // A node of the list waits for its children; each step turns one place into an inner node.
    const open: { readonly parent: number; readonly onTrue: boolean }[] = [];
    const open1 = addNode(pick(modes));
    open.push({ parent: open1, onTrue: false }, { parent: open1, onTrue: true });
    const link = (parent: number, onTrue: boolean, child: number): void => {
      if (onTrue) trueChild[parent] = child;
      else falseChild[parent] = child;
    };
    for (let inner = 1; inner + 1 < leaves; inner++) {
      const at = isChain ? open.length - 1 : random.below(open.length);
      const [place] = open.splice(at, 1);
      if (place === undefined) break;
      const node = addNode(pick(modes));
      link(place.parent, place.onTrue, node);
      open.push({ parent: node, onTrue: false }, { parent: node, onTrue: true });
    }
    // onnxruntime shares only nodes that are nobody's false child.
    const shareable: number[] = [];
    for (const { parent, onTrue } of open) {
      const known = shareable[random.below(Math.max(shareable.length, 1))];
      const isShared = sharesChildren && onTrue && known !== undefined && random.below(2) === 0;
      const leaf = isShared ? known : addNode(LEAF);
      if (onTrue && !isShared) shareable.push(leaf);
      link(parent, onTrue, leaf);
    }
  }

  const treeOf = new Int32Array(mode.length);
  for (const [tree, root] of roots.entries()) treeOf.fill(tree, root);
  for (const [node, nodeMode] of mode.entries()) {
    voteStart.push(voteOutput.length);
    if (nodeMode !== LEAF) continue;
    const vote = (output: number): void => {
      voteOutput.push(output);
      voteWeight.push(toWeight());
    };
    if (task === "regression" && outputs === 1) vote(0);
    else if (votes === "one-class") {
      if (skipsVotes && random.below(4) === 0) continue;
      vote(oneClass);
      if (options.votes === undefined && random.below(50) === 0) vote(oneClass);
    } else if (votes === "dense") for (let output = 0; output < outputs; output++) vote(output);
    else if (votes === "single") vote((treeOf[node] as number) % outputs);
    else {
      // onnxruntime has no label for a row without any vote, so the first tree always votes.
      const least = treeOf[node] === 0 && outputs > 2 ? 1 : 0;
      const count = least + random.below(outputs + 2);
      for (let left = count; left > 0; left--) vote(random.below(outputs));
    }
  }
  voteStart.push(voteOutput.length);
  const votesForBoth = voteOutput.includes(0) && voteOutput.includes(1);
  if (outputs === 2 && task === "classification" && voteOutput.length === 0) {
    return createRandomCase(seed + 1_000_003, options);
  }
  const baseCount = task === "classification" && outputs === 2 ? (votesForBoth ? 0 : 1) : outputs;
  const baseValues =
    random.below(3) === 0
      ? Array.from({ length: baseCount }, () =>
          random.below(6) === 0 ? -0 : round(random.normal()),
        )
      : [];

  const ensemble: TreeEnsemble = {
    task,
    inputType,
    features,
    outputs,
    classes: task === "regression" ? [] : toClasses(random, outputs, votesForBoth),
    roots: Int32Array.from(roots),
    mode: Uint8Array.from(mode),
    feature: Int32Array.from(feature),
    threshold: Float64Array.from(threshold),
    trueChild: Int32Array.from(trueChild),
    falseChild: Int32Array.from(falseChild),
    missingTracksTrue: Uint8Array.from(missingTracksTrue),
    voteStart: Int32Array.from(voteStart),
    voteOutput: Int32Array.from(voteOutput),
    voteWeight: Float64Array.from(voteWeight),
    baseValues: Float64Array.from(baseValues),
    postTransform,
    aggregate,
  };

  function rows(count: number): Float64Array {
    return Float64Array.from({ length: count * features }, () => {
      switch (random.below(12)) {
        case 0:
          return NaN;
        case 1:
          return pick(ODD_VALUES);
        case 2:
        case 3:
        case 4:
          return pick(grid);
        default:
          return random.normal();
      }
    });
  }
  return { ensemble, rows };
}

function toClasses(random: Random, outputs: number, votesForBoth: boolean): ClassLabels {
  const numbers = Array.from({ length: outputs }, (_, i) => i);
  if (random.below(2) === 0) return numbers.map((i) => `class ${i}`);
  if (votesForBoth && outputs === 2) return numbers;
  return random.below(2) === 0 ? numbers : numbers.map((i) => 10 * i - 7);
}

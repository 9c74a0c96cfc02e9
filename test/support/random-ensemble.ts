import { createRandom, type Random } from "../../src/kernel/random.ts";
import type { ClassLabels, Task } from "../../src/model/model.ts";
import {
  type Aggregate,
  LEAF,
  type PostTransform,
  type TreeEnsemble,
} from "../../src/model/tree-ensemble.ts";

/** Properties of a random ensemble; absent ones are drawn. */
export interface RandomEnsembleOptions {
  readonly task?: Task;
  readonly inputType?: "float" | "double";
  readonly features?: number;
  readonly outputs?: number;
  readonly trees?: number;
  /** Maximum number of leaves of a tree. */
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
  /** Draws rows with missing values, infinities, zeros of both signs, denormals and values that equal thresholds. */
  rows(count: number): Float64Array;
}

const ODD_VALUES = [0, -0, 1, -1, Infinity, -Infinity, 1e-45, -1e-45, 3.4e38, -3.4e38, 0.5];

/**
 * Creates a random ensemble in the form that the ONNX reader returns and that onnxruntime supports: a shared child is
 * always a true child, and with a single target each leaf has one vote.
 */
export function createRandomCase(seed: number, options: RandomEnsembleOptions = {}): RandomCase {
  const random = createRandom(seed >>> 0);
  const plan = drawPlan(random, options);
  const { task, inputType, features, outputs, grid } = plan;
  const nodes = drawNodes(random, plan);
  const votes = drawVotes(random, plan, nodes);
  const votesForBoth = votes.voteOutput.includes(0) && votes.voteOutput.includes(1);
  const isTwoClass = task === "classification" && outputs === 2;
  if (isTwoClass && votes.voteOutput.length === 0) {
    return createRandomCase(seed + 1_000_003, options);
  }
  const baseCount = isTwoClass ? (votesForBoth ? 0 : 1) : outputs;
  const baseValues = drawBaseValues(random, plan, baseCount);
  const ensemble: TreeEnsemble = {
    task,
    inputType,
    features,
    outputs,
    classes: task === "regression" ? [] : drawClasses(random, outputs, votesForBoth),
    roots: Int32Array.from(nodes.roots),
    mode: Uint8Array.from(nodes.mode),
    feature: Int32Array.from(nodes.feature),
    threshold: Float64Array.from(nodes.threshold),
    trueChild: Int32Array.from(nodes.trueChild),
    falseChild: Int32Array.from(nodes.falseChild),
    missingTracksTrue: Uint8Array.from(nodes.missingTracksTrue),
    voteStart: Int32Array.from(votes.voteStart),
    voteOutput: Int32Array.from(votes.voteOutput),
    voteWeight: Float64Array.from(votes.voteWeight),
    baseValues: Float64Array.from(baseValues),
    postTransform: plan.postTransform,
    aggregate: plan.aggregate,
  };
  return { ensemble, rows: (count) => drawRows(random, grid, count * features) };
}

/** All properties of an ensemble that are drawn before its nodes. */
interface Plan {
  readonly task: Task;
  readonly inputType: "float" | "double";
  readonly features: number;
  readonly outputs: number;
  readonly trees: number;
  readonly maxLeaves: number;
  readonly modes: readonly number[];
  readonly shape: RandomEnsembleOptions["shape"];
  readonly sharesChildren: boolean;
  readonly votes: NonNullable<RandomEnsembleOptions["votes"]>;
  /** True if a leaf with votes for one class may have a second one. */
  readonly repeatsVotes: boolean;
  /** True if some leaves have no vote. */
  readonly skipsVotes: boolean;
  /** The output of the votes for one class. */
  readonly oneClass: number;
  readonly postTransform: PostTransform;
  readonly aggregate: Aggregate;
  readonly tracksMissing: boolean;
  readonly isPositive: boolean;
  /** A few numbers for thresholds and rows, so that rows equal thresholds and votes tie. */
  readonly grid: readonly number[];
}

/** Draws the plan. The order of the draws fixes the ensemble of each seed. */
function drawPlan(random: Random, options: RandomEnsembleOptions): Plan {
  const pick = <T>(values: readonly T[]): T => pickFrom(random, values);
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
  const isPositive = random.below(2) === 0;
  const skipsVotes = random.below(8) === 0;
  const oneClass = random.below(4) === 0 ? 1 : 0;
  const grid = Array.from({ length: 12 }, () => roundTo(inputType, random.normal()));
  return {
    task,
    inputType,
    features,
    outputs,
    trees,
    maxLeaves,
    modes,
    shape: options.shape,
    sharesChildren,
    votes,
    repeatsVotes: options.votes === undefined,
    skipsVotes,
    oneClass,
    postTransform,
    aggregate,
    tracksMissing,
    isPositive,
    grid,
  };
}

/** The nodes of all trees, as in `TreeEnsemble`. */
interface Nodes {
  readonly roots: number[];
  readonly mode: number[];
  readonly feature: number[];
  readonly threshold: number[];
  readonly trueChild: number[];
  readonly falseChild: number[];
  readonly missingTracksTrue: number[];
}

/** A child that is not drawn yet. */
interface OpenChild {
  readonly parent: number;
  readonly onTrue: boolean;
}

function drawNodes(random: Random, plan: Plan): Nodes {
  const nodes: Nodes = {
    roots: [],
    mode: [],
    feature: [],
    threshold: [],
    trueChild: [],
    falseChild: [],
    missingTracksTrue: [],
  };
  for (let tree = 0; tree < plan.trees; tree++) {
    nodes.roots.push(nodes.mode.length);
    const leaves = plan.shape === "stump" ? 1 : 1 + random.below(plan.maxLeaves);
    const isChain = plan.shape === "chain" || (plan.shape === undefined && random.below(6) === 0);
    if (leaves === 1) addNode(random, plan, nodes, LEAF);
    else drawLeaves(random, plan, nodes, drawInnerNodes(random, plan, nodes, leaves - 1, isChain));
  }
  return nodes;
}

/** Draws the inner nodes of a tree and returns its open children. */
function drawInnerNodes(
  random: Random,
  plan: Plan,
  nodes: Nodes,
  count: number,
  isChain: boolean,
): readonly OpenChild[] {
  const root = addNode(random, plan, nodes, pickFrom(random, plan.modes));
  const open: OpenChild[] = [
    { parent: root, onTrue: false },
    { parent: root, onTrue: true },
  ];
  for (let inner = 1; inner < count; inner++) {
    const at = isChain ? open.length - 1 : random.below(open.length);
    const [child] = open.splice(at, 1);
    if (child === undefined) break;
    const node = addNode(random, plan, nodes, pickFrom(random, plan.modes));
    setChild(nodes, child, node);
    open.push({ parent: node, onTrue: false }, { parent: node, onTrue: true });
  }
  return open;
}

function drawLeaves(random: Random, plan: Plan, nodes: Nodes, open: readonly OpenChild[]): void {
  // onnxruntime supports a shared node only if it is a true child of all of its parents.
  const shareable: number[] = [];
  for (const child of open) {
    const known = shareable[random.below(Math.max(shareable.length, 1))];
    const isShared =
      plan.sharesChildren && child.onTrue && known !== undefined && random.below(2) === 0;
    const leaf = isShared ? known : addNode(random, plan, nodes, LEAF);
    if (child.onTrue && !isShared) shareable.push(leaf);
    setChild(nodes, child, leaf);
  }
}

function addNode(random: Random, plan: Plan, nodes: Nodes, mode: number): number {
  const isLeaf = mode === LEAF;
  nodes.mode.push(mode);
  nodes.feature.push(isLeaf ? 0 : random.below(plan.features));
  nodes.threshold.push(isLeaf ? 0 : drawThreshold(random, plan));
  nodes.trueChild.push(0);
  nodes.falseChild.push(0);
  nodes.missingTracksTrue.push(!isLeaf && plan.tracksMissing ? random.below(2) : 0);
  return nodes.mode.length - 1;
}

function setChild(nodes: Nodes, { parent, onTrue }: OpenChild, child: number): void {
  if (onTrue) nodes.trueChild[parent] = child;
  else nodes.falseChild[parent] = child;
}

function drawThreshold(random: Random, { inputType, grid }: Plan): number {
  const kind = random.below(40);
  if (kind === 0) return roundTo(inputType, pickFrom(random, ODD_VALUES));
  if (kind === 1) return NaN;
  return pickFrom(random, grid);
}

/** The votes of all leaves, as in `TreeEnsemble`. */
interface Votes {
  readonly voteStart: number[];
  readonly voteOutput: number[];
  readonly voteWeight: number[];
}

function drawVotes(random: Random, plan: Plan, { roots, mode }: Nodes): Votes {
  const votes: Votes = { voteStart: [], voteOutput: [], voteWeight: [] };
  const treeOf = new Int32Array(mode.length);
  for (const [tree, root] of roots.entries()) treeOf.fill(tree, root);
  for (const [node, nodeMode] of mode.entries()) {
    votes.voteStart.push(votes.voteOutput.length);
    if (nodeMode !== LEAF) continue;
    for (const output of drawVotedOutputs(random, plan, treeOf[node]!)) {
      votes.voteOutput.push(output);
      votes.voteWeight.push(drawWeight(random, plan));
    }
  }
  votes.voteStart.push(votes.voteOutput.length);
  return votes;
}

/** Yields the outputs of a leaf's votes; the weight of each is drawn before the next output. */
function* drawVotedOutputs(random: Random, plan: Plan, tree: number): Generator<number> {
  const { task, outputs, oneClass } = plan;
  if (task === "regression" && outputs === 1) yield 0;
  else if (plan.votes === "one-class") {
    if (plan.skipsVotes && random.below(4) === 0) return;
    yield oneClass;
    if (plan.repeatsVotes && random.below(50) === 0) yield oneClass;
  } else if (plan.votes === "dense") {
    for (let output = 0; output < outputs; output++) yield output;
  } else if (plan.votes === "single") yield tree % outputs;
  else {
    // onnxruntime has no label for a row without a vote, so the first tree always votes.
    const least = tree === 0 && outputs > 2 ? 1 : 0;
    const count = least + random.below(outputs + 2);
    for (let vote = 0; vote < count; vote++) yield random.below(outputs);
  }
}

function drawWeight(random: Random, { inputType, isPositive }: Plan): number {
  const drawn = pickFrom(random, [random.uniform(), 0.25, 0.5, random.uniform() * 3]);
  const weight = roundTo(inputType, drawn);
  return isPositive || random.below(2) === 0 ? weight : -weight;
}

function drawBaseValues(random: Random, { inputType }: Plan, count: number): readonly number[] {
  if (random.below(3) > 0) return [];
  return Array.from({ length: count }, () =>
    random.below(6) === 0 ? -0 : roundTo(inputType, random.normal()),
  );
}

function drawClasses(random: Random, outputs: number, votesForBoth: boolean): ClassLabels {
  const numbers = Array.from({ length: outputs }, (_, i) => i);
  if (random.below(2) === 0) return numbers.map((i) => `class ${i}`);
  if (votesForBoth && outputs === 2) return numbers;
  return random.below(2) === 0 ? numbers : numbers.map((i) => 10 * i - 7);
}

function drawRows(random: Random, grid: readonly number[], length: number): Float64Array {
  return Float64Array.from({ length }, () => {
    switch (random.below(12)) {
      case 0:
        return NaN;
      case 1:
        return pickFrom(random, ODD_VALUES);
      case 2:
      case 3:
      case 4:
        return pickFrom(random, grid);
      default:
        return random.normal();
    }
  });
}

function pickFrom<T>(random: Random, values: readonly T[]): T {
  return values[random.below(values.length)]!;
}

function roundTo(inputType: "float" | "double", value: number): number {
  return inputType === "float" ? Math.fround(value) : value;
}

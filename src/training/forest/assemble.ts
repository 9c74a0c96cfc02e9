import type { ClassLabels, Task } from "../../model/model.ts";
import { LEAF, NODE_MODES, type TreeEnsemble } from "../../model/tree-ensemble.ts";
import type { GrownTree } from "./tree-builder.ts";

/** Properties that all trees of an ensemble share. */
export interface EnsembleShape {
  readonly task: Task;
  readonly features: number;
  readonly outputs: number;
  readonly classes: ClassLabels;
  readonly baseValues: Float64Array;
}

const BRANCH_LEQ = NODE_MODES.indexOf("BRANCH_LEQ");
const BRANCH_EQ = NODE_MODES.indexOf("BRANCH_EQ");

/**
 * Combines trees, in their order, to one ensemble.
 *
 * Leaf weights are divided by the number of trees here and summed by the executor: ONNX's classifier knows no
 * AVERAGE, and for regression a sum of parts cannot overflow float32 as a sum of wholes can. Regression leaves hold the
 * distance from the mean target, which is the base value: float32 sums then lose digits of the small distances only.
 *
 * Two classes are written as scikit-learn's converter does: each leaf votes once, under the number of the first
 * class, with the share of the second. With votes for both, onnxruntime selects
 * the second class whenever its sum is above 0, not above the first's.
 *
 * A set of categories is a chain of comparisons with one code each that share their true child, as LightGBM's converter
 * writes it. onnxruntime joins the chain to one test of membership.
 */
export function assembleTrees(trees: readonly GrownTree[], shape: EnsembleShape): TreeEnsemble {
  const parts = trees.map((tree) => (shape.outputs === 2 ? toSingleVotes(tree) : tree));
  const places = parts.map(toPlaces);
  const nodeCount = places.reduce((sum, place) => sum + place[place.length - 1]!, 0);
  const voteCount = parts.reduce((sum, tree) => sum + tree.voteOutput.length, 0);
  const roots = new Int32Array(parts.length);
  const mode = new Uint8Array(nodeCount);
  const feature = new Int32Array(nodeCount);
  const threshold = new Float64Array(nodeCount);
  const trueChild = new Int32Array(nodeCount);
  const falseChild = new Int32Array(nodeCount);
  const missingTracksTrue = new Uint8Array(nodeCount);
  const voteStart = new Int32Array(nodeCount + 1);
  const voteOutput = new Int32Array(voteCount);
  const voteWeight = new Float64Array(voteCount);

  let node = 0;
  let vote = 0;
  for (const [i, tree] of parts.entries()) {
    roots[i] = node;
    const firstNode = node;
    const firstVote = vote;
    const place = places[i]!;
    for (const [n, tested] of tree.feature.entries()) {
      voteStart[node] = firstVote + tree.voteStart[n]!;
      if (tested < 0) mode[node++] = LEAF;
      else {
        const end = firstNode + place[n + 1]!;
        const firstCode = tree.setStart[n]!;
        const isSet = tree.setStart[n + 1]! > firstCode;
        const onTrue = firstNode + place[tree.trueChild[n]!]!;
        const onFalse = firstNode + place[tree.falseChild[n]!]!;
        for (let link = 0; node < end; link++, node++) {
          voteStart[node] = firstVote + tree.voteStart[n]!;
          mode[node] = isSet ? BRANCH_EQ : BRANCH_LEQ;
          feature[node] = tested;
          threshold[node] = isSet ? tree.setCodes[firstCode + link]! : tree.threshold[n]!;
          missingTracksTrue[node] = tree.missingTrue[n]!;
          trueChild[node] = onTrue;
          falseChild[node] = node + 1 < end ? node + 1 : onFalse;
        }
      }
    }
    voteOutput.set(tree.voteOutput, firstVote);
    for (const weight of tree.voteWeight) voteWeight[vote++] = Math.fround(weight / trees.length);
  }
  voteStart[node] = vote;

  return {
    ...shape,
    inputType: "float",
    roots,
    mode,
    feature,
    threshold,
    trueChild,
    falseChild,
    missingTracksTrue,
    voteStart,
    voteOutput,
    voteWeight,
    postTransform: "NONE",
    aggregate: "SUM",
  };
}

/** Returns the place of each node in its tree, and the number of places: a set takes one for each code. */
function toPlaces({ feature, setStart }: GrownTree): Int32Array {
  const places = new Int32Array(feature.length + 1);
  for (let n = 0; n < feature.length; n++) {
    places[n + 1] = places[n]! + Math.max(1, setStart[n + 1]! - setStart[n]!);
  }
  return places;
}

/** Rewrites a tree to one vote per leaf: the share of class 1, as output 0. */
function toSingleVotes(tree: GrownTree): GrownTree {
  const voteStart = new Int32Array(tree.voteStart.length);
  const shares: number[] = [];
  for (const [n, tested] of tree.feature.entries()) {
    voteStart[n] = shares.length;
    if (tested >= 0) continue;
    const start = tree.voteStart[n]!;
    const end = tree.voteStart[n + 1]!;
    const at = tree.voteOutput.subarray(start, end).indexOf(1);
    shares.push(at < 0 ? 0 : tree.voteWeight[start + at]!);
  }
  voteStart[tree.feature.length] = shares.length;
  return {
    ...tree,
    voteStart,
    voteOutput: new Int32Array(shares.length),
    voteWeight: Float64Array.from(shares),
  };
}

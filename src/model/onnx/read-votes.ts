import type { Task } from "../model.ts";
import { LEAF } from "../tree-ensemble.ts";
import { toDamaged, toUnsupported } from "./onnx.ts";
import { checkLength, type TreeNodes } from "./read-nodes.ts";
import type { TreeAttributes } from "./tree-attributes.ts";

/** The votes of all leaves, as in `TreeEnsemble`. */
export interface Votes {
  readonly voteStart: Int32Array;
  readonly voteOutput: Int32Array;
  readonly voteWeight: Float64Array;
}

/**
 * Reads the `class_*` or `target_*` attributes and sorts them by node; the votes of one leaf keep their order.
 *
 * @throws TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED
 */
export function readVotes(
  attributes: TreeAttributes,
  nodes: TreeNodes,
  task: Task,
  outputs: number,
): Votes {
  const prefix = task === "classification" ? "class" : "target";
  const ids = attributes.ints(`${prefix}_ids`);
  const nodeIds = attributes.ints(`${prefix}_nodeids`);
  const treeIds = attributes.ints(`${prefix}_treeids`);
  const weights = attributes.numbers(`${prefix}_weights`);
  const count = ids.length;
  checkLength(`${prefix}_nodeids`, nodeIds.length, count);
  checkLength(`${prefix}_treeids`, treeIds.length, count);
  checkLength(`${prefix}_weights`, weights.length, count);

  const leafOf = new Int32Array(count);
  const voteStart = new Int32Array(nodes.mode.length + 1);
  const isSingle = task === "regression" && outputs === 1;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const id = ids[i] ?? NaN;
    if (!(id >= 0 && id < outputs)) {
      throw toDamaged(`${prefix}_ids[${i}] is not one of the ${outputs} outputs`);
    }
    const node = nodes.find(treeIds[i] ?? NaN, nodeIds[i] ?? NaN);
    if (node < 0) throw toDamaged(`${prefix}_nodeids[${i}] is no node of its tree`);
    const votes = voteStart[node + 1]!;
    // Old converters gave votes to inner nodes; they don't count. With one target, only a leaf's first vote does.
    const isLeaf = nodes.mode[node] === LEAF;
    if (!isLeaf && task === "classification" && outputs === 2) throw toInnerVote();
    const counts = isLeaf && !(isSingle && votes > 0);
    leafOf[i] = counts ? node : -1;
    if (!counts) continue;
    voteStart[node + 1] = votes + 1;
    kept++;
  }
  if (isSingle) return toSingleVotes(nodes, leafOf, weights);

  for (let node = 0; node + 1 < voteStart.length; node++) {
    voteStart[node + 1] = voteStart[node + 1]! + voteStart[node]!;
  }
  const next = voteStart.slice();
  const voteOutput = new Int32Array(kept);
  const voteWeight = new Float64Array(kept);
  for (let i = 0; i < count; i++) {
    const node = leafOf[i]!;
    if (node < 0) continue;
    const at = next[node]!;
    next[node] = at + 1;
    voteOutput[at] = ids[i] ?? 0;
    voteWeight[at] = weights[i]!;
  }
  return { voteStart, voteOutput, voteWeight };
}

/** With two classes, onnxruntime chooses how to make scores by all votes, even by those that it does not count. */
function toInnerVote(): Error {
  return toUnsupported(
    "The classifier has two classes and votes of nodes that are no leaves",
    "Export it with a newer converter, as Tepal runs single tree ensembles only.",
  );
}

/** With one target, onnxruntime takes a leaf without a vote to say what stands for it in nodes_values. */
function toSingleVotes(nodes: TreeNodes, leafOf: Int32Array, weights: Float64Array): Votes {
  const weightOf = nodes.values.slice();
  for (const [i, node] of leafOf.entries()) if (node >= 0) weightOf[node] = weights[i]!;
  const voteStart = new Int32Array(nodes.mode.length + 1);
  let leaves = 0;
  for (const [node, mode] of nodes.mode.entries()) {
    if (mode === LEAF) leaves++;
    voteStart[node + 1] = leaves;
  }
  const voteWeight = new Float64Array(leaves);
  for (const [node, mode] of nodes.mode.entries()) {
    if (mode === LEAF) voteWeight[voteStart[node]!] = weightOf[node]!;
  }
  return { voteStart, voteOutput: new Int32Array(leaves), voteWeight };
}

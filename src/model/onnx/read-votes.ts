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
  checkLength(attributes.locate(`${prefix}_nodeids`), nodeIds.length, count);
  checkLength(attributes.locate(`${prefix}_treeids`), treeIds.length, count);
  checkLength(attributes.locate(`${prefix}_weights`), weights.length, count);

  const leafOf = new Int32Array(count);
  const voteStart = new Int32Array(nodes.mode.length + 1);
  const isSingle = task === "regression" && outputs === 1;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const id = ids[i]!;
    if (!(id >= 0 && id < outputs)) {
      const at = `${attributes.locate(`${prefix}_ids`)}[${i}]`;
      throw toDamaged(at, `Expected an integer from 0 to ${outputs - 1}, got ${id}.`);
    }
    const node = nodes.find(treeIds[i]!, nodeIds[i]!);
    if (node < 0) {
      const at = `${attributes.locate(`${prefix}_nodeids`)}[${i}]`;
      throw toDamaged(at, `Expected the id of a node of tree ${treeIds[i]}, got ${nodeIds[i]}.`);
    }
    const votes = voteStart[node + 1]!;
    // Old converters exported votes of inner nodes, which do not count. With one target, only the first vote of a leaf counts.
    const isLeaf = nodes.mode[node] === LEAF;
    if (!isLeaf && task === "classification" && outputs === 2) throw toInnerVote(attributes, i);
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
    voteOutput[at] = ids[i]!;
    voteWeight[at] = weights[i]!;
  }
  return { voteStart, voteOutput, voteWeight };
}

/**
 * Creates the error for a vote of an inner node. With two classes, onnxruntime selects how to compute scores by all votes,
 * even by those that it does not count.
 */
function toInnerVote(attributes: TreeAttributes, vote: number): Error {
  return toUnsupported(
    `${attributes.locate("class_nodeids")}[${vote}]`,
    "Expected only votes of leaves where there are two classes, got a vote of an inner node.",
    "Export the model with a newer converter.",
  );
}

/** Reads the votes for one target, where a leaf without a vote has its weight in nodes_values, as in onnxruntime. */
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

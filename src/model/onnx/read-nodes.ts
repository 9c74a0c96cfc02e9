import { LEAF, NODE_MODES } from "../tree-ensemble.ts";
import { ML_DOMAIN, quote, toDamaged, toUnsupported } from "./onnx.ts";
import type { TreeAttributes } from "./tree-attributes.ts";

/** The nodes of all trees. Ids of the file are resolved to indexes. */
export interface TreeNodes {
  readonly roots: Int32Array;
  readonly mode: Uint8Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly trueChild: Int32Array;
  readonly falseChild: Int32Array;
  readonly missingTracksTrue: Uint8Array;
  /** The numbers of nodes_values, leaves included. */
  readonly values: Float64Array;
  /** Highest feature of all nodes, leaves included, as in onnxruntime. */
  readonly maxFeature: number;
  /** Returns the index of the node with these ids of the file; −1 when there is none. */
  find(treeId: number, nodeId: number): number;
}

const MAX_ID = 0x7fffffff;

/**
 * Reads and checks the `nodes_*` attributes. Time and memory are linear in the number of nodes, without recursion: a tree
 * may be as deep as it has nodes.
 *
 * @throws TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED
 */
export function readNodes(attributes: TreeAttributes): TreeNodes {
  const treeIds = attributes.ints("nodes_treeids");
  const count = treeIds.length;
  if (count === 0) {
    throw toDamaged(attributes.locate("nodes_treeids"), "Expected at least one node, got none.");
  }
  const ints = (name: string): ArrayLike<number> => {
    const values = attributes.ints(name);
    checkLength(attributes.locate(name), values.length, count);
    return values;
  };
  const nodeIds = ints("nodes_nodeids");
  const featureIds = ints("nodes_featureids");
  const trueIds = ints("nodes_truenodeids");
  const falseIds = ints("nodes_falsenodeids");
  const modes = attributes.strings("nodes_modes");
  checkLength(attributes.locate("nodes_modes"), modes.length, count);
  const values = attributes.numbers("nodes_values");
  checkLength(attributes.locate("nodes_values"), values.length, count);
  const tracks = attributes.ints("nodes_missing_value_tracks_true");
  if (tracks.length > 0) {
    checkLength(attributes.locate("nodes_missing_value_tracks_true"), tracks.length, count);
  }

  const { starts, find } = indexNodes(attributes, treeIds, nodeIds);
  const mode = new Uint8Array(count);
  const feature = new Int32Array(count);
  const threshold = new Float64Array(count);
  const trueChild = new Int32Array(count);
  const falseChild = new Int32Array(count);
  const missingTracksTrue = new Uint8Array(count);
  let maxFeature = 0;
  for (let i = 0; i < count; i++) {
    const featureId = featureIds[i]!;
    if (featureId > maxFeature) maxFeature = featureId;
    const nodeMode = toMode(modes[i]!, attributes, i);
    mode[i] = nodeMode;
    if (nodeMode === LEAF) continue;
    if (!(featureId >= 0 && featureId <= MAX_ID)) {
      throw toInvalidId(`${attributes.locate("nodes_featureids")}[${i}]`, featureId);
    }
    feature[i] = featureId;
    threshold[i] = values[i]!;
    trueChild[i] = toChild(i, "nodes_truenodeids", trueIds[i]!);
    falseChild[i] = toChild(i, "nodes_falsenodeids", falseIds[i]!);
    missingTracksTrue[i] = tracks[i] === 1 ? 1 : 0;
  }
  checkTrees(attributes, starts, mode, trueChild, falseChild);
  const roots = starts.subarray(0, starts.length - 1);
  return {
    roots: roots.slice(),
    mode,
    feature,
    threshold,
    trueChild,
    falseChild,
    missingTracksTrue,
    values,
    maxFeature,
    find,
  };

  function toChild(parent: number, name: string, id: number): number {
    const child = find(treeIds[parent]!, id);
    if (child >= 0) return child;
    const at = `${attributes.locate(name)}[${parent}]`;
    throw toDamaged(at, `Expected the id of a node of tree ${treeIds[parent]}, got ${id}.`);
  }
}

/** @throws TepalError MODEL_DAMAGED when the attribute at a location has an unexpected number of values */
export function checkLength(at: string, actual: number, expected: number): void {
  if (actual === expected) return;
  throw toDamaged(at, `Expected ${expected} values, got ${actual}.`);
}

function toInvalidId(at: string, id: number): Error {
  return toDamaged(at, `Expected an integer from 0 to ${MAX_ID}, got ${id}.`);
}

function toMode(name: string, attributes: TreeAttributes, node: number): number {
  const mode = (NODE_MODES as readonly string[]).indexOf(name);
  if (mode >= 0) return mode;
  throw toUnsupported(
    `${attributes.locate("nodes_modes")}[${node}]`,
    `Expected one of: ${NODE_MODES.join(", ")}, got "${quote(name)}".`,
    `Export the model with ${ML_DOMAIN} version 3.`,
  );
}

interface NodeIndex {
  /** Index of the first node of each tree, followed by the number of nodes. */
  readonly starts: Int32Array;
  readonly find: TreeNodes["find"];
}

/**
 * Indexes the nodes by their ids. In nearly every file the node ids of a tree count from 0, which needs no table. The nodes
 * of a tree must be contiguous: onnxruntime would treat each run of nodes as a separate tree.
 */
function indexNodes(
  attributes: TreeAttributes,
  treeIds: ArrayLike<number>,
  nodeIds: ArrayLike<number>,
): NodeIndex {
  const count = treeIds.length;
  const starts: number[] = [];
  const treeOfId = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const treeId = treeIds[i]!;
    if (i > 0 && treeId === treeIds[i - 1]) continue;
    const at = (): string => `${attributes.locate("nodes_treeids")}[${i}]`;
    if (!(treeId >= 0 && treeId <= MAX_ID)) throw toInvalidId(at(), treeId);
    if (treeOfId.has(treeId)) {
      throw toUnsupported(
        at(),
        `Expected the nodes of each tree in a row, got another run of nodes of tree ${treeId}.`,
        "Sort the nodes by tree.",
      );
    }
    treeOfId.set(treeId, starts.length);
    starts.push(i);
  }
  starts.push(count);

  const tables: (Map<number, number> | undefined)[] = [];
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    const first = starts[tree]!;
    const end = starts[tree + 1]!;
    let countsFromZero = true;
    for (let i = first; i < end && countsFromZero; i++) countsFromZero = nodeIds[i] === i - first;
    tables.push(countsFromZero ? undefined : toTable(attributes, nodeIds, first, end));
  }

  const find = (treeId: number, nodeId: number): number => {
    const tree = treeOfId.get(treeId);
    if (tree === undefined) return -1;
    const table = tables[tree];
    if (table !== undefined) return table.get(nodeId) ?? -1;
    const first = starts[tree]!;
    const end = starts[tree + 1]!;
    return nodeId >= 0 && nodeId < end - first ? first + nodeId : -1;
  };
  return { starts: Int32Array.from(starts), find };
}

function toTable(
  attributes: TreeAttributes,
  nodeIds: ArrayLike<number>,
  first: number,
  end: number,
): Map<number, number> {
  const table = new Map<number, number>();
  for (let i = first; i < end; i++) {
    const nodeId = nodeIds[i]!;
    const at = (): string => `${attributes.locate("nodes_nodeids")}[${i}]`;
    if (!(nodeId >= 0 && nodeId <= MAX_ID)) throw toInvalidId(at(), nodeId);
    if (table.has(nodeId))
      throw toDamaged(at(), `Expected unique ids in a tree, got ${nodeId} twice.`);
    table.set(nodeId, i);
  }
  return table;
}

/**
 * Checks that every node of a tree is reachable from its first node, without cycles (Kahn's algorithm): a cycle leaves
 * nodes whose parents are never all done.
 */
function checkTrees(
  attributes: TreeAttributes,
  starts: Int32Array,
  mode: Uint8Array,
  trueChild: Int32Array,
  falseChild: Int32Array,
): void {
  const count = mode.length;
  const parents = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    if (mode[i] === LEAF) continue;
    parents[trueChild[i]!] = parents[trueChild[i]!]! + 1;
    parents[falseChild[i]!] = parents[falseChild[i]!]! + 1;
  }
  const queue = new Int32Array(count);
  let done = 0;
  let queued = 0;
  for (const start of starts.subarray(0, starts.length - 1))
    if (parents[start] === 0) queue[queued++] = start;
  const leave = (node: number): void => {
    const left = parents[node]! - 1;
    parents[node] = left;
    if (left === 0) queue[queued++] = node;
  };
  while (done < queued) {
    const node = queue[done++]!;
    if (mode[node] === LEAF) continue;
    leave(trueChild[node]!);
    leave(falseChild[node]!);
  }
  if (done < count) {
    throw toDamaged(
      attributes.locate("nodes_treeids"),
      `Expected nodes that are reachable from the first node of their tree, without cycles, got ${count - done} others.`,
    );
  }
}

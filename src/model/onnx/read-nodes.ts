import { LEAF, NODE_MODES } from "../tree-ensemble.ts";
import { quote, toDamaged, toUnsupported } from "./onnx.ts";
import type { TreeAttributes } from "./tree-attributes.ts";

/** The nodes of all trees, with ids resolved to indexes. */
export interface TreeNodes {
  readonly roots: Int32Array;
  readonly mode: Uint8Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly trueChild: Int32Array;
  readonly falseChild: Int32Array;
  readonly missingTracksTrue: Uint8Array;
  /** The numbers in nodes_values, for leaves too. */
  readonly values: Float64Array;
  /** Highest feature of any node, leaves included, as onnxruntime counts. */
  readonly maxFeature: number;
  /** Index of a node by the file's ids; −1 when there is none. */
  find(treeId: number, nodeId: number): number;
}

const MAX_ID = 0x7fffffff;

/**
 * Reads and checks the `nodes_*` attributes. Time and memory are linear in the number of nodes, and nothing
 * recurses: a tree may be as deep as it has nodes.
 *
 * @throws TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED
 */
export function readNodes(attributes: TreeAttributes): TreeNodes {
  const treeIds = attributes.ints("nodes_treeids");
  const count = treeIds.length;
  if (count === 0) throw toDamaged("its trees have no nodes");
  const ints = (name: string): ArrayLike<number> => {
    const values = attributes.ints(name);
    checkLength(name, values.length, count);
    return values;
  };
  const nodeIds = ints("nodes_nodeids");
  const featureIds = ints("nodes_featureids");
  const trueIds = ints("nodes_truenodeids");
  const falseIds = ints("nodes_falsenodeids");
  const modes = attributes.strings("nodes_modes");
  checkLength("nodes_modes", modes.length, count);
  const values = attributes.numbers("nodes_values");
  checkLength("nodes_values", values.length, count);
  const tracks = attributes.ints("nodes_missing_value_tracks_true");
  if (tracks.length > 0) checkLength("nodes_missing_value_tracks_true", tracks.length, count);

  const { starts, find } = indexNodes(treeIds, nodeIds);
  const mode = new Uint8Array(count);
  const feature = new Int32Array(count);
  const threshold = new Float64Array(count);
  const trueChild = new Int32Array(count);
  const falseChild = new Int32Array(count);
  const missingTracksTrue = new Uint8Array(count);
  let maxFeature = 0;
  for (let i = 0; i < count; i++) {
    const featureId = featureIds[i] ?? NaN;
    if (featureId > maxFeature) maxFeature = featureId;
    const nodeMode = toMode(modes[i] ?? "");
    mode[i] = nodeMode;
    if (nodeMode === LEAF) continue;
    if (!(featureId >= 0 && featureId <= MAX_ID))
      throw toDamaged(`node ${i} tests no valid feature`);
    feature[i] = featureId;
    threshold[i] = values[i] ?? NaN;
    trueChild[i] = toChild(i, trueIds[i] ?? NaN);
    falseChild[i] = toChild(i, falseIds[i] ?? NaN);
    missingTracksTrue[i] = tracks[i] === 1 ? 1 : 0;
  }
  checkTrees(starts, mode, trueChild, falseChild);
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

  function toChild(parent: number, id: number): number {
    const child = find(treeIds[parent] ?? NaN, id);
    if (child < 0) throw toDamaged(`node ${parent} has a child that is no node of its tree`);
    return child;
  }
}

export function checkLength(name: string, actual: number, expected: number): void {
  if (actual === expected) return;
  throw toDamaged(`${name} has ${actual} values where ${expected} are expected`);
}

function toMode(name: string): number {
  const mode = (NODE_MODES as readonly string[]).indexOf(name);
  if (mode >= 0) return mode;
  throw toUnsupported(
    `A node's mode is "${quote(name)}", which is not one of ${NODE_MODES.join(", ")}`,
    "Tepal cannot run it yet.",
  );
}

interface NodeIndex {
  /** Index of each tree's first node, and at the end the number of nodes. */
  readonly starts: Int32Array;
  readonly find: TreeNodes["find"];
}

/**
 * Node ids count from 0 in each tree of nearly every file, which needs no table. A tree's nodes must
 * stand together: onnxruntime would otherwise take each run for a further tree.
 */
function indexNodes(treeIds: ArrayLike<number>, nodeIds: ArrayLike<number>): NodeIndex {
  const count = treeIds.length;
  const starts: number[] = [];
  const treeOfId = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const treeId = treeIds[i] ?? NaN;
    if (i > 0 && treeId === treeIds[i - 1]) continue;
    if (!(treeId >= 0 && treeId <= MAX_ID)) throw toDamaged(`node ${i} has no valid tree id`);
    if (treeOfId.has(treeId)) {
      throw toUnsupported(
        `The nodes of tree ${treeId} don't stand together`,
        "Tepal cannot run it yet.",
      );
    }
    treeOfId.set(treeId, starts.length);
    starts.push(i);
  }
  starts.push(count);

  const tables: (Map<number, number> | undefined)[] = [];
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    const first = starts[tree] ?? 0;
    const end = starts[tree + 1] ?? 0;
    let counts = true;
    for (let i = first; i < end && counts; i++) counts = nodeIds[i] === i - first;
    tables.push(counts ? undefined : toTable(nodeIds, first, end));
  }

  const find = (treeId: number, nodeId: number): number => {
    const tree = treeOfId.get(treeId);
    if (tree === undefined) return -1;
    const table = tables[tree];
    if (table !== undefined) return table.get(nodeId) ?? -1;
    const first = starts[tree] ?? 0;
    const end = starts[tree + 1] ?? 0;
    return nodeId >= 0 && nodeId < end - first ? first + nodeId : -1;
  };
  return { starts: Int32Array.from(starts), find };
}

function toTable(nodeIds: ArrayLike<number>, first: number, end: number): Map<number, number> {
  const table = new Map<number, number>();
  for (let i = first; i < end; i++) {
    const nodeId = nodeIds[i] ?? NaN;
    if (!(nodeId >= 0 && nodeId <= MAX_ID)) throw toDamaged(`node ${i} has no valid node id`);
    if (table.has(nodeId)) throw toDamaged(`a tree has two nodes of id ${nodeId}`);
    table.set(nodeId, i);
  }
  return table;
}

/**
 * Every node of a tree must be reached from its first, and none twice on one path (Kahn's algorithm): a
 * cycle leaves nodes whose parents are never all done.
 */
function checkTrees(
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
      `${count - done} nodes are on a cycle or cannot be reached from their tree's first node`,
    );
  }
}

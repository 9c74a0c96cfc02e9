import type { TreeEnsemble } from "../tree-ensemble.ts";
import { createTreeAttributes, type TreeAttributes } from "./tree-attributes.ts";
import { type OnnxNode, toDamaged, toUnsupported } from "./onnx.ts";
import { createTreeWriter } from "./tree-writer.ts";

const POST_TRANSFORMS = ["NONE", "LOGISTIC", "SOFTMAX"] as const;
const AGGREGATES = ["AVERAGE", "SUM", "MIN", "MAX"] as const;
/** Mode of a node that tests whether a value is in a set. */
const MEMBER = 6;
const MAX_TARGETS = 1 << 16;

/**
 * Reads the operator TreeEnsemble of ai.onnx.ml 5. A test of membership becomes a chain of comparisons that share a child.
 *
 * @param columns number of columns of its input
 * @throws TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED
 */
export function parseTreeEnsemble5(
  node: OnnxNode,
  inputType: "float" | "double",
  columns: number,
): TreeEnsemble {
  const attributes = createTreeAttributes(node, inputType);
  const nodes = readNodes(attributes, columns);
  const targets = attributes.int("n_targets") ?? 1;
  if (!(targets >= 1 && targets <= MAX_TARGETS)) {
    throw toDamaged(
      attributes.locate("n_targets"),
      `Expected 1 to ${MAX_TARGETS} targets, got ${targets}.`,
    );
  }
  const leafTargets = attributes.ints("leaf_targetids");
  const leafWeights = attributes.tensor("leaf_weights") ?? new Float64Array(0);
  checkCount(attributes, "leaf_targetids", leafTargets.length, leafWeights.length);
  const trees = createTreeWriter({
    task: "regression",
    inputType,
    features: columns,
    outputs: targets,
    classes: [],
  });
  const used = new Uint8Array(nodes.count);
  for (const root of Array.from(attributes.ints("tree_roots"))) writeTree(root);
  if (trees.count === 0)
    throw toDamaged(attributes.locate("tree_roots"), "Expected at least one tree, got none.");
  return trees.finish({
    baseValues: new Float64Array(0),
    postTransform: select(attributes, "post_transform", POST_TRANSFORMS, 0),
    aggregate: select(attributes, "aggregate_function", AGGREGATES, 1),
  });

  /** Writes a tree without recursion: it may be as deep as it has nodes. */
  function writeTree(root: number): void {
    const at = attributes.locate("tree_roots");
    if (!(root >= 0 && root < nodes.count))
      throw toDamaged(at, `Expected places of nodes, got ${root}.`);
    trees.startTree();
    const leaves = new Map<number, number>();
    const written = new Map<number, number>([[root, reserve(root)]]);
    const queue = [root];
    for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
      const find = (child: number, isLeaf: boolean): number =>
        isLeaf ? findLeaf(leaves, child) : findNode(written, queue, child);
      const onTrue = find(nodes.trueIds[place]!, nodes.trueLeafs[place] === 1);
      const onFalse = find(nodes.falseIds[place]!, nodes.falseLeafs[place] === 1);
      connect(place, written.get(place)!, onTrue, onFalse);
    }
  }

  /** Reserves the nodes of the file's node, a chain for a set, and returns the first. */
  function reserve(place: number): number {
    if (used[place] === 1) {
      throw toUnsupported(
        attributes.locate("nodes_truenodeids"),
        "Expected each node in one place, got a node in two.",
        "Export the model with another converter.",
      );
    }
    used[place] = 1;
    const first = trees.count;
    const links = Math.max(nodes.sets.get(place)?.length ?? 1, 1);
    for (let i = 0; i < links; i++) trees.addNode();
    return first;
  }

  function connect(place: number, first: number, onTrue: number, onFalse: number): void {
    const feature = nodes.features[place]!;
    const tracksTrue = nodes.tracks[place] === 1;
    const set = nodes.sets.get(place);
    if (set === undefined) {
      trees.setNode(first, {
        mode: nodes.modes[place]!,
        feature,
        threshold: nodes.splits[place]!,
        onTrue,
        onFalse,
        tracksTrue,
      });
      return;
    }
    for (const [i, threshold] of set.entries()) {
      const next = i + 1 < set.length ? first + i + 1 : onFalse;
      trees.setNode(first + i, {
        mode: EQUAL,
        feature,
        threshold,
        onTrue,
        onFalse: next,
        tracksTrue,
      });
    }
  }

  function findLeaf(known: Map<number, number>, leaf: number): number {
    const found = known.get(leaf);
    if (found !== undefined) return found;
    if (!(leaf >= 0 && leaf < leafWeights.length)) {
      throw toDamaged(
        attributes.locate("nodes_truenodeids"),
        `Expected places of leaves, got ${leaf}.`,
      );
    }
    const target = leafTargets[leaf]!;
    if (!(target >= 0 && target < targets)) {
      throw toDamaged(
        attributes.locate("leaf_targetids"),
        `Expected integers below ${targets}, got ${target}.`,
      );
    }
    const place = trees.addLeaf([[target, leafWeights[leaf]!]]);
    known.set(leaf, place);
    return place;
  }

  /** A node that was reached before closes a cycle or is shared, which `reserve` rejects. */
  function findNode(written: Map<number, number>, queue: number[], child: number): number {
    if (!(child >= 0 && child < nodes.count)) {
      throw toDamaged(
        attributes.locate("nodes_truenodeids"),
        `Expected places of nodes, got ${child}.`,
      );
    }
    const first = reserve(child);
    written.set(child, first);
    queue.push(child);
    return first;
  }
}

const EQUAL = 4;

interface Nodes {
  readonly count: number;
  readonly modes: ArrayLike<number>;
  readonly features: ArrayLike<number>;
  readonly splits: ArrayLike<number>;
  readonly trueIds: ArrayLike<number>;
  readonly falseIds: ArrayLike<number>;
  readonly trueLeafs: ArrayLike<number>;
  readonly falseLeafs: ArrayLike<number>;
  readonly tracks: ArrayLike<number>;
  /** Members of the sets, by node. */
  readonly sets: ReadonlyMap<number, readonly number[]>;
}

function readNodes(attributes: TreeAttributes, columns: number): Nodes {
  const modes = attributes.bytes("nodes_modes");
  const count = modes.length;
  const read = (name: string): ArrayLike<number> => {
    const values = attributes.ints(name);
    checkCount(attributes, name, values.length, count);
    return values;
  };
  const features = read("nodes_featureids");
  for (let i = 0; i < count; i++) {
    if (features[i]! >= 0 && features[i]! < columns) continue;
    throw toDamaged(
      attributes.locate("nodes_featureids"),
      `Expected integers below ${columns}, got ${features[i]}.`,
    );
  }
  for (let i = 0; i < count; i++) {
    if (modes[i]! <= MEMBER) continue;
    throw toDamaged(
      attributes.locate("nodes_modes"),
      `Expected modes from 0 to ${MEMBER}, got ${modes[i]}.`,
    );
  }
  const splits = attributes.tensor("nodes_splits") ?? new Float64Array(0);
  checkCount(attributes, "nodes_splits", splits.length, count);
  const tracks = attributes.ints("nodes_missing_value_tracks_true");
  if (tracks.length > 0)
    checkCount(attributes, "nodes_missing_value_tracks_true", tracks.length, count);
  return {
    count,
    modes,
    features,
    splits,
    trueIds: read("nodes_truenodeids"),
    falseIds: read("nodes_falsenodeids"),
    trueLeafs: read("nodes_trueleafs"),
    falseLeafs: read("nodes_falseleafs"),
    tracks,
    sets: readSets(attributes, modes),
  };
}

/** Each set ends with NaN, which the last one may lack. */
function readSets(
  attributes: TreeAttributes,
  modes: ArrayLike<number>,
): ReadonlyMap<number, readonly number[]> {
  const values = attributes.tensor("membership_values") ?? new Float64Array(0);
  const sets = new Map<number, readonly number[]>();
  let at = 0;
  for (let node = 0; node < modes.length; node++) {
    if (modes[node] !== MEMBER) continue;
    const set: number[] = [];
    for (; at < values.length && !Number.isNaN(values[at]); at++) set.push(values[at]!);
    at += 1;
    if (attributes.isFloat && !set.every(Number.isInteger)) {
      throw toUnsupported(
        attributes.locate("membership_values"),
        "Expected integers as the members of float sets, as onnxruntime does.",
        "Export the model with double rows.",
      );
    }
    if (set.length === 0)
      throw toDamaged(attributes.locate("membership_values"), "Expected a value for each set.");
    sets.set(node, set);
  }
  return sets;
}

function checkCount(
  attributes: TreeAttributes,
  name: string,
  actual: number,
  expected: number,
): void {
  if (actual === expected) return;
  throw toDamaged(attributes.locate(name), `Expected ${expected} values, got ${actual}.`);
}

function select<T extends string>(
  attributes: TreeAttributes,
  name: string,
  names: readonly T[],
  fallback: number,
): T {
  const place = attributes.int(name) ?? fallback;
  const found = names[place];
  if (found !== undefined) return found;
  throw toUnsupported(
    attributes.locate(name),
    `Expected 0 to ${names.length - 1} (${names.join(", ")}), got ${place}.`,
    "Export the model with one of these.",
  );
}

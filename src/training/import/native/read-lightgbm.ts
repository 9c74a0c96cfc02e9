import { createTreeWriter, type TreeWriter } from "../../../model/onnx/tree-writer.ts";
import { MAX_CLASSES } from "../../../model/manifest.ts";
import { MAX_FEATURES } from "../../../tabular/schema.ts";
import {
  describeCodes,
  type Link,
  type NativeModel,
  toInvalidNative,
  toUnsupportedNative,
} from "./native.ts";

const LIBRARY = "LightGBM";
const AT_MOST = 0;
const AT_LEAST = 2;
const EQUAL = 4;
/** Values up to this one count as 0. */
const ZERO = 1e-35;

type Fields = ReadonlyMap<string, string>;

const LINKS: Readonly<Record<string, Link>> = {
  binary: "softmax",
  multiclass: "softmax",
  multiclassova: "sigmoids",
  poisson: "exp",
  gamma: "exp",
  tweedie: "exp",
  cross_entropy: "sigmoid",
  cross_entropy_lambda: "softplus",
  regression: "none",
  regression_l1: "none",
  huber: "none",
  fair: "none",
  quantile: "none",
  mape: "none",
  lambdarank: "none",
  rank_xendcg: "none",
};

/**
 * Reads a model that LightGBM saved as text. Thresholds and rows are double, as in LightGBM.
 *
 * @throws TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED
 */
export function readLightgbm(text: string): NativeModel {
  const [head = "", ...blocks] = text
    .split("\n\nend of trees")[0]!
    .replaceAll("\r", "")
    .split(/\nTree=\d+\n/);
  const fields = readFields(head);
  const features = readInteger(fields, "max_feature_idx", 0, MAX_FEATURES - 1) + 1;
  const groups = readInteger(fields, "num_tree_per_iteration", 1, MAX_CLASSES);
  const [objective = "", ...options] = (fields.get("objective") ?? "").split(" ");
  const link = Object.hasOwn(LINKS, objective) ? LINKS[objective]! : "none";
  const isPair = objective === "binary";
  if (isPair && groups !== 1)
    throw toInvalidNative(LIBRARY, "num_tree_per_iteration", "Expected 1 for two classes.");
  const slope = Number(
    options.find((each) => each.startsWith("sigmoid:"))?.slice("sigmoid:".length) ?? 1,
  );
  const iterations = Math.max(1, blocks.length / groups);
  const scale = slope / (fields.has("average_output") ? iterations : 1);
  if (!Number.isFinite(scale))
    throw toInvalidNative(LIBRARY, "objective", "Expected a number as its sigmoid.");
  const writer = createTreeWriter({
    task: "regression",
    inputType: "double",
    features,
    outputs: isPair ? 2 : groups,
    classes: [],
  });
  for (const [i, block] of blocks.entries()) {
    writeTree(writer, readFields(block), features, isPair ? 1 : i % groups, scale, `Tree=${i}`);
  }
  if (writer.count === 0)
    throw toInvalidNative(LIBRARY, "trees", "Expected at least one tree, got none.");
  const names = fields.get("feature_names")?.split(" ") ?? [];
  return {
    library: LIBRARY,
    link: objective === "regression" && options.includes("sqrt") ? "square" : link,
    names: names.length === features ? names : undefined,
    notices: describeCategories(text, fields, names),
    sums: writer.finish({
      baseValues: new Float64Array(0),
      postTransform: "NONE",
      aggregate: "SUM",
    }),
  };
}

function readFields(block: string): Fields {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const at = line.indexOf("=");
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 1).trim());
    else if (line.trim() !== "") fields.set(line.trim(), "");
  }
  return fields;
}

function readInteger(fields: Fields, name: string, first: number, last: number): number {
  const value = Number(fields.get(name) ?? Number.NaN);
  if (Number.isInteger(value) && value >= first && value <= last) return value;
  throw toInvalidNative(LIBRARY, name, `Expected an integer from ${first} to ${last}.`);
}

/** LightGBM writes infinity as C does. */
function toNumber(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  return /^[+-]?inf/i.test(text) ? sign * Number.POSITIVE_INFINITY : Number(text);
}

interface TreeFields {
  readonly numbers: (name: string, count: number) => Float64Array;
  readonly at: string;
}

function toTreeFields(fields: Fields, at: string): TreeFields {
  return {
    at,
    numbers(name, count) {
      const text = fields.get(name) ?? "";
      const values =
        text === "" ? new Float64Array(0) : Float64Array.from(text.split(" "), toNumber);
      if (values.length === count && !values.some(Number.isNaN)) return values;
      throw toInvalidNative(
        LIBRARY,
        `${at}, ${name}`,
        `Expected ${count} numbers, got ${values.length}.`,
      );
    },
  };
}

function writeTree(
  writer: TreeWriter,
  fields: Fields,
  features: number,
  output: number,
  scale: number,
  at: string,
): void {
  if (fields.get("is_linear") === "1") {
    throw toUnsupportedNative(
      LIBRARY,
      `${at}: Expected constant leaves, got linear ones.`,
      "Train with linear_tree=false.",
    );
  }
  const tree = toTreeFields(fields, at);
  const leaves = readInteger(fields, "num_leaves", 1, Number.MAX_SAFE_INTEGER);
  const values = tree.numbers("leaf_value", leaves);
  const addLeaf = (leaf: number): number => writer.addLeaf([[output, values[leaf]! * scale]]);
  writer.startTree();
  if (leaves === 1) {
    addLeaf(0);
    return;
  }
  const count = leaves - 1;
  const indexes = tree.numbers("split_feature", count);
  const thresholds = tree.numbers("threshold", count);
  const decisions = tree.numbers("decision_type", count);
  const left = tree.numbers("left_child", count);
  const right = tree.numbers("right_child", count);
  const sets = readSets(fields, tree, thresholds, decisions);
  const reached = new Uint8Array(count);
  const first = new Int32Array(count);
  const queue: number[] = [];
  reach(0);
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    const feature = indexes[node]!;
    if (!(Number.isInteger(feature) && feature >= 0 && feature < features)) {
      throw toInvalidNative(
        LIBRARY,
        `${at}, split_feature`,
        `Expected integers below ${features}.`,
      );
    }
    const place = first[node]!;
    const onLeft = reach(left[node]!);
    const onRight = reach(right[node]!);
    const set = sets.get(node);
    if (set === undefined) writeSplit(place, node, feature, onLeft, onRight);
    else writeSet(place, set, feature, onLeft, onRight);
  }

  /** Adds a node with its chain, or a leaf, and returns its first place. */
  function reach(child: number): number {
    if (Number.isInteger(child) && child < 0 && ~child < leaves) return addLeaf(~child);
    if (!(Number.isInteger(child) && child >= 0 && child < count) || reached[child] === 1) {
      throw toInvalidNative(
        LIBRARY,
        `${at}, left_child`,
        "Expected each node once, below its parent.",
      );
    }
    reached[child] = 1;
    first[child] = writer.count;
    const links = sets.get(child)?.length ?? (toMissing(decisions[child]!) === 1 ? 3 : 1);
    for (let i = 0; i < links; i++) writer.addNode();
    queue.push(child);
    return first[child];
  }

  function writeSplit(
    place: number,
    node: number,
    feature: number,
    onLeft: number,
    onRight: number,
  ): void {
    const threshold = thresholds[node]!;
    const decision = decisions[node]!;
    const missing = toMissing(decision);
    const defaultLeft = (decision & 2) !== 0;
    // Without missing values NaN counts as 0.
    const tracksTrue = missing === 2 ? defaultLeft : threshold >= 0;
    const split = {
      mode: AT_MOST,
      feature,
      threshold,
      onTrue: onLeft,
      onFalse: onRight,
      tracksTrue,
    };
    if (missing !== 1) {
      writer.setNode(place, split);
      return;
    }
    // A value from −1e-35 to 1e-35, and NaN, is missing.
    const last = place + 2;
    const onMissing = defaultLeft ? onLeft : onRight;
    writer.setNode(place, {
      mode: AT_MOST,
      feature,
      threshold: ZERO,
      onTrue: place + 1,
      onFalse: last,
      tracksTrue: true,
    });
    writer.setNode(place + 1, {
      mode: AT_LEAST,
      feature,
      threshold: -ZERO,
      onTrue: onMissing,
      onFalse: last,
      tracksTrue: true,
    });
    writer.setNode(last, split);
  }

  /** Members go to the left; NaN goes to the right. */
  function writeSet(
    place: number,
    set: readonly number[],
    feature: number,
    onLeft: number,
    onRight: number,
  ): void {
    for (const [i, threshold] of set.entries()) {
      const onFalse = i + 1 < set.length ? place + i + 1 : onRight;
      writer.setNode(place + i, {
        mode: EQUAL,
        feature,
        threshold,
        onTrue: onLeft,
        onFalse,
        tracksTrue: false,
      });
    }
  }
}

/** 0 none, 1 zero, 2 NaN. */
function toMissing(decision: number): number {
  return (decision >> 2) & 3;
}

/** The sets of categorical nodes; −1, which is no category, stands in an empty one. */
function readSets(
  fields: Fields,
  tree: TreeFields,
  thresholds: Float64Array,
  decisions: Float64Array,
): ReadonlyMap<number, readonly number[]> {
  const sets = new Map<number, readonly number[]>();
  const used = new Set<number>();
  const cats = Number(fields.get("num_cat") ?? 0);
  if (!(cats > 0)) return sets;
  const bounds = tree.numbers("cat_boundaries", cats + 1);
  const words = tree.numbers("cat_threshold", bounds[cats] ?? 0);
  for (const [node, decision] of decisions.entries()) {
    if ((decision & 1) === 0) continue;
    const place = thresholds[node]!;
    const start = bounds[place] ?? Number.NaN;
    const end = bounds[place + 1] ?? Number.NaN;
    // Each set belongs to one node, so a small file cannot stand for a huge model.
    const isValid = start >= 0 && end >= start && end <= words.length && !used.has(place);
    used.add(place);
    if (!isValid) {
      throw toInvalidNative(
        LIBRARY,
        `${tree.at}, cat_boundaries`,
        "Expected places in cat_threshold.",
      );
    }
    const set: number[] = [];
    for (let word = start; word < end; word++) {
      for (let bit = 0; bit < 32; bit++) {
        if (((words[word]! >>> bit) & 1) === 1) set.push((word - start) * 32 + bit);
      }
    }
    sets.set(node, set.length === 0 ? [-1] : set);
  }
  return sets;
}

/** The last line lists the categories of pandas columns; `feature_infos` of a category is a list of codes. */
function describeCategories(text: string, fields: Fields, names: readonly string[]): string[] {
  const line = /\npandas_categorical:(.*)\s*$/.exec(text.slice(-1_000_000))?.[1] ?? "null";
  let lists: unknown;
  try {
    lists = JSON.parse(line);
  } catch {
    return [];
  }
  if (!Array.isArray(lists)) return [];
  const infos = fields.get("feature_infos")?.split(" ") ?? [];
  const categorical = names.filter((_, i) => /^-?\d+(?::-?\d+)*$/.test(infos[i] ?? ""));
  if (categorical.length !== lists.length) return [];
  return categorical.map((name, i) => {
    const list: unknown = lists[i];
    return describeCodes(name, Array.isArray(list) ? list.map(String) : []);
  });
}

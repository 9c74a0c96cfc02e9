import { toJsonObject, type JsonObject } from "../../../kernel/json.ts";
import { createTreeWriter, type TreeWriter } from "../../../model/onnx/tree-writer.ts";
import { MAX_CLASSES } from "../../../model/manifest.ts";
import { MAX_FEATURES } from "../../../tabular/schema.ts";
import {
  checkIntegers,
  readList,
  readNumbers,
  readObject,
  readParameter,
  readStrings,
} from "./fields.ts";
import {
  describeCodes,
  type Link,
  toInvalidNative,
  toUnsupportedNative,
  type NativeModel,
} from "./native.ts";

const LIBRARY = "XGBoost";
const LESS = 1;
const EQUAL = 4;

/** Link by objective, and the function from `base_score`, which is on the scale of the prediction, to a sum. */
const OBJECTIVES: Readonly<Record<string, readonly [link: Link, toSum: (base: number) => number]>> =
  {
    "binary:logistic": ["softmax", toLogit],
    "reg:logistic": ["sigmoid", toLogit],
    "binary:logitraw": ["none", (base) => base],
    "multi:softprob": ["softmax", (base) => base],
    "multi:softmax": ["softmax", (base) => base],
    "count:poisson": ["exp", Math.log],
    "reg:gamma": ["exp", Math.log],
    "reg:tweedie": ["exp", Math.log],
    "survival:cox": ["exp", Math.log],
    "survival:aft": ["exp", Math.log],
    "reg:squarederror": ["none", (base) => base],
    "reg:linear": ["none", (base) => base],
    "reg:squaredlogerror": ["none", (base) => base],
    "reg:pseudohubererror": ["none", (base) => base],
    "reg:absoluteerror": ["none", (base) => base],
    "reg:quantileerror": ["none", (base) => base],
    "rank:pairwise": ["none", (base) => base],
    "rank:ndcg": ["none", (base) => base],
    "rank:map": ["none", (base) => base],
  };

function toLogit(probability: number): number {
  return -Math.log(1 / probability - 1);
}

/**
 * Reads a model that XGBoost saved as JSON or UBJ, after parsing. Nothing of a tree is rounded: rows and thresholds are float32 as in XGBoost.
 *
 * @throws TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED
 */
export function readXgboost(parsed: unknown): NativeModel {
  const learner = readObject(toJsonObject(parsed), "learner");
  const parameters = readObject(learner, "learner_model_param");
  const features = readParameter(parameters, "num_feature", 0);
  if (!(Number.isInteger(features) && features >= 1 && features <= MAX_FEATURES)) {
    throw toInvalidNative(
      LIBRARY,
      "num_feature",
      `Expected 1 to ${MAX_FEATURES}, got ${features}.`,
    );
  }
  const objective = String(readObject(learner, "objective")["name"]);
  const found = Object.hasOwn(OBJECTIVES, objective) ? OBJECTIVES[objective] : undefined;
  if (found === undefined) {
    throw toUnsupportedNative(
      LIBRARY,
      `Expected a known objective, got "${objective.slice(0, 60)}".`,
      "Export the model as ONNX.",
    );
  }
  const [link, toSum] = found;
  const groups = Math.max(
    1,
    readParameter(parameters, "num_class", 0),
    readParameter(parameters, "num_target", 1),
  );
  if (!(Number.isInteger(groups) && groups <= MAX_CLASSES)) {
    throw toInvalidNative(LIBRARY, "num_class", `Expected at most ${MAX_CLASSES}, got ${groups}.`);
  }
  const base = readBase(parameters, groups).map(toSum);
  const names = readStrings(learner, "feature_names");
  const types = readStrings(learner, "feature_types");
  const booster = readObject(learner, "gradient_booster");
  const isPair = link === "softmax" && groups === 1;
  const head = { features, base, isPair, groups };
  const isLinear = booster["name"] === "gblinear";
  return {
    library: LIBRARY,
    link,
    names: names.length === features ? names : undefined,
    notices: isLinear ? [] : describeCategories(booster, names, types),
    sums: isLinear ? readLinear(booster, head) : readTrees(booster, learner, head),
  };
}

interface Head {
  readonly features: number;
  /** Per group, a sum. */
  readonly base: Float64Array;
  /** True if the one sum is that of the second of two classes. */
  readonly isPair: boolean;
  readonly groups: number;
}

/** "5E-1" before version 3, "[4.6E-1]" or a list of one number for each group since then. */
function readBase(parameters: JsonObject, groups: number): Float64Array {
  const text = String(parameters["base_score"] ?? "0.5").replaceAll(/[[\]]/g, "");
  const values = Float64Array.from(text.split(","), Number);
  const base = values.length === 1 ? new Float64Array(groups).fill(values[0]!) : values;
  if (base.length === groups && base.every(Number.isFinite)) return base;
  throw toInvalidNative(LIBRARY, "base_score", `Expected 1 or ${groups} numbers.`);
}

function toBase({ base, isPair }: Head): Float64Array {
  return isPair ? Float64Array.of(0, base[0]!) : base;
}

function readLinear(booster: JsonObject, head: Head): NativeModel["sums"] {
  const { features, groups, isPair } = head;
  const weights = readNumbers(readObject(booster, "model"), "weights");
  if (weights.length !== (features + 1) * groups) {
    throw toInvalidNative(
      LIBRARY,
      "weights",
      `Expected ${(features + 1) * groups} numbers, got ${weights.length}.`,
    );
  }
  const outputs = isPair ? 2 : groups;
  const first = isPair ? 1 : 0;
  const coefficients = new Float64Array(outputs * features);
  const intercepts = Float64Array.from(toBase(head));
  for (let group = 0; group < groups; group++) {
    const output = first + group;
    for (let i = 0; i < features; i++)
      coefficients[output * features + i] = weights[i * groups + group]!;
    intercepts[output] = intercepts[output]! + weights[features * groups + group]!;
  }
  return { features, outputs, coefficients, intercepts };
}

function readTrees(booster: JsonObject, learner: JsonObject, head: Head): NativeModel["sums"] {
  const { features, groups, isPair } = head;
  const isDart = booster["name"] === "dart";
  const inner = isDart ? readObject(booster, "gbtree") : booster;
  const model = readObject(inner, "model");
  const trees = readList(model, "trees");
  const weights = isDart ? readNumbers(booster, "weight_drop") : undefined;
  const groupOf = readNumbers(model, "tree_info");
  checkIntegers(groupOf, "tree_info", 0, groups - 1);
  if (
    groupOf.length !== trees.length ||
    (weights !== undefined && weights.length !== trees.length)
  ) {
    throw toInvalidNative(LIBRARY, "tree_info", `Expected ${trees.length} numbers.`);
  }
  const writer = createTreeWriter({
    task: "regression",
    inputType: "float",
    features,
    outputs: isPair ? 2 : groups,
    classes: [],
  });
  const used = countTrees(model, learner, trees.length, groups);
  for (const [i, tree] of trees.slice(0, used).entries()) {
    const output = isPair ? 1 : groupOf[i]!;
    writeTree(writer, toJsonObject(tree), features, (value) => [
      [output, Math.fround(value * (weights?.[i] ?? 1))],
    ]);
  }
  if (writer.count === 0) {
    writer.startTree();
    writer.addLeaf([[isPair ? 1 : 0, 0]]);
  }
  return writer.finish({
    baseValues: toBase(head).map(Math.fround),
    postTransform: "NONE",
    aggregate: "SUM",
  });
}

/** The classes of scikit-learn stop at the best iteration of early stopping. */
function countTrees(model: JsonObject, learner: JsonObject, all: number, groups: number): number {
  const best = Number(toJsonObject(learner["attributes"])["best_iteration"] ?? Number.NaN);
  if (!Number.isInteger(best) || best < 0) return all;
  const starts = readNumbers(model, "iteration_indptr");
  const perTree = readParameter(toJsonObject(model["gbtree_model_param"]), "num_parallel_tree", 1);
  const end = starts[best + 1] ?? (best + 1) * Math.max(perTree, 1) * groups;
  return Number.isInteger(end) && end >= 0 ? Math.min(end, all) : all;
}

function writeTree(
  writer: TreeWriter,
  tree: JsonObject,
  features: number,
  toVotes: (value: number) => [number, number][],
): void {
  if (readParameter(toJsonObject(tree["tree_param"]), "size_leaf_vector", 1) > 1) {
    throw toUnsupportedNative(
      LIBRARY,
      "Expected one value for each leaf, got a vector.",
      'Train with multi_strategy="one_output_per_tree".',
    );
  }
  const left = readNumbers(tree, "left_children");
  const count = left.length;
  const read = (name: string): Float64Array => {
    const values = readNumbers(tree, name);
    if (values.length === count) return values;
    throw toInvalidNative(LIBRARY, name, `Expected ${count} numbers, got ${values.length}.`);
  };
  const right = read("right_children");
  const conditions = read("split_conditions");
  const indexes = read("split_indices");
  const defaults = read("default_left");
  checkIntegers(left, "left_children", -1, count - 1);
  checkIntegers(right, "right_children", -1, count - 1);
  checkIntegers(indexes, "split_indices", 0, features - 1);
  const sets = readSets(tree, count);
  if (count === 0) throw toInvalidNative(LIBRARY, "left_children", "Expected at least one node.");

  writer.startTree();
  const places = new Map<number, number>();
  const queue: number[] = [];
  reach(0);
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    const place = places.get(node)!;
    const onLeft = reach(left[node]!);
    const onRight = reach(right[node]!);
    const feature = indexes[node]!;
    const missingLeft = defaults[node] !== 0;
    const set = sets.get(node);
    if (set === undefined) {
      const threshold = Math.fround(conditions[node]!);
      writer.setNode(place, {
        mode: LESS,
        feature,
        threshold,
        onTrue: onLeft,
        onFalse: onRight,
        tracksTrue: missingLeft,
      });
      continue;
    }
    // The members of the set go to the right.
    for (const [i, threshold] of set.entries()) {
      const onFalse = i + 1 < set.length ? place + i + 1 : onLeft;
      writer.setNode(place + i, {
        mode: EQUAL,
        feature,
        threshold,
        onTrue: onRight,
        onFalse,
        tracksTrue: !missingLeft,
      });
    }
  }

  /** Adds a node, or the chain of a set, and returns its first place. */
  function reach(node: number): number {
    if (node < 0 || places.has(node))
      throw toInvalidNative(LIBRARY, "left_children", "Expected each node once, below its parent.");
    if (left[node] === -1) {
      const leaf = writer.addLeaf(toVotes(conditions[node]!));
      places.set(node, leaf);
      return leaf;
    }
    const place = writer.count;
    const links = sets.get(node)?.length ?? 1;
    for (let i = 0; i < links; i++) writer.addNode();
    places.set(node, place);
    queue.push(node);
    return place;
  }
}

/** The sets of categories, by node; −1, which is no category, stands in an empty one. */
function readSets(tree: JsonObject, count: number): ReadonlyMap<number, readonly number[]> {
  const nodes = readNumbers(tree, "categories_nodes");
  const starts = readNumbers(tree, "categories_segments");
  const sizes = readNumbers(tree, "categories_sizes");
  const values = readNumbers(tree, "categories");
  checkIntegers(nodes, "categories_nodes", 0, Math.max(count - 1, 0));
  const sets = new Map<number, readonly number[]>();
  let total = 0;
  for (const [i, node] of nodes.entries()) {
    const start = starts[i] ?? Number.NaN;
    const end = start + (sizes[i] ?? Number.NaN);
    total += end - start;
    // Sets do not overlap, so a small file cannot stand for a huge model.
    const isValid = start >= 0 && end >= start && end <= values.length && total <= values.length;
    if (!isValid || sets.has(node)) {
      throw toInvalidNative(
        LIBRARY,
        "categories_segments",
        "Expected places in the list of categories.",
      );
    }
    sets.set(node, end === start ? [-1] : Array.from(values.subarray(start, end)));
  }
  return sets;
}

/** Since version 3 the strings of categories are in the file. */
function describeCategories(
  booster: JsonObject,
  names: readonly string[],
  types: readonly string[],
): string[] {
  const model = toJsonObject(toJsonObject(booster["gbtree"])["model"] ?? booster["model"]);
  const encodings = readList(toJsonObject(model["cats"]), "enc");
  return types.flatMap((type, feature) => {
    if (type !== "c") return [];
    const name = names[feature] ?? `f${feature}`;
    return [describeCodes(name, readCategories(toJsonObject(encodings[feature])))];
  });
}

function readCategories(encoding: JsonObject): string[] {
  const values = readNumbers(encoding, "values");
  if (!Array.isArray(encoding["offsets"])) return Array.from(values, String);
  const offsets = readNumbers(encoding, "offsets");
  const bytes = Buffer.from(values);
  return Array.from(offsets.subarray(1), (end, i) =>
    bytes.subarray(offsets[i], end).toString("utf8"),
  );
}

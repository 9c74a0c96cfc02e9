import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOracle } from "../../../test/support/onnxruntime.ts";
import {
  createRandomCase,
  type RandomCase,
  type RandomEnsembleOptions,
} from "../../../test/support/random-ensemble.ts";
import { toGreatestUlps } from "../../../test/support/ulps.ts";
import { encodeTreeEnsemble } from "../onnx/write-tree-ensemble.ts";
import type { Executor } from "../model.ts";
import { LEAF, NODE_MODES, type TreeEnsemble } from "../tree-ensemble.ts";
import { compileForest } from "./compile-forest.ts";
import { createExecutor, createForestExecutor } from "./forest-executor.ts";

interface Prediction {
  readonly scores: Float32Array;
  readonly labels: Int32Array;
}

function predict(executor: Executor, rows: Float64Array, count: number): Prediction {
  // A label of −2 would show a row that was skipped.
  const labels = new Int32Array(executor.task === "regression" ? 0 : count).fill(-2);
  const scores = new Float32Array(count * executor.outputs).fill(NaN);
  executor.run(rows, count, scores, labels);
  return { scores, labels };
}

/** Returns a description of each batch for which onnxruntime predicts something else. */
async function toDisagreements(
  { ensemble, rows }: RandomCase,
  counts: readonly number[],
): Promise<string[]> {
  const bytes = encodeTreeEnsemble(ensemble, { producerVersion: "0" });
  const oracle = await createOracle(bytes, ensemble);
  const executor = createForestExecutor(ensemble);
  const isExact = ensemble.postTransform === "NONE";
  // The logistic function of a negative sum is computed as 1 minus that of its absolute value.
  const floor = ensemble.postTransform === "LOGISTIC" ? 1 : 0;
  const disagreements: string[] = [];
  for (const count of counts) {
    const batch = rows(count);
    const ours = predict(executor, batch, count);
    const theirs = await oracle.predict(batch, count);
    const ulps = toGreatestUlps(ours.scores, theirs.scores, floor);
    const isSame = ours.labels.every((label, row) => label === theirs.labels[row]);
    if (ulps > (isExact ? 0 : 2)) disagreements.push(`${count} rows: ${ulps} ULP`);
    if (!isSame) disagreements.push(`${count} rows: other labels`);
  }
  await oracle.close();
  return disagreements;
}

describe("the forest executor returns the same bits as onnxruntime", () => {
  it("for random ensembles of every kind", async () => {
    for (let seed = 0; seed < 600; seed++) {
      expect(await toDisagreements(createRandomCase(seed), [1, 2, 65]), `seed ${seed}`).toEqual([]);
    }
  });

  it.each([1, 2, 3, 4, 5, 63, 64, 65, 1000])("for a batch of %i rows", async (count) => {
    for (let seed = 0; seed < 4; seed++) {
      expect(
        await toDisagreements(createRandomCase(seed + 1000 * count), [count]),
        `seed ${seed}`,
      ).toEqual([]);
    }
  });

  const kinds: [title: string, options: RandomEnsembleOptions][] = [
    ...NODE_MODES.slice(0, LEAF).flatMap((name, mode): [string, RandomEnsembleOptions][] => [
      [`${name}, float`, { modes: [mode], inputType: "float" }],
      [`${name}, double`, { modes: [mode], inputType: "double" }],
    ]),
    ["trees of one leaf", { shape: "stump" }],
    ["walks in WebAssembly", { inputType: "float", features: 12, trees: 30, leaves: 80 }],
    ["one tree", { trees: 1 }],
    ["chains of 400 tests", { shape: "chain", leaves: 400, trees: 2 }],
    ["shared children", { sharesChildren: true, leaves: 40 }],
    ["several votes per leaf", { votes: "sparse", outputs: 3 }],
    ["one vote per leaf", { votes: "single", task: "classification", outputs: 5 }],
    ["a vote per leaf and class", { votes: "dense", task: "classification", outputs: 20 }],
    ["two classes with votes for one", { votes: "one-class", task: "classification", outputs: 2 }],
    ["two classes with votes for both", { votes: "dense", task: "classification", outputs: 2 }],
    ["two classes with votes for some", { votes: "sparse", task: "classification", outputs: 2 }],
    ["softmax", { postTransform: "SOFTMAX", task: "classification" }],
    ["logistic", { postTransform: "LOGISTIC", task: "classification" }],
    ["the average of a regressor", { task: "regression", aggregate: "AVERAGE" }],
    ["the minimum of a regressor", { task: "regression", aggregate: "MIN" }],
    ["the maximum of a regressor", { task: "regression", aggregate: "MAX" }],
  ];
  it.each(kinds)("for %s", async (_title, options) => {
    for (let seed = 0; seed < 8; seed++) {
      expect(
        await toDisagreements(createRandomCase(seed + 50_000, options), [1, 66]),
        `seed ${seed}`,
      ).toEqual([]);
    }
  });

  it("for an output without a vote in some rows, including the sign of its zero", async () => {
    expect(await toDisagreements(createNegativeZeroCase(), [1, 9])).toEqual([]);
  });

  it("for equality tests on integers that share a child, which onnxruntime merges into a set", async () => {
    for (let seed = 0; seed < 20; seed++) {
      expect(await toDisagreements(createMembershipCase(seed), [1, 64]), `seed ${seed}`).toEqual(
        [],
      );
    }
  });
});

/** Creates two leaves that vote for different classes of three. A base value of −0 shows if a vote of 0 was added to it. */
function createNegativeZeroCase(): RandomCase {
  const { ensemble } = createMembershipCase(0);
  const zeros: TreeEnsemble = {
    ...ensemble,
    outputs: 3,
    classes: ["a", "b", "c"],
    voteOutput: Int32Array.from([0, 1]),
    baseValues: Float64Array.of(-0, -0, -0),
    postTransform: "NONE",
  };
  return { ensemble: zeros, rows: toCategories };
}

/** Creates a tree like an export of LightGBM's categories: x = 3 or x = 7 or … leads to one leaf, other values to another. */
function createMembershipCase(seed: number): RandomCase {
  const { ensemble } = createRandomCase(seed, {
    task: "classification",
    outputs: 2,
    votes: "one-class",
    inputType: "float",
    shape: "stump",
    trees: 1,
    features: 1,
  });
  const tests = 1 + (seed % 7);
  const first = tests;
  const members = Array.from({ length: tests }, (_, i) => (i * 7 + seed) % 40);
  const nodes = tests + 2;
  const equal = NODE_MODES.indexOf("BRANCH_EQ");
  const filled = (value: number, leaf: number): number[] =>
    Array.from({ length: nodes }, (_, i) => (i < tests ? value : leaf));
  const membership: TreeEnsemble = {
    ...ensemble,
    mode: Uint8Array.from(filled(equal, LEAF)),
    feature: new Int32Array(nodes),
    threshold: Float64Array.from({ length: nodes }, (_, i) => members[i] ?? 0),
    trueChild: Int32Array.from(filled(first, 0)),
    falseChild: Int32Array.from({ length: nodes }, (_, i) =>
      i < tests - 1 ? i + 1 : i < tests ? first + 1 : 0,
    ),
    missingTracksTrue: new Uint8Array(nodes),
    voteStart: Int32Array.from({ length: nodes + 1 }, (_, i) => Math.max(0, i - tests)),
    voteOutput: Int32Array.from([0, 0]),
    voteWeight: Float64Array.from([0.75, 0.25]),
  };
  return { ensemble: membership, rows: toCategories };
}

function toCategories(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) =>
    i % 9 === 8 ? NaN : i % 9 === 7 ? -1 - i : i % 3 === 0 ? i / 2 : i % 45,
  );
}

describe("the forest executor", () => {
  it("predicts the same for a row alone and in a batch", () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.integer({ min: 1, max: 150 }), (seed, count) => {
        const { ensemble, rows } = createRandomCase(seed);
        const { features, outputs } = ensemble;
        const batch = rows(count);
        const together = predict(createForestExecutor(ensemble), batch, count);
        const executor = createForestExecutor(ensemble);
        for (let row = 0; row < count; row++) {
          const alone = predict(executor, batch.slice(row * features, (row + 1) * features), 1);
          expect(alone.scores).toEqual(together.scores.slice(row * outputs, (row + 1) * outputs));
          expect(alone.labels).toEqual(together.labels.slice(row, row + alone.labels.length));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("returns the same bits after its forest was sent to another thread", () => {
    const kinds = new Set<string>();
    for (let seed = 0; seed < 300; seed++) {
      const { ensemble, rows } = createRandomCase(seed);
      const batch = rows(20);
      const compiled = compileForest(ensemble);
      kinds.add(compiled.masks === null ? compiled.votes.kind : `masks ${compiled.votes.kind}`);
      const sent = structuredClone(compiled);
      expect(predict(createExecutor(sent), batch, 20), `seed ${seed}`).toEqual(
        predict(createForestExecutor(ensemble), batch, 20),
      );
    }
    const all = ["dense", "masks dense", "masks masked", "masks sparse", "sparse"];
    expect([...kinds].toSorted()).toEqual(all);
  });

  it("returns the same bits for a shared child as for copies of it", () => {
    for (let seed = 0; seed < 100; seed++) {
      const { ensemble, rows } = createRandomCase(seed, { sharesChildren: true, leaves: 12 });
      const batch = rows(40);
      expect(predict(createForestExecutor(toUnshared(ensemble)), batch, 40)).toEqual(
        predict(createForestExecutor(ensemble), batch, 40),
      );
    }
  });

  it("compiles a graph whose number of paths doubles at each node, without copies", () => {
    const depth = 60;
    const nodes = depth + 1;
    const inner = (value: number): Int32Array =>
      Int32Array.from({ length: nodes }, (_, i) => (i < depth ? i + value : 0));
    const { ensemble } = createRandomCase(1, { task: "regression", outputs: 1, features: 1 });
    const diamond: TreeEnsemble = {
      ...ensemble,
      roots: Int32Array.of(0),
      mode: new Uint8Array(nodes).fill(LEAF, depth),
      feature: new Int32Array(nodes),
      threshold: new Float64Array(nodes),
      trueChild: inner(1),
      falseChild: inner(1),
      missingTracksTrue: new Uint8Array(nodes),
      voteStart: new Int32Array(nodes + 1).fill(1, nodes),
      voteOutput: Int32Array.of(0),
      voteWeight: Float64Array.of(7),
      baseValues: new Float64Array(),
      aggregate: "SUM",
    };
    const { scores } = predict(createForestExecutor(diamond), Float64Array.of(-1, 1, NaN), 3);
    expect(scores).toEqual(Float32Array.of(7, 7, 7));
  });

  it("walks a tree of more than ten thousand levels", () => {
    const { ensemble } = createRandomCase(3, {
      task: "regression",
      outputs: 1,
      features: 1,
      shape: "chain",
      trees: 1,
      leaves: 400_000,
      modes: [NODE_MODES.indexOf("BRANCH_GT")],
      sharesChildren: false,
    });
    expect(ensemble.mode.length).toBeGreaterThan(50_000);
    const { scores } = predict(createForestExecutor(ensemble), Float64Array.of(0, 1e30), 2);
    expect(scores.every(Number.isFinite)).toBe(true);
  });

  it("resolves ties in favour of the first class", () => {
    const { ensemble } = createRandomCase(5, {
      task: "classification",
      outputs: 3,
      features: 1,
      trees: 1,
      shape: "stump",
      votes: "dense",
      inputType: "float",
      postTransform: "NONE",
    });
    const tied = { ...ensemble, baseValues: new Float64Array() };
    const label = (weights: number[]): number | undefined =>
      predict(
        createForestExecutor({ ...tied, voteWeight: Float64Array.from(weights) }),
        Float64Array.of(0),
        1,
      ).labels[0];
    expect(label([0.25, 0.5, 0.5])).toBe(1);
    expect(label([0.5, 0.5, 0.5])).toBe(0);
    expect(label([-1, -2, -1])).toBe(0);
  });

  it("changes neither the rows nor, for regression, the labels", () => {
    const { ensemble, rows } = createRandomCase(8, { task: "regression" });
    const batch = rows(10);
    const before = batch.slice();
    const labels = new Int32Array(10).fill(9);
    createForestExecutor(ensemble).run(batch, 10, new Float32Array(10 * ensemble.outputs), labels);
    expect(batch).toEqual(before);
    expect(labels).toEqual(new Int32Array(10).fill(9));
  });
});

/** Returns an ensemble in which each parent has its own copy of a shared leaf. */
function toUnshared(ensemble: TreeEnsemble): TreeEnsemble {
  const mode: number[] = [];
  const origins: number[] = [];
  const trueChild: number[] = [];
  const falseChild: number[] = [];
  const roots: number[] = [];
  const copy = (node: number): number => {
    const at = mode.push(ensemble.mode[node] ?? LEAF) - 1;
    origins.push(node);
    trueChild.push(0);
    falseChild.push(0);
    if (ensemble.mode[node] === LEAF) return at;
    trueChild[at] = copy(ensemble.trueChild[node] ?? 0);
    falseChild[at] = copy(ensemble.falseChild[node] ?? 0);
    return at;
  };
  for (const root of ensemble.roots) roots.push(copy(root));
  const voteStart = [0];
  const votes = origins.flatMap((node) => {
    const start = ensemble.voteStart[node] ?? 0;
    const end = ensemble.voteStart[node + 1] ?? 0;
    voteStart.push((voteStart.at(-1) ?? 0) + end - start);
    return Array.from({ length: end - start }, (_, i) => start + i);
  });
  return {
    ...ensemble,
    roots: Int32Array.from(roots),
    mode: Uint8Array.from(mode),
    feature: Int32Array.from(origins, (node) => ensemble.feature[node] ?? 0),
    threshold: Float64Array.from(origins, (node) => ensemble.threshold[node] ?? 0),
    trueChild: Int32Array.from(trueChild),
    falseChild: Int32Array.from(falseChild),
    missingTracksTrue: Uint8Array.from(origins, (node) => ensemble.missingTracksTrue[node] ?? 0),
    voteStart: Int32Array.from(voteStart),
    voteOutput: Int32Array.from(votes, (vote) => ensemble.voteOutput[vote] ?? 0),
    voteWeight: Float64Array.from(votes, (vote) => ensemble.voteWeight[vote] ?? 0),
  };
}

import { createRandom } from "../../src/kernel/random.ts";
import { saveArtifact } from "../../src/model/artifact.ts";
import { createForestExecutor } from "../../src/model/executor/forest-executor.ts";
import { createGolden } from "../../src/model/golden.ts";
import { encodeTreeEnsemble } from "../../src/model/onnx/write-tree-ensemble.ts";
import { LEAF, type TreeEnsemble } from "../../src/model/tree-ensemble.ts";

const FEATURES = 4;
const CLASSES = ["a", "b", "c"];
/** Depth of the trees: each has 16,384 leaves, and takes 1.5 MB in a file. */
const DEPTH = 14;

/** A row that a big model accepts. */
export const BIG_ROW = { x0: 0.1, x1: 0.2, x2: 0.3, x3: 0.4 };

/**
 * Writes the next version of a classifier of complete trees with random tests.
 *
 * @param trees each takes 1.5 MB in model.onnx
 * @returns the directory of the version
 */
export async function writeBigModel(models: string, name: string, trees: number): Promise<string> {
  const ensemble = createCompleteTrees(trees);
  const features = Object.keys(BIG_ROW);
  const random = createRandom(2);
  const rows = Float64Array.from({ length: 16 * FEATURES }, () => random.uniform());
  const { directory } = await saveArtifact(models, {
    manifest: {
      format: 2,
      name,
      task: "classification",
      features: features.map((feature) => ({
        name: feature,
        type: "number",
        precision: "float32",
        unit: null,
        min: 0,
        max: 1,
        nullable: false,
      })),
      classes: CLASSES,
      targets: ["y"],
      training: null,
      provenance: { tool: "test", created: "", data: null, data_sha256: null, options: {} },
      guard: null,
    },
    graph: encodeTreeEnsemble(ensemble, { producerVersion: "0", featureNames: features }),
    reference: null,
    golden: JSON.stringify(createGolden(createForestExecutor(ensemble), rows)),
  });
  return directory ?? "";
}

function createCompleteTrees(trees: number): TreeEnsemble {
  const random = createRandom(1);
  const inner = 2 ** DEPTH - 1;
  const size = 2 * inner + 1;
  const count = size * trees;
  const votes = trees * (inner + 1) * CLASSES.length;
  const ensemble = {
    task: "classification",
    inputType: "float",
    features: FEATURES,
    outputs: CLASSES.length,
    classes: CLASSES,
    roots: Int32Array.from({ length: trees }, (_, tree) => tree * size),
    mode: new Uint8Array(count),
    feature: new Int32Array(count),
    threshold: new Float64Array(count),
    trueChild: new Int32Array(count),
    falseChild: new Int32Array(count),
    missingTracksTrue: new Uint8Array(count),
    voteStart: new Int32Array(count + 1).fill(votes),
    voteOutput: new Int32Array(votes),
    voteWeight: new Float64Array(votes),
    baseValues: new Float64Array(0),
    postTransform: "NONE",
    aggregate: "SUM",
  } as const;
  let vote = 0;
  for (let node = 0; node < count; node++) {
    const index = node % size;
    ensemble.voteStart[node] = vote;
    if (index < inner) {
      ensemble.feature[node] = index % FEATURES;
      ensemble.threshold[node] = Math.fround(random.uniform());
      ensemble.trueChild[node] = node + index + 1;
      ensemble.falseChild[node] = node + index + 2;
      continue;
    }
    ensemble.mode[node] = LEAF;
    for (let output = 0; output < CLASSES.length; output++) {
      ensemble.voteOutput[vote] = output;
      ensemble.voteWeight[vote] = Math.fround((0.5 + random.uniform()) / (3 * trees));
      vote += 1;
    }
  }
  return ensemble;
}

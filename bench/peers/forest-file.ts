import { readFile } from "node:fs/promises";
import { parseTreeEnsemble } from "../../src/model/onnx/read-tree-ensemble.ts";
import { LEAF, NODE_MODES } from "../../src/model/tree-ensemble.ts";

/** A classification forest in the form that the servers in Go and Rust read: numbers by node, in one JSON document. */
interface ForestFile {
  readonly labels: readonly string[];
  readonly roots: readonly number[];
  /** −1 for a leaf. A row goes to the left if its feature is at most the threshold. */
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** Numbers that a leaf adds to those of the classes; empty for other nodes. */
  readonly shares: readonly (readonly number[])[];
}

/** Reads the forest of an ONNX file that Tepal has trained. */
export async function readForest(path: string): Promise<ForestFile> {
  const ensemble = parseTreeEnsemble(await readFile(path));
  const { classes, outputs, roots, mode, feature, threshold, voteStart } = ensemble;
  const isSimple =
    classes.length === outputs &&
    ensemble.baseValues.length === 0 &&
    ensemble.postTransform === "NONE" &&
    mode.every((each) => each === LEAF || NODE_MODES[each] === "BRANCH_LEQ");
  if (!isSimple) throw new Error(`Expected a forest of ${path} that adds up shares.`);
  const shares = Array.from(mode, (each, node) => {
    if (each !== LEAF) return [];
    const list = Array.from({ length: outputs }, () => 0);
    for (let vote = voteStart[node]!; vote < voteStart[node + 1]!; vote++) {
      list[ensemble.voteOutput[vote]!]! += ensemble.voteWeight[vote]!;
    }
    return list;
  });
  return {
    labels: classes.map(String),
    roots: [...roots],
    feature: Array.from(feature, (each, node) => (mode[node] === LEAF ? -1 : each)),
    threshold: [...threshold],
    left: [...ensemble.trueChild],
    right: [...ensemble.falseChild],
    shares,
  };
}

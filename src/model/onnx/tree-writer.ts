import { LEAF, type TreeEnsemble } from "../tree-ensemble.ts";

/** Builds a tree ensemble node by node. */
export interface TreeWriter {
  /** Number of nodes. */
  readonly count: number;
  /** The next node is the root of a new tree. */
  startTree(): void;
  /** Adds a node that `setNode` completes, and returns its place. */
  addNode(): number;
  setNode(place: number, node: InnerNode): void;
  /** Adds a leaf with its votes: outputs and weights. */
  addLeaf(votes: readonly (readonly [output: number, weight: number])[]): number;
  finish(rest: Pick<TreeEnsemble, "baseValues" | "postTransform" | "aggregate">): TreeEnsemble;
}

interface InnerNode {
  /** Index into NODE_MODES. */
  readonly mode: number;
  readonly feature: number;
  readonly threshold: number;
  readonly onTrue: number;
  readonly onFalse: number;
  readonly tracksTrue: boolean;
}

/** Creates a writer. With type float, thresholds must be float32 numbers. */
export function createTreeWriter(
  head: Pick<TreeEnsemble, "task" | "inputType" | "features" | "outputs" | "classes">,
): TreeWriter {
  const roots: number[] = [];
  const nodes: (InnerNode | undefined)[] = [];
  const votes: (readonly (readonly [output: number, weight: number])[])[] = [];

  return {
    get count() {
      return nodes.length;
    },
    startTree() {
      roots.push(nodes.length);
    },
    addNode() {
      nodes.push(undefined);
      votes.push([]);
      return nodes.length - 1;
    },
    setNode(place, node) {
      nodes[place] = node;
    },
    addLeaf(given) {
      nodes.push(undefined);
      votes.push(given);
      return nodes.length - 1;
    },
    finish(rest) {
      const inner = (read: (node: InnerNode) => number): number[] =>
        nodes.map((node) => (node === undefined ? 0 : read(node)));
      const voteStart = new Int32Array(nodes.length + 1);
      for (const [i, each] of votes.entries()) voteStart[i + 1] = voteStart[i]! + each.length;
      return {
        ...head,
        ...rest,
        roots: Int32Array.from(roots),
        mode: Uint8Array.from(nodes, (node) => node?.mode ?? LEAF),
        feature: Int32Array.from(inner(({ feature }) => feature)),
        threshold: Float64Array.from(inner(({ threshold }) => threshold)),
        trueChild: Int32Array.from(inner(({ onTrue }) => onTrue)),
        falseChild: Int32Array.from(inner(({ onFalse }) => onFalse)),
        missingTracksTrue: Uint8Array.from(inner(({ tracksTrue }) => (tracksTrue ? 1 : 0))),
        voteStart,
        voteOutput: Int32Array.from(votes.flatMap((each) => each.map(([output]) => output))),
        voteWeight: Float64Array.from(votes.flatMap((each) => each.map(([, weight]) => weight))),
      };
    },
  };
}

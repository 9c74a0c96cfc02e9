import { TepalError } from "../../kernel/errors.ts";
import { createEngineClient, type EngineClient } from "../../model/engine/engine-client.ts";
import { DEFAULT_ENGINE } from "../../model/engine/options.ts";
import { findRuntime, INSTALL_COMMAND } from "../../model/engine/find-runtime.ts";
import {
  readEngineFile,
  toEngineGraph,
  type EngineFile,
  type EngineModel,
} from "../../model/engine/read-engine-graph.ts";

/** A graph that onnxruntime computes, as far as it is known without data. */
export interface InspectedGraph {
  readonly model: EngineModel;
  readonly file: EngineFile;
  /** Per feature: true if it may be missing, and the graph predicts finite numbers then. */
  readonly isFinite: readonly boolean[];
}

interface Examples {
  readonly rows: Float64Array;
  readonly mayLack: readonly boolean[];
}

/**
 * Reads a graph that Tepal does not compute, and runs it in onnxruntime to learn about its outputs.
 *
 * @param reason why Tepal does not compute it; undefined if it does
 * @param toExamples returns rows of small numbers for its inputs, row-major, and by feature whether it may be missing
 * @throws TepalError MODEL_UNSUPPORTED; `reason` with the command that helps if onnxruntime-node is not installed
 */
export async function inspectEngineGraph(
  bytes: Uint8Array,
  reason: TepalError | undefined,
  toExamples: (file: EngineFile) => Examples,
): Promise<InspectedGraph> {
  const file = readEngineFile(bytes);
  if (reason !== undefined && findRuntime() === undefined) {
    throw new TepalError(
      "MODEL_UNSUPPORTED",
      `${reason.message} Or install onnxruntime, with which Tepal serves this model: \`${INSTALL_COMMAND}\``,
      { cause: reason },
    );
  }
  const unknown = { task: "regression", outputs: 0, classes: [] } as const;
  const client = createEngineClient(toEngineGraph(file, unknown), DEFAULT_ENGINE);
  await client.start();
  try {
    const { rows: examples, mayLack } = toExamples(file);
    const width = file.width ?? (await measureWidth(client, file, examples));
    const graph = toEngineGraph(file, decideOutputs(file, width));
    const isFinite = await findFinite(client, mayLack, examples);
    return { model: { kind: "onnxruntime", graph }, file, isFinite };
  } finally {
    await client.close();
  }
}

/** Returns the number of scores of a row. @throws TepalError MODEL_UNSUPPORTED if the graph fails for all examples */
async function measureWidth(
  client: EngineClient,
  { features }: EngineFile,
  examples: Float64Array,
): Promise<number> {
  let failure: unknown;
  for (let at = 0; at < examples.length; at += features) {
    try {
      const { scores } = await client.run({ values: examples.slice(at, at + features), count: 1 });
      return scores.length;
    } catch (error) {
      failure = error;
    }
  }
  throw new TepalError(
    "MODEL_UNSUPPORTED",
    `Unsupported ONNX model: Expected an output with a stated number of columns, got one that only a run shows, and the graph fails for rows of small integers. Export it with the shapes of its outputs.`,
    { cause: failure },
  );
}

/** A graph without a label, or with one score, is a regression, as for graphs that Tepal computes. */
function decideOutputs(
  file: EngineFile,
  width: number,
): Pick<EngineModel["graph"], "task" | "outputs" | "classes"> {
  if (file.label === undefined || width < 2) {
    return { task: "regression", outputs: width, classes: [] };
  }
  const classes = file.findClasses(width);
  if (classes !== undefined) return { task: "classification", outputs: width, classes };
  throw new TepalError(
    "MODEL_UNSUPPORTED",
    `Unsupported ONNX model: output "${file.label.name}": Expected a label whose ${width} classes the graph lists, got one that is computed in another way. Export the model with ZipMap, which names the classes.`,
  );
}

async function findFinite(
  client: EngineClient,
  mayLack: readonly boolean[],
  examples: Float64Array,
): Promise<boolean[]> {
  const found = mayLack.map(() => false);
  for (const [feature, isPossible] of mayLack.entries()) {
    if (!isPossible) continue;
    const values = examples.slice(0, mayLack.length).with(feature, Number.NaN);
    try {
      const { scores } = await client.run({ values, count: 1 });
      found[feature] = scores.every(Number.isFinite);
    } catch (error) {
      if (!(error instanceof TepalError)) throw error;
      // Some graphs end the process for a missing value: try no other.
      if (error.code !== "INVALID_INPUT") break;
    }
  }
  return found;
}

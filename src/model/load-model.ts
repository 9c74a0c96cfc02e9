import { TepalError, type Problem } from "../kernel/errors.ts";
import { readArtifact, type Artifact } from "./artifact.ts";
import { createForestExecutor } from "./executor/forest-executor.ts";
import { checkGolden, parseGolden } from "./golden.ts";
import type { Manifest } from "./manifest.ts";
import type { Executor, LoadedModel } from "./model.ts";
import { parseTreeEnsemble } from "./onnx/read-tree-ensemble.ts";

const MAX_PROBLEMS = 20;

/**
 * Loads a model version from its directory, checks all of its files, and checks that it reproduces its golden pairs.
 *
 * The caller owns the result. Its executor keeps buffers, so it must not be shared between threads.
 *
 * @param directory path of the version, for example `models/iris/1`
 * @throws TepalError MODEL_DAMAGED when a file is missing, changed or invalid, MODEL_UNSUPPORTED when the graph has
 *   operators that Tepal cannot run
 * @example
 * ```ts
 * import { loadModel, trainModel } from "tepal";
 *
 * const data = [1, 2, 8, 9].map((length) => ({ length, size: length < 5 ? "small" : "large" }));
 * await trainModel({ data, target: "size", models: "models", name: "size" });
 * const { executor, manifest } = await loadModel("models/size/1");
 * const rows = Float64Array.of(1.5, 8.5); // 2 rows × 1 feature
 * const scores = new Float32Array(2 * executor.outputs); // 2 rows × 2 classes
 * const labels = new Int32Array(2);
 * executor.run(rows, 2, scores, labels);
 * console.log(Array.from(labels, (label) => manifest.classes[label])); // [ "small", "large" ]
 * ```
 */
export async function loadModel(directory: string): Promise<LoadedModel> {
  return toLoadedModel(await readArtifact(directory));
}

/**
 * Creates the executor of a version, and checks that it reproduces the golden pairs.
 *
 * @throws TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED
 */
export function toLoadedModel(artifact: Artifact): LoadedModel {
  const executor = createForestExecutor(parseTreeEnsemble(artifact.graph));
  checkMatch(artifact.manifest, executor);
  const golden = parseGolden(artifact.golden);
  checkGolden(golden, executor);
  const { directory, manifest, reference } = artifact;
  const example = golden.pairs[0]?.input ?? manifest.features.map(({ min }) => min ?? 0);
  return { directory, manifest, executor, reference, example };
}

function checkMatch(manifest: Manifest, executor: Executor): void {
  const problems = listMismatches(manifest, executor).slice(0, MAX_PROBLEMS);
  if (problems.length === 0) return;
  const listed = problems.map(({ at, message }) => `${at}: ${message}`).join(" ");
  throw new TepalError(
    "MODEL_DAMAGED",
    `manifest.json and model.onnx belong to different models. ${listed} Restore both files from the same copy.`,
    { problems },
  );
}

function listMismatches(manifest: Manifest, executor: Executor): readonly Problem[] {
  const problems: Problem[] = [];
  const compare = (
    at: string,
    stated: string | number,
    actual: string | number,
    unit = "",
  ): void => {
    if (stated === actual) return;
    problems.push({ at, message: `Expected ${actual}${unit} as in model.onnx, got ${stated}.` });
  };
  compare("/task", manifest.task, executor.task);
  compare("/features", manifest.features.length, executor.features, " features");
  if (manifest.task === "regression") {
    compare("/targets", manifest.targets.length, executor.outputs, " targets");
    return problems;
  }
  compare("/classes", manifest.classes.length, executor.outputs, " classes");
  if (problems.length > 0) return problems;
  for (const [i, name] of manifest.classes.entries()) {
    compare(`/classes/${i}`, name, String(executor.classes[i]));
  }
  return problems;
}

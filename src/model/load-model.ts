import { readArtifact } from "./artifact.ts";
import { DEFAULT_ENGINE, type EngineOptions } from "./engine/options.ts";
import { createLoader } from "./loading/loader.ts";
import { openModel, verifyArtifact } from "./loading/verify-artifact.ts";
import type { AnyExecutor, LoadedModel } from "./model.ts";

/**
 * Loads a model version from its directory, checks all of its files, and checks that it reproduces its golden pairs.
 *
 * A thread of its own loads a large model, so the event loop stays free. The caller owns the result. Its executor keeps buffers,
 * so it must not be shared between threads. With a model of onnxruntime, `run` returns a promise; the caller closes its executor.
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
 * await executor.run(rows, 2, scores, labels);
 * console.log(Array.from(labels, (label) => manifest.classes[label])); // [ "small", "large" ]
 * ```
 */
export async function loadModel(directory: string): Promise<LoadedModel<AnyExecutor>> {
  await using loader = createLoader();
  return await loader.load(directory);
}

/** Does the same in this thread, for threads that do nothing else meanwhile. @param engine limits of a model of another engine */
export async function loadModelHere(
  directory: string,
  engine: EngineOptions = DEFAULT_ENGINE,
): Promise<LoadedModel<AnyExecutor>> {
  return await openModel(verifyArtifact(await readArtifact(directory)), engine);
}

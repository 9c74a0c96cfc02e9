import { TepalError } from "../kernel/errors.ts";
import { readArtifact } from "./artifact.ts";
import { createForestExecutor } from "./executor/forest-executor.ts";
import { checkGolden, parseGolden } from "./golden.ts";
import type { Manifest } from "./manifest.ts";
import type { Executor } from "./model.ts";
import { parseTreeEnsemble } from "./onnx/read-tree-ensemble.ts";

/** A model version that can predict. */
export interface LoadedModel {
  readonly directory: string;
  readonly manifest: Manifest;
  readonly executor: Executor;
  /** For the guard; null when the model has none. */
  readonly reference: Uint8Array | null;
  /** A real row in feature order, for documentation: the first golden input, if there is one. */
  readonly example: readonly (number | null)[];
}

/**
 * Loads one version directory and makes sure that it does what it did when it was made.
 * @throws TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED
 */
export async function loadModel(directory: string): Promise<LoadedModel> {
  const artifact = await readArtifact(directory);
  const executor = createForestExecutor(parseTreeEnsemble(artifact.graph));
  checkAgreement(artifact.manifest, executor);
  const golden = parseGolden(artifact.golden);
  checkGolden(golden, executor);
  const { manifest, reference } = artifact;
  const example = golden.pairs[0]?.input ?? manifest.features.map(({ min }) => min ?? 0);
  return { directory, manifest, executor, reference, example };
}

function checkAgreement(manifest: Manifest, executor: Executor): void {
  const outputs = manifest.task === "classification" ? manifest.classes : manifest.targets;
  const faults: string[] = [];
  const compare = (what: string, said: string | number, found: string | number): void => {
    if (said !== found) faults.push(`${what}: the manifest says ${said}, the graph ${found}`);
  };
  compare("task", manifest.task, executor.task);
  compare("number of features", manifest.features.length, executor.features);
  compare("number of outputs", outputs.length, executor.outputs);
  if (manifest.task === "classification" && faults.length === 0) {
    manifest.classes.forEach((name, i) => compare(`class ${i}`, name, String(executor.classes[i])));
  }
  if (faults.length > 0) {
    throw new TepalError("MODEL_DAMAGED", `Manifest and graph disagree: ${faults.join("; ")}`);
  }
}

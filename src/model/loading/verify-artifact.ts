import { compileGuard, type CompiledGuard } from "../../guard/compile-guard.ts";
import { createGuard } from "../../guard/create-guard.ts";
import { parseGuardParameters } from "../../guard/parse-parameters.ts";
import { checkOutputReference } from "../../guard/output-reference.ts";
import { InputProblems } from "../../kernel/check.ts";
import { TepalError, type Problem } from "../../kernel/errors.ts";
import type { Artifact } from "../artifact.ts";
import { compileModel, createModelExecutor, type CompiledModel } from "../compile-model.ts";
import { listGraphCategories, toCategoryColumns } from "../category-columns.ts";
import type { CategoryColumn } from "../executor/category-executor.ts";
import type { EngineOptions } from "../engine/options.ts";
import { readEngineModel, type EngineModel } from "../engine/read-engine-graph.ts";
import { startRemoteExecutor } from "../engine/remote-executor.ts";
import { checkGolden, checkRemoteGolden, parseGolden, type Golden } from "../golden.ts";
import { toInvalidFile } from "../invalid-file.ts";
import type { Manifest } from "../manifest.ts";
import type { AnyExecutor, Executor, LoadedModel, RemoteExecutor } from "../model.ts";

const MAX_PROBLEMS = 20;

/**
 * A model version that has passed all checks, as numbers, strings and typed arrays, which can be sent to another thread. To create the
 * model from it takes no time that depends on its size, but for one copy of a large forest (20 ms for 50 MB).
 */
export interface VerifiedModel {
  readonly directory: string | null;
  readonly manifest: Manifest;
  readonly model: CompiledModel | EngineModel;
  /** The golden pairs that a model of another engine has to reproduce; null once they are checked. */
  readonly golden: Golden | null;
  readonly columns: readonly CategoryColumn[];
  readonly guard: CompiledGuard | null;
  readonly example: LoadedModel["example"];
}

/**
 * Parses and checks the files of a version, and checks that it reproduces its golden pairs, unless another engine computes it. Takes seconds
 * for a file of 100 MB.
 *
 * @throws TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED
 */
export function verifyArtifact(artifact: Artifact): VerifiedModel {
  const { directory, manifest } = artifact;
  const model =
    manifest.engine === undefined
      ? compileModel(artifact.graph)
      : readEngineModel(artifact.graph, manifest);
  checkMatch(manifest, model);
  const columns = toCategoryColumns(model, manifest.features);
  verifyOutputReference(manifest);
  const golden = parseGolden(artifact.golden);
  const isRemote = model.kind === "onnxruntime";
  if (!isRemote) checkGolden(golden, createModelExecutor(model, columns));
  const example = golden.pairs[0]?.input ?? manifest.features.map(({ min }) => min ?? 0);
  return {
    directory,
    manifest,
    model,
    golden: isRemote ? golden : null,
    columns,
    guard: verifyGuard(artifact),
    example,
  };
}

/** After the classes are those of the graph, so that a problem of these is reported as such. */
function verifyOutputReference({ output_reference: reference, classes }: Manifest): void {
  if (reference === undefined) return;
  const problems = new InputProblems();
  checkOutputReference(reference, classes.length, "/output_reference", problems);
  if (problems.list.length > 0) throw toInvalidFile("manifest.json", problems.list);
}

function verifyGuard({ manifest, reference }: Artifact): CompiledGuard | null {
  if (manifest.guard === null || reference === null) return null;
  const parameters = parseGuardParameters(
    manifest.guard,
    manifest.features,
    manifest.classes.length,
  );
  return compileGuard(parameters, reference, manifest.features);
}

/**
 * Creates the executor and the trust check. For another engine, starts its process, which has to reproduce the golden pairs.
 * @throws TepalError MODEL_UNSUPPORTED if the engine cannot load the graph; MODEL_DAMAGED
 */
export async function openModel(
  verified: VerifiedModel,
  options: EngineOptions,
): Promise<LoadedModel<AnyExecutor>> {
  const { directory, manifest, model, golden, columns, guard, example } = verified;
  return {
    directory,
    manifest,
    executor:
      model.kind === "onnxruntime"
        ? await startEngine(model, golden, columns, options)
        : createModelExecutor(model, columns),
    guard: guard === null ? null : createGuard(guard),
    example,
  };
}

async function startEngine(
  { graph }: EngineModel,
  golden: Golden | null,
  columns: readonly CategoryColumn[],
  options: EngineOptions,
): Promise<RemoteExecutor> {
  const executor = await startRemoteExecutor(graph, columns, options);
  try {
    if (golden !== null) await checkRemoteGolden(golden, executor);
    return executor;
  } catch (error) {
    await executor.close();
    throw error;
  }
}

function checkMatch(manifest: Manifest, model: CompiledModel | EngineModel): void {
  const form = model.kind === "onnxruntime" ? model.graph : createModelExecutor(model);
  const problems = [...listMismatches(manifest, form), ...listOtherTypes(manifest, model)].slice(
    0,
    MAX_PROBLEMS,
  );
  if (problems.length === 0) return;
  const listed = problems.map(({ at, message }) => `${at}: ${message}`).join(" ");
  throw new TepalError(
    "MODEL_DAMAGED",
    `manifest.json and model.onnx belong to different models. ${listed} Restore both files from the same copy.`,
    { problems },
  );
}

/** Strings of the graph have to be categories. */
function listOtherTypes(
  { features }: Manifest,
  model: CompiledModel | EngineModel,
): readonly Problem[] {
  return [...listGraphCategories(model).keys()].flatMap((index) => {
    const type = features[index]?.type;
    if (type === undefined || type === "category") return [];
    const message = `Expected a category as in model.onnx, got ${type}.`;
    return [{ at: `/features/${index}/type`, message }];
  });
}

function listMismatches(manifest: Manifest, executor: Omit<Executor, "run">): readonly Problem[] {
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

import { fitFeatureReference } from "../guard/fit/fit-feature-reference.ts";
import { MAX_GUARD_FEATURES, fitGuard } from "../guard/fit/fit-guard.ts";
import type { FittedGuard } from "../guard/guard.ts";
import { systemClock, type Clock } from "../kernel/clock.ts";
import type { ArtifactParts } from "../model/artifact.ts";
import { compileModel, createModelExecutor } from "../model/compile-model.ts";
import { resolveForestOptions, type ResolvedForestOptions } from "./forest/options.ts";
import { trainForest, type TrainedForest } from "./forest/train.ts";
import { expectLocal } from "../model/expect-local.ts";
import { createGolden } from "../model/golden.ts";
import { MANIFEST_FORMAT } from "../model/manifest.ts";
import type { ClassLabels } from "../model/model.ts";
import { toCategoryColumns } from "../model/category-columns.ts";
import { encodeMixedEnsemble } from "../model/onnx/write-mixed-ensemble.ts";
import { withModelVersion } from "../model/onnx/encode-model.ts";
import { encodeTreeEnsemble } from "../model/onnx/write-tree-ensemble.ts";
import { hasCategories } from "../tabular/schema.ts";
import { shorten } from "../tabular/feature-codec.ts";
import { readVersion } from "../version.ts";
import { describeColumns } from "./column-table.ts";
import { crossValidate } from "./report/cross-validate.ts";
import { describeFloat32Losses, toColumns, type NumberColumn } from "./float32-loss.ts";
import { toTrainingData, type TrainingData } from "./load-data.ts";
import { checkModelName, pickGoldenRows } from "./model-request.ts";
import { openData, toMissingValues, toModelName, type OpenedData } from "./open-data.ts";
import { toOutputReference } from "./report/output-reference.ts";
import { createReport } from "./report/report.ts";
import type { TrainingReport } from "./report/training-report.ts";
import { storeModel } from "./store-model.ts";
import type {
  TrainedModel,
  TrainHooks,
  TrainRequest,
  WithDirectory,
  WithFolder,
} from "./training.ts";

const FOLDS = 5;

/**
 * Trains a random forest on a table, evaluates it by cross-validation, and fits the trust check. With `models`, writes the next
 * version of the model. The same request gives the same bytes, except for the version number and the time stamps.
 *
 * @throws TepalError INVALID_DATA, INVALID_OPTION, CANNOT_WRITE or CANCELLED; nothing is written then
 * @example
 * ```ts
 * import { createServer, trainModel } from "tepal";
 *
 * const data = Array.from({ length: 40 }, (_, i) => ({ length: i, size: i < 20 ? "small" : "large" }));
 * const { model, report } = await trainModel({ data, target: "size", name: "size", trees: 16 });
 * console.log(report.rows); // 40
 *
 * const server = await createServer({ port: 0, models: [model] });
 * const url = await server.listen();
 * const reply = await fetch(`${url}/predict`, {
 *   method: "POST",
 *   headers: { "content-type": "application/json" },
 *   body: JSON.stringify({ length: 35 }),
 * });
 * console.log(await reply.json()); // { prediction: …, label: "large", … }
 * await server.close();
 * ```
 */
export async function trainModel(
  request: TrainRequest & WithFolder,
  hooks?: TrainHooks,
): Promise<TrainedModel & WithDirectory>;
export async function trainModel(request: TrainRequest, hooks?: TrainHooks): Promise<TrainedModel>;
export async function trainModel(
  request: TrainRequest,
  hooks: TrainHooks = {},
): Promise<TrainedModel> {
  const name = request.name ?? toDefaultName(request.data);
  const { signal, onProgress = () => {}, clock = systemClock } = hooks;
  checkModelName(name);
  const begun = clock.monotonicSeconds();
  const source = await openData(request.data, request, {
    target: request.target,
    onNotice: hooks.onNotice,
  });
  const data = toTrainingData(source.table, { ...request, name: source.name });
  const { set, features } = data;
  for (const { index, reason } of data.leftOut) {
    if (reason.startsWith("--")) continue;
    const column = shorten(source.table.header[index]!);
    hooks.onNotice?.(`${source.name}: column "${column}" is left out: ${reason}`);
  }
  if (hooks.onColumns !== undefined) {
    hooks.onColumns(await describeColumns(source.table, data, signal));
  }
  for (const message of describeFloat32Losses(listNumberColumns(data))) {
    hooks.onWarning?.(`${source.name}: ${message}`);
  }
  const resolved = resolveForestOptions(request, {
    task: set.target.task,
    rows: set.rows.count,
    features: features.length,
  });

  // One forest for each fold and the final one: equal parts of the work.
  const parts = FOLDS + 1;
  const evaluation = await crossValidate(set, request, {
    folds: FOLDS,
    seed: resolved.seed,
    signal,
    onProgress: (done) => onProgress(done / parts),
  });
  const forest = await trainForest(set, request, {
    signal,
    onProgress: (trees) => onProgress((FOLDS + trees / resolved.trees) / parts),
  });
  const { guard, ...files } = encodeModel(data, forest, resolved.seed, describe(data, resolved));
  const report = createReport({
    data: set,
    featureNames: features.map((feature) => feature.name),
    forest,
    evaluation,
    seconds: clock.monotonicSeconds() - begun,
  });
  const described = toManifest(name, data, source, resolved, report, clock);
  const outputReference = toOutputReference(
    { out_of_bag: forest.outOfBagPredictions, cross_validation: evaluation.predictions },
    resolved.trees,
    described.classes.length,
  );
  const manifest = {
    ...described,
    ...toMissingValues(request),
    ...(outputReference === undefined ? {} : { output_reference: outputReference }),
    ...(guard === null &&
      hasCategories(features) && { feature_reference: fitFeatureReference(set.rows, features) }),
    guard,
  };
  const artifact = { ...files, manifest };
  const model = expectLocal(await storeModel(request.models, artifact, signal));
  return {
    model,
    name,
    version: model.manifest.version,
    directory: model.directory,
    taskIsInferred: data.taskIsInferred,
    hasGuard: guard !== null,
    report,
  };
}

function* listNumberColumns({ set, features, target }: TrainingData): Generator<NumberColumn> {
  yield* toColumns(
    features.map(({ name }) => name),
    set.rows.values,
  );
  if (set.target.task === "regression") yield { name: target, values: set.target.values };
}

function toManifest(
  name: string,
  { set, features, target }: TrainingData,
  { provenance }: OpenedData,
  options: ResolvedForestOptions,
  report: TrainingReport,
  clock: Clock,
): Omit<ArtifactParts["manifest"], "guard"> {
  const labels = set.target.task === "classification" ? set.target.classes : [];
  return {
    format: MANIFEST_FORMAT,
    name,
    task: set.target.task,
    features: [...features],
    classes: labels.map(String),
    ...toClassValues(labels),
    targets: [target],
    training: report,
    provenance: {
      tool: `tepal ${readVersion()}`,
      created: new Date(clock.nowMs()).toISOString(),
      ...provenance,
      options: {
        trees: options.trees,
        max_depth: Number.isFinite(options.maxDepth) ? options.maxDepth : null,
        min_samples_leaf: options.minSamplesLeaf,
        max_features: options.maxFeatures,
        seed: options.seed,
      },
    },
  };
}

/** Returns the values of classes that are numbers. Those with decimals are strings in the graph. */
function toClassValues(labels: ClassLabels): Pick<ArtifactParts["manifest"], "class_values"> {
  const values = labels.map(Number);
  const areNumbers = values.every(
    (value, i) => Number.isFinite(value) && String(value) === String(labels[i]),
  );
  return labels.length > 0 && areNumbers ? { class_values: values } : {};
}

interface EncodedModel extends Omit<ArtifactParts, "manifest"> {
  /** Parameters of the trust check; null without one. */
  readonly guard: FittedGuard["parameters"] | null;
}

/** Describes a model in its ONNX file. */
function describe({ set, target }: TrainingData, { trees }: ResolvedForestOptions): string {
  const { rows } = set;
  const inputs = `${rows.width} ${rows.width === 1 ? "feature" : "features"}`;
  const kind = set.target.task === "classification" ? "class" : "value";
  return `Random forest of ${trees} ${trees === 1 ? "tree" : "trees"}: predicts the ${kind} of ${target} from ${inputs}. Trained by Tepal on ${rows.count} rows.`;
}

/** Encodes the forest, fits the trust check, and records golden predictions. */
function encodeModel(
  data: TrainingData,
  forest: TrainedForest,
  seed: number,
  description: string,
): EncodedModel {
  const guard = fitTrainingGuard(data);
  const graph = encodeGraph(data, forest, description);
  // Golden predictions come from the written bytes, not from the ensemble in memory.
  const compiled = compileModel(graph);
  const executor = createModelExecutor(compiled, toCategoryColumns(compiled, data.features));
  const golden = createGolden(executor, pickGoldenRows(data.set.rows, seed));
  return {
    guard: guard?.parameters ?? null,
    graph: (version) => withModelVersion(graph, version),
    reference: guard?.reference ?? null,
    golden: `${JSON.stringify(golden)}\n`,
  };
}

/** With categories, each feature is an input of its own; otherwise all are columns of one. */
function encodeGraph(
  { features }: TrainingData,
  { ensemble }: TrainedForest,
  description: string,
): Uint8Array {
  const options = {
    producerVersion: readVersion(),
    featureNames: features.map(({ name }) => name),
    nullableFeatures: features.flatMap(({ name, nullable }) => (nullable ? [name] : [])),
    description,
  };
  if (!hasCategories(features)) {
    return encodeTreeEnsemble(ensemble, options);
  }
  const inputs = features.map(({ name, categories, nullable }) => ({
    name,
    categories: categories?.map(({ value }) => value) ?? null,
    nullable,
  }));
  return encodeMixedEnsemble(ensemble, inputs, options);
}

function toDefaultName(data: TrainRequest["data"]): string {
  return typeof data === "string" ? toModelName(data) : "model";
}

/** Null if there are more features than the trust check can compare in reasonable time. */
function fitTrainingGuard({ set, features }: TrainingData): FittedGuard | null {
  const { rows, target } = set;
  if (rows.width > MAX_GUARD_FEATURES) return null;
  return target.task === "classification"
    ? fitGuard(rows, target.labels, target.classes.length, { features })
    : fitGuard(rows, null, 0, { features });
}

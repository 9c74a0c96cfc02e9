import { basename } from "node:path";
import { MAX_GUARD_FEATURES, fitGuard } from "../../guard/fit/fit-guard.ts";
import type { FittedGuard } from "../../guard/guard.ts";
import { systemClock } from "../../kernel/clock.ts";
import { TepalError } from "../../kernel/errors.ts";
import { toNumericClasses } from "../../model/class-values.ts";
import { createForestExecutor } from "../../model/executor/forest-executor.ts";
import { createGolden } from "../../model/golden.ts";
import { MANIFEST_FORMAT, MAX_CLASSES } from "../../model/manifest.ts";
import type { Executor } from "../../model/model.ts";
import { readFeatureNames } from "../../model/onnx/feature-names.ts";
import { parseTreeEnsemble } from "../../model/onnx/read-tree-ensemble.ts";
import type { TreeEnsemble } from "../../model/tree-ensemble.ts";
import { MAX_FEATURES, findNameProblem } from "../../tabular/schema.ts";
import type { Feature, Rows } from "../../tabular/tabular.ts";
import { toFeatureTable } from "../feature-table.ts";
import { describeFloat32Losses, toColumns } from "../float32-loss.ts";
import { checkModelName, pickGoldenRows } from "../model-request.ts";
import { openData, readBytes, toModelName, type OpenedData } from "../open-data.ts";
import { storeModel } from "../store-model.ts";
import { findForeignFormat } from "./foreign-format.ts";
import { measureFit, type Predicted } from "./measure-fit.ts";
import { toInvalidData } from "../table-problems.ts";
import type {
  ImportedModel,
  ImportHooks,
  ImportRequest,
  WithDirectory,
  WithFolder,
} from "../training.ts";
import { readVersion } from "../../version.ts";

/**
 * Makes a model version from an ONNX file that another library exported. With `models`, writes the next version of the model.
 *
 * @throws TepalError MODEL_DAMAGED, MODEL_UNSUPPORTED, INVALID_DATA, INVALID_OPTION or CANNOT_WRITE; nothing is written then
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { importModel, trainModel } from "tepal";
 *
 * // Any ONNX file with one tree ensemble; here, that of a trained model.
 * const data = [1, 2, 8, 9].map((length) => ({ length, size: length < 5 ? "small" : "large" }));
 * await trainModel({ data, target: "size", models: "models", name: "size" });
 *
 * const graph = await readFile("models/size/1/model.onnx");
 * const { model, fit } = await importModel({ graph, data, target: "size", name: "imported" });
 * console.log(model.manifest.features[0]?.name, fit); // length 1
 * ```
 */
export async function importModel(
  request: ImportRequest & WithFolder,
  hooks?: ImportHooks,
): Promise<ImportedModel & WithDirectory>;
export async function importModel(
  request: ImportRequest,
  hooks?: ImportHooks,
): Promise<ImportedModel>;
export async function importModel(
  request: ImportRequest,
  { clock = systemClock, onNotice, onWarning = () => {} }: ImportHooks = {},
): Promise<ImportedModel> {
  const { target } = request;
  const graph = typeof request.graph === "string" ? await readBytes(request.graph) : request.graph;
  const name = request.name ?? toDefaultName(request.graph);
  checkModelName(name);
  const ensemble = readEnsemble(request.graph, graph);
  const executor = createForestExecutor(ensemble);
  // Before anything is allocated per feature: a small file may declare millions.
  if (executor.features > MAX_FEATURES || executor.outputs > MAX_CLASSES) {
    throw new TepalError(
      "MODEL_UNSUPPORTED",
      `Expected a graph with at most ${MAX_FEATURES} features and ${MAX_CLASSES} outputs, ` +
        `got ${executor.features} and ${executor.outputs}.`,
    );
  }
  const source =
    request.data === undefined ? null : await openData(request.data, request, onNotice);
  const data = source === null ? null : readData(source, request, executor);
  const features = data === null ? nameFeatures(ensemble, graph) : adapt(data.features, ensemble);
  if (data !== null && source !== null && ensemble.inputType === "float") {
    const names = features.map((feature) => feature.name);
    for (const message of describeFloat32Losses(toColumns(names, data.rows.values)))
      onWarning(`${source.name}: ${message}`);
  }
  const predicted = data === null ? null : predict(executor, data.rows);
  checkFinite(
    predicted?.scores ?? new Float32Array(0),
    executor,
    (row) => `row ${row + 1} of ${source?.name}`,
  );
  const fit =
    source === null || predicted === null || target === undefined
      ? null
      : measureFit(executor, predicted, source.table, { target, name: source.name });
  const guard =
    data === null || predicted === null
      ? null
      : fitImportedGuard(data.rows, executor, predicted.labels);
  const golden = createGolden(executor, pickGoldenRows(data?.rows ?? toThresholdRows(ensemble), 0));
  checkFinite(
    golden.pairs.flatMap(({ scores }) => scores),
    executor,
    (row) => `an input with the thresholds of its trees (golden prediction ${row + 1})`,
  );

  const model = await storeModel(request.models, {
    manifest: {
      format: MANIFEST_FORMAT,
      name,
      task: executor.task,
      features: [...features],
      classes: executor.classes.map(String),
      ...toClassValues(executor),
      targets: nameTargets(executor, target),
      training: null,
      provenance: {
        tool: `tepal ${readVersion()}`,
        created: new Date(clock.nowMs()).toISOString(),
        ...(source?.provenance ?? { data: null, data_sha256: null }),
        options: {},
      },
      guard: guard?.parameters ?? null,
    },
    graph,
    reference: guard?.reference ?? null,
    golden: `${JSON.stringify(golden)}\n`,
  });
  const { directory, manifest } = model;
  return { model, name, version: manifest.version, directory, hasGuard: guard !== null, fit };
}

function readData(
  { table, name }: OpenedData,
  { target, units }: ImportRequest,
  executor: Executor,
): { readonly rows: Rows; readonly features: readonly Feature[] } {
  const data = toFeatureTable(table, { name, leaveOut: target ?? null, units });
  if (data.rows.width === executor.features) return data;
  const message =
    `Expected ${executor.features} feature columns as the graph has inputs, got ${data.rows.width}. ` +
    "Order the columns as the graph's inputs, and name the predicted column as the target.";
  throw toInvalidData(name, [{ at: "header", message }]);
}

/** Properties that only the graph knows: its number type, and whether it was trained with missing values. */
function adapt(features: readonly Feature[], ensemble: TreeEnsemble): Feature[] {
  const type = ensemble.inputType === "double" ? "float64" : "float32";
  const hasLearned = ensemble.missingTracksTrue.includes(1);
  return features.map((feature) => ({
    ...feature,
    type,
    nullable: feature.nullable || hasLearned,
  }));
}

function nameFeatures(ensemble: TreeEnsemble, graph: Uint8Array): Feature[] {
  const given = readFeatureNames(graph) ?? [];
  const isUsable =
    new Set(given).size === ensemble.features &&
    given.every((name) => findNameProblem(name) === undefined);
  const names = isUsable ? given : [];
  const features = Array.from({ length: ensemble.features }, (_, i): Feature => {
    const name = names[i] ?? `f${i}`;
    return { name, type: "float32", unit: null, min: null, max: null, nullable: false };
  });
  return adapt(features, ensemble);
}

/** Strings stay text, also strings of digits: the label of scikit-learn and onnxruntime is then a string. */
function toClassValues({ classes }: Executor): { readonly class_values?: number[] } {
  const values = toNumericClasses(classes);
  return values === undefined ? {} : { class_values: values };
}

function nameTargets(executor: Executor, target: string | undefined): string[] {
  if (executor.task === "classification" || executor.outputs === 1) return [target ?? "target"];
  return Array.from({ length: executor.outputs }, (_, i) => `${target ?? "target"} ${i + 1}`);
}

/** Whitened within the classes that the model predicts, so that no target column is needed. */
function fitImportedGuard(rows: Rows, executor: Executor, labels: Int32Array): FittedGuard | null {
  if (rows.width > MAX_GUARD_FEATURES) return null;
  if (executor.task === "regression") return fitGuard(rows, null, 0);
  return fitGuard(rows, labels, executor.outputs);
}

/** @throws TepalError MODEL_UNSUPPORTED, or as `parseTreeEnsemble`, that names the format of the file if it is a known one */
function readEnsemble(source: string | Uint8Array, graph: Uint8Array): TreeEnsemble {
  try {
    return parseTreeEnsemble(graph);
  } catch (error) {
    const name = typeof source === "string" ? basename(source) : "the graph";
    throw findForeignFormat(name, graph) ?? error;
  }
}

/**
 * Checks that a model predicts finite numbers, the only ones that a reply can hold.
 * @param scores rows × outputs; null stands for a number that is not finite
 * @param toInput names the input of a row
 * @throws TepalError MODEL_UNSUPPORTED
 */
function checkFinite(
  scores: ArrayLike<number | null>,
  { outputs }: Executor,
  toInput: (row: number) => string,
): void {
  let at = 0;
  while (at < scores.length && Number.isFinite(scores[at])) at += 1;
  if (at === scores.length) return;
  const message = `Expected finite predictions, got ${scores[at] ?? "NaN or infinity"} for output ${at % outputs} of ${toInput(Math.floor(at / outputs))}.`;
  const advice = "Check the weights of the trees, and export the model again.";
  throw new TepalError("MODEL_UNSUPPORTED", `Unsupported ONNX model: ${message} ${advice}`);
}

function predict(executor: Executor, { values, count }: Rows): Predicted {
  const scores = new Float32Array(count * executor.outputs);
  const labels = new Int32Array(count);
  executor.run(values, count, scores, labels);
  return { scores, labels };
}

/** Rows on the thresholds of the trees, for golden predictions without data. */
function toThresholdRows(ensemble: TreeEnsemble): Rows {
  const width = ensemble.features;
  const count = 16;
  const values = new Float64Array(count * width);
  const filled = new Int32Array(width);
  for (const [node, feature] of ensemble.feature.entries()) {
    const threshold = ensemble.threshold[node]!;
    const row = filled[feature] ?? count;
    if (row >= count || !Number.isFinite(threshold)) continue;
    values[row * width + feature] = threshold;
    filled[feature] = row + 1;
  }
  return { values, count, width };
}

function toDefaultName(graph: string | Uint8Array): string {
  return typeof graph === "string" ? toModelName(graph) : "model";
}

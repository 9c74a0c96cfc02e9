import { fitFeatureReference } from "../../guard/fit/fit-feature-reference.ts";
import { MAX_GUARD_FEATURES, fitGuard } from "../../guard/fit/fit-guard.ts";
import type { FittedGuard } from "../../guard/guard.ts";
import { systemClock } from "../../kernel/clock.ts";
import { toInputError } from "../../kernel/check.ts";
import { TepalError } from "../../kernel/errors.ts";
import { toNumericClasses } from "../../model/class-values.ts";
import { createModelExecutor } from "../../model/compile-model.ts";
import { toCategoryColumns } from "../../model/category-columns.ts";
import { DEFAULT_ENGINE } from "../../model/engine/options.ts";
import { withStrings } from "../../model/engine/read-engine-graph.ts";
import { startRemoteExecutor } from "../../model/engine/remote-executor.ts";
import { createGolden, createRemoteGolden } from "../../model/golden.ts";
import { MANIFEST_FORMAT } from "../../model/manifest.ts";
import { isEngineError, isRemote, type AnyExecutor } from "../../model/model.ts";
import type { Table } from "../../tabular/csv.ts";
import { hasCategories } from "../../tabular/schema.ts";
import type { Feature, Rows } from "../../tabular/tabular.ts";
import { findLeftOut } from "../find-columns.ts";
import { describeFloat32Losses, toColumns } from "../float32-loss.ts";
import { checkModelName, pickGoldenRows } from "../model-request.ts";
import {
  openData,
  readBytes,
  toMissingValues,
  toModelName,
  type OpenedData,
} from "../open-data.ts";
import { storeModel } from "../store-model.ts";
import { compareExpected } from "./compare-expected.ts";
import { readColumns, toGraphFeature, type ImportedRows } from "./read-columns.ts";
import { setNullable } from "./set-nullable.ts";
import { measureFit, type Predicted } from "./measure-fit.ts";
import { readNative } from "./native/convert-native.ts";
import { encodeNative } from "./native/encode-native.ts";
import { readGraph, type ImportedGraph } from "./read-graph.ts";
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
  hooks: ImportHooks = {},
): Promise<ImportedModel> {
  try {
    return await importGraph(request, hooks);
  } catch (error) {
    throw toImportError(error);
  }
}

/** A failure of another engine is a property of the model here. */
function toImportError(error: unknown): unknown {
  if (!(error instanceof TepalError) || !isEngineError(error.code)) return error;
  return new TepalError(
    "MODEL_UNSUPPORTED",
    `onnxruntime cannot compute the model: ${error.message} Export it again, or install another version of onnxruntime-node.`,
    { cause: error },
  );
}

async function importGraph(
  request: ImportRequest,
  { clock = systemClock, onNotice, onWarning = () => {} }: ImportHooks,
): Promise<ImportedModel> {
  const { target } = request;
  const given = typeof request.graph === "string" ? await readBytes(request.graph) : request.graph;
  const native = readNative(given);
  for (const notice of native?.notices ?? []) onNotice?.(notice);
  const graph = native === undefined ? given : encodeNative(native, readVersion());
  const name = request.name ?? toDefaultName(request.graph);
  checkModelName(name);
  checkHasData(request);
  const read = await readGraph(request.graph, graph, request.engine);
  const source =
    request.data === undefined ? null : await openData(request.data, request, { target, onNotice });
  const data = source === null ? null : readData(source, request, read);
  const known = adapt(data?.features ?? nameFeatures(read), read);
  const executor = await openExecutor(read.model, known);
  await using _engine = toDisposable(executor);
  const features = await setNullable(known, request.nullable ?? [], read.hasNaN, executor);
  for (const notice of data?.notices ?? []) onNotice?.(notice);
  if (data !== null && source !== null) {
    const names = features.map((feature) => feature.name);
    const isRounded = new Set(
      features.flatMap((feature) =>
        feature.precision === "float32" && feature.type === "number" ? [feature.name] : [],
      ),
    );
    const columns = toColumns(names, data.rows.values).filter((column) =>
      isRounded.has(column.name),
    );
    for (const message of describeFloat32Losses(columns)) onWarning(`${source.name}: ${message}`);
  }
  const predicted = data === null ? null : await predict(executor, data.rows);
  checkFinite(
    predicted?.scores ?? new Float32Array(0),
    executor,
    (row) => `row ${row + 1} of ${source?.name}`,
  );
  const isExpected = await checkExpected(request, executor, predicted, data?.rows.count ?? 0);
  const fit =
    source === null || predicted === null || target === undefined
      ? null
      : measureFit(executor, predicted, source.table, { target, name: source.name });
  const guard =
    data === null || predicted === null
      ? null
      : fitImportedGuard(data.rows, features, executor, predicted.labels);
  const goldenRows = pickGoldenRows(
    data?.rows ?? read.examples,
    0,
    isExpected ? EXPECTED_PAIRS : undefined,
  );
  const golden = isRemote(executor)
    ? await createRemoteGolden(executor, goldenRows)
    : createGolden(executor, goldenRows);
  checkFinite(
    golden.pairs.flatMap(({ scores }) => scores),
    executor,
    (row) => `${read.exampleName} (golden prediction ${row + 1})`,
  );

  const model = await storeModel(request.models, {
    manifest: {
      format: MANIFEST_FORMAT,
      name,
      task: executor.task,
      ...(read.model.kind === "onnxruntime" && { engine: read.model.kind }),
      features,
      classes: executor.classes.map(String),
      ...toClassValues(executor),
      targets: nameTargets(executor, target),
      ...toMissingValues(request),
      training: null,
      provenance: {
        tool: `tepal ${readVersion()}`,
        created: new Date(clock.nowMs()).toISOString(),
        ...(source?.provenance ?? { data: null, data_sha256: null }),
        options: {},
      },
      ...(data !== null &&
        guard === null &&
        hasCategories(features) && {
          feature_reference: fitFeatureReference(data.rows, features),
        }),
      guard: guard?.parameters ?? null,
    },
    graph,
    reference: guard?.reference ?? null,
    golden: `${JSON.stringify(golden)}\n`,
  });
  const { directory, manifest } = model;
  return { model, name, version: manifest.version, directory, hasGuard: guard !== null, fit };
}

/** @throws TepalError INVALID_OPTION if only data can show the strings of a feature */
async function openExecutor(
  model: ImportedGraph["model"],
  features: readonly Feature[],
): Promise<AnyExecutor> {
  if (model.kind !== "onnxruntime") {
    return createModelExecutor(model, toCategoryColumns(model, features));
  }
  const graph = withStrings(model.graph, features);
  const empty = features.filter(({ categories }) => categories?.length === 0);
  if (empty.length > 0) {
    const names = empty.map(({ name }) => `"${name}"`).slice(0, 8);
    const message = `Expected data with the strings of ${names.join(", ")}, which the graph does not list, got none. Add --data.`;
    throw toInputError("INVALID_OPTION", "option", [{ at: "data", message }]);
  }
  const columns = toCategoryColumns({ ...model, graph }, features);
  return await startRemoteExecutor(graph, columns, DEFAULT_ENGINE);
}

function toDisposable(executor: AnyExecutor): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      if (isRemote(executor)) await executor.close();
    },
  };
}

/** Options for the reading of the data have no effect without it. @throws TepalError INVALID_OPTION */
function checkHasData({ data, units = {}, drop = [], id = [] }: ImportRequest): void {
  if (data !== undefined) return;
  const counts = { unit: Object.keys(units).length, drop: drop.length, id: id.length };
  const message = "Expected data with this option, got none. Add --data.";
  const problems = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([at]) => ({ at, message }));
  if (problems.length > 0) throw toInputError("INVALID_OPTION", "option", problems);
}

/** Rows with the library's own predictions that become golden predictions. */
const EXPECTED_PAIRS = 100;

/**
 * @returns true if the library's predictions are given, and equal
 * @throws TepalError INVALID_OPTION, INVALID_DATA or MODEL_UNSUPPORTED
 */
async function checkExpected(
  request: ImportRequest,
  executor: AnyExecutor,
  predicted: Predicted | null,
  rows: number,
): Promise<boolean> {
  if (request.expect === undefined) return false;
  if (predicted === null) {
    const message = "Expected the rows that it predicts as data, got none. Add --data.";
    throw toInputError("INVALID_OPTION", "option", [{ at: "expect", message }]);
  }
  const { table, name } = await openData(request.expect, request);
  compareExpected(executor, predicted, rows, table, name);
  return true;
}

function readData(
  { table, name }: OpenedData,
  { target, units, drop, id }: ImportRequest,
  graph: ImportedGraph,
): ImportedRows {
  const leftOut = findLeftOut(table, { name, target: target ?? null, drop, id });
  const kept = leaveOut(table, new Set(leftOut.map(({ index }) => index)));
  const chosen = graph.isNamed ? selectColumns(kept, graph.names, target) : kept;
  return readColumns(chosen, graph.columns, { name, target: target ?? null, units: units ?? {} });
}

function leaveOut(table: Table, leftOut: ReadonlySet<number>): Table {
  if (leftOut.size === 0) return table;
  return pickColumns(
    table,
    [...table.header.keys()].filter((index) => !leftOut.has(index)),
  );
}

/** Returns the columns of the graph's inputs, in its order, and the target; all columns if the names are others. */
function selectColumns(table: Table, names: readonly string[], target: string | undefined): Table {
  const wanted = target === undefined ? names : [...names, target];
  const places = wanted.map((name) => table.header.indexOf(name));
  return places.includes(-1) ? table : pickColumns(table, places);
}

function pickColumns(table: Table, places: readonly number[]): Table {
  return {
    ...table,
    header: places.map((place) => table.header[place]!),
    records: table.records.map((record) => places.map((place) => record[place]!)),
  };
}

/** A property that only the graph knows: whether it computes with missing values. */
function adapt(features: readonly Feature[], { nullable }: ImportedGraph): Feature[] {
  return features.map((feature, i) => ({
    ...feature,
    nullable: feature.nullable || nullable[i] === true,
  }));
}

function nameFeatures({ names, columns }: ImportedGraph): Feature[] {
  return names.map((name, i) => toGraphFeature(name, columns[i]!));
}

/** Strings stay text, also strings of digits: the label of scikit-learn and onnxruntime is then a string. */
function toClassValues({ classes }: AnyExecutor): { readonly class_values?: number[] } {
  const values = toNumericClasses(classes);
  return values === undefined ? {} : { class_values: values };
}

function nameTargets(executor: AnyExecutor, target: string | undefined): string[] {
  if (executor.task === "classification" || executor.outputs === 1) return [target ?? "target"];
  return Array.from({ length: executor.outputs }, (_, i) => `${target ?? "target"} ${i + 1}`);
}

/** Whitened within the classes that the model predicts, so that no target column is needed. */
function fitImportedGuard(
  rows: Rows,
  features: readonly Feature[],
  executor: AnyExecutor,
  labels: Int32Array,
): FittedGuard | null {
  if (rows.width > MAX_GUARD_FEATURES) return null;
  if (executor.task === "regression") return fitGuard(rows, null, 0, { features });
  return fitGuard(rows, labels, executor.outputs, { features });
}

/**
 * Checks that a model predicts finite numbers, the only ones that a reply can hold.
 * @param scores rows × outputs; null stands for a number that is not finite
 * @param toInput names the input of a row
 * @throws TepalError MODEL_UNSUPPORTED
 */
function checkFinite(
  scores: ArrayLike<number | null>,
  { outputs }: AnyExecutor,
  toInput: (row: number) => string,
): void {
  let at = 0;
  while (at < scores.length && Number.isFinite(scores[at])) at += 1;
  if (at === scores.length) return;
  const message = `Expected finite predictions, got ${scores[at] ?? "NaN or infinity"} for output ${at % outputs} of ${toInput(Math.floor(at / outputs))}.`;
  const advice = "Check the weights of the model, and export it again.";
  throw new TepalError("MODEL_UNSUPPORTED", `Unsupported ONNX model: ${message} ${advice}`);
}

/** Rows of one call to another engine, whose time is limited. */
const CALL_ROWS = 1_024;

async function predict(executor: AnyExecutor, { values, count, width }: Rows): Promise<Predicted> {
  const { outputs } = executor;
  const scores = new Float32Array(count * outputs);
  const labels = new Int32Array(count);
  const step = isRemote(executor) ? CALL_ROWS : Math.max(count, 1);
  for (let from = 0; from < count; from += step) {
    const rows = Math.min(step, count - from);
    const part = values.subarray(from * width, (from + rows) * width);
    await executor.run(part, rows, scores.subarray(from * outputs), labels.subarray(from));
  }
  return { scores, labels };
}

function toDefaultName(graph: string | Uint8Array): string {
  return typeof graph === "string" ? toModelName(graph) : "model";
}

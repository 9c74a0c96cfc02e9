import { createHash } from "node:crypto";
import { MAX_GUARD_FEATURES, fitGuard } from "../../guard/fit/fit-guard.ts";
import type { FittedGuard } from "../../guard/guard.ts";
import { systemClock, type Clock } from "../../kernel/clock.ts";
import { TepalError } from "../../kernel/errors.ts";
import { saveArtifact } from "../../model/artifact.ts";
import { createForestExecutor } from "../../model/executor/forest-executor.ts";
import { createGolden } from "../../model/golden.ts";
import { MANIFEST_FORMAT, MAX_CLASSES } from "../../model/manifest.ts";
import type { Executor } from "../../model/model.ts";
import { readFeatureNames } from "../../model/onnx/feature-names.ts";
import { parseTreeEnsemble } from "../../model/onnx/read-tree-ensemble.ts";
import type { TreeEnsemble } from "../../model/tree-ensemble.ts";
import { parseCsv, type CsvTable } from "../../tabular/csv.ts";
import { MAX_FEATURES, findNameProblem } from "../../tabular/schema.ts";
import type { Feature, Rows } from "../../tabular/tabular.ts";
import { evaluateRegression } from "../report/evaluate.ts";
import { findColumn, toFeatureTable } from "../feature-table.ts";
import { checkModelName, pickGoldenRows, type CsvSource, type Tool } from "../model-request.ts";

/** An exported model, and the data that describes its inputs. */
export interface ImportRequest {
  /** Folder of all models. */
  readonly models: string;
  /** Name of the model; the next version is written. */
  readonly name: string;
  /** An ONNX file with one tree ensemble. */
  readonly graph: Uint8Array;
  /**
   * Rows like the training data, features in the graph's order: the source of names, ranges and reference rows. Without
   * it, features have the names in the file or f0, f1, …, and there is no trust check.
   */
  readonly csv?: CsvSource | undefined;
  /** Column of the data that the model predicts, which is not a feature. */
  readonly target?: string | undefined;
  /** Units by feature name, for messages. */
  readonly units?: Readonly<Record<string, string>> | undefined;
  readonly tool: Tool;
}

export interface ImportedModel {
  readonly directory: string;
  readonly version: number;
  readonly executor: Executor;
  readonly features: readonly Feature[];
  readonly hasGuard: boolean;
  /**
   * Score of the model on the target column: the share of correct classes, or R². The model may have been trained on
   * these rows, so this shows whether columns are in order, not how good the model is. Null without a target.
   */
  readonly fit: number | null;
}

/**
 * Makes a model version of an ONNX file that another library exported.
 * @throws TepalError MODEL_DAMAGED, MODEL_UNSUPPORTED, INVALID_DATA, INVALID_OPTION or CANNOT_WRITE; then nothing is
 *   written
 */
export async function importModel(
  request: ImportRequest,
  clock: Clock = systemClock,
): Promise<ImportedModel> {
  const { name, graph, csv, target } = request;
  checkModelName(name);
  const ensemble = parseTreeEnsemble(graph);
  const executor = createForestExecutor(ensemble);
  // Before anything is allocated per feature: a small file may declare millions.
  if (executor.features > MAX_FEATURES || executor.outputs > MAX_CLASSES) {
    throw new TepalError(
      "MODEL_UNSUPPORTED",
      `The graph has ${executor.features} inputs and ${executor.outputs} outputs; ` +
        `at most ${MAX_FEATURES} and ${MAX_CLASSES} are supported`,
    );
  }
  const table = csv === undefined ? null : parseCsv(csv.text, csv.name, csv.delimiter);
  const data = table === null ? null : readData(table, request, executor);
  const features = data === null ? nameFeatures(ensemble, graph) : adapt(data.features, ensemble);
  const guard = data === null ? null : fitImportedGuard(data.rows, executor);
  const golden = createGolden(executor, pickGoldenRows(data?.rows ?? toThresholdRows(ensemble), 0));

  const { directory, version } = await saveArtifact(request.models, {
    manifest: {
      format: MANIFEST_FORMAT,
      name,
      task: executor.task,
      features: [...features],
      classes: executor.classes.map(String),
      targets: nameTargets(executor, target),
      training: null,
      provenance: {
        tool: `${request.tool.name} ${request.tool.version}`,
        created: new Date(clock.nowMs()).toISOString(),
        data: csv?.name ?? null,
        data_sha256: csv === undefined ? null : createHash("sha256").update(csv.text).digest("hex"),
        options: {},
      },
      guard: guard?.parameters ?? null,
    },
    graph,
    reference: guard?.reference ?? null,
    golden: `${JSON.stringify(golden)}\n`,
  });
  const fit =
    table === null || data === null || target === undefined
      ? null
      : measureFit(executor, data.rows, readColumn(table, target, csv?.name ?? ""));
  return { directory, version, executor, features, hasGuard: guard !== null, fit };
}

function readData(
  table: CsvTable,
  { csv, target, units }: ImportRequest,
  executor: Executor,
): { readonly rows: Rows; readonly features: readonly Feature[] } {
  const name = csv?.name ?? "";
  const data = toFeatureTable(table, { name, leaveOut: target ?? null, units });
  if (data.rows.width === executor.features) return data;
  throw new TepalError(
    "INVALID_DATA",
    `${name} has ${data.rows.width} feature columns, the graph ${executor.features} inputs. ` +
      "Give the training data's features in the graph's order, and name the predicted column with --target.",
  );
}

/** Properties that only the graph knows: its number type, and whether it was trained with missing values. */
function adapt(features: readonly Feature[], ensemble: TreeEnsemble): Feature[] {
  const type = ensemble.inputType === "double" ? "float64" : "float32";
  const learnt = ensemble.missingTracksTrue.includes(1);
  return features.map((feature) => ({ ...feature, type, nullable: feature.nullable || learnt }));
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

function nameTargets(executor: Executor, target: string | undefined): string[] {
  if (executor.task === "classification" || executor.outputs === 1) return [target ?? "target"];
  return Array.from({ length: executor.outputs }, (_, i) => `${target ?? "target"} ${i + 1}`);
}

/** Whitened within the classes that the model predicts, so that no target column is needed. */
function fitImportedGuard(rows: Rows, executor: Executor): FittedGuard | null {
  if (rows.width > MAX_GUARD_FEATURES) return null;
  if (executor.task === "regression") return fitGuard(rows, null, 0);
  return fitGuard(rows, predict(executor, rows).labels, executor.outputs);
}

function predict(
  executor: Executor,
  { values, count }: Rows,
): { readonly scores: Float32Array; readonly labels: Int32Array } {
  const scores = new Float32Array(count * executor.outputs);
  const labels = new Int32Array(count);
  executor.run(values, count, scores, labels);
  return { scores, labels };
}

function readColumn(table: CsvTable, column: string, name: string): string[] {
  const index = findColumn(table, column, name);
  return table.records.map((record) => record[index] ?? "");
}

function measureFit(executor: Executor, rows: Rows, truth: readonly string[]): number | null {
  const { scores, labels } = predict(executor, rows);
  if (executor.task === "classification") {
    const names = executor.classes.map(String);
    const right = truth.filter((name, row) => names[labels[row] ?? -1] === name);
    return right.length / truth.length;
  }
  if (executor.outputs !== 1) return null;
  return evaluateRegression(Float64Array.from(truth, Number), scores).rSquared;
}

/** Rows on the thresholds of the trees, for golden predictions without data. */
function toThresholdRows(ensemble: TreeEnsemble): Rows {
  const width = ensemble.features;
  const count = 16;
  const values = new Float64Array(count * width);
  const filled = new Int32Array(width);
  for (const [node, feature] of ensemble.feature.entries()) {
    const threshold = ensemble.threshold[node] ?? 0;
    const row = filled[feature] ?? count;
    if (row >= count || !Number.isFinite(threshold)) continue;
    values[row * width + feature] = threshold;
    filled[feature] = row + 1;
  }
  return { values, count, width };
}

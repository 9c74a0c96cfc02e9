import { basename } from "node:path";
import { TepalError } from "../../kernel/errors.ts";
import {
  createModelExecutor,
  readModel,
  toCompiled,
  type CompiledModel,
  type ReadModel,
} from "../../model/compile-model.ts";
import { MAX_CLASSES } from "../../model/manifest.ts";
import type { Executor } from "../../model/model.ts";
import { readDescription, type FileDescription } from "../../model/onnx/read-description.ts";
import { guessMissingString } from "../../model/category-columns.ts";
import type { EngineFile, EngineModel } from "../../model/engine/read-engine-graph.ts";
import type {
  CompiledPipeline,
  PipelineInput,
  Step,
  TensorType,
} from "../../model/pipeline/pipeline.ts";
import type { TreeEnsemble } from "../../model/tree-ensemble.ts";
import { MAX_FEATURES, findNameProblem } from "../../tabular/schema.ts";
import type { Rows } from "../../tabular/tabular.ts";
import type { ImportRequest } from "../training.ts";
import { inspectEngineGraph } from "./engine-graph.ts";
import { findForeignFormat } from "./foreign-format.ts";

/** A column of a graph's inputs. */
export interface GraphColumn {
  readonly type: TensorType;
  /** The strings that the graph distinguishes; empty for other types. */
  readonly categories: readonly string[];
  /** The one of them that stands for a missing value; null if there is none. */
  readonly missing: string | null;
}

/** A graph that can be imported, and the properties of its features that only the graph knows. */
export interface ImportedGraph {
  readonly model: CompiledModel | EngineModel;
  /** Names as in the file, else f0, f1, …. */
  readonly names: readonly string[];
  /** True if each feature is an input of its own, so that columns of data are found by name. */
  readonly isNamed: boolean;
  readonly columns: readonly GraphColumn[];
  /** Per feature: true if the graph computes with a missing value. */
  readonly nullable: readonly boolean[];
  /** Per feature: true if its type has NaN, which stands for a missing value. */
  readonly hasNaN: readonly boolean[];
  /** Rows for golden predictions without data. */
  readonly examples: Rows;
  /** Describes such a row, for messages. */
  readonly exampleName: string;
}

/**
 * Reads a graph. One that Tepal does not compute runs in onnxruntime, if that is installed.
 * @param source path, or content, for messages
 * @throws TepalError MODEL_UNSUPPORTED or MODEL_DAMAGED, that names the format of the file if it is a known one
 */
export async function readGraph(
  source: string | Uint8Array,
  bytes: Uint8Array,
  engine: ImportRequest["engine"] = "auto",
): Promise<ImportedGraph> {
  const model = read(source, bytes);
  if (model instanceof TepalError) {
    if (engine === "tepal") throw model;
    return await readForEngine(bytes, model);
  }
  if (engine === "onnxruntime") return await readForEngine(bytes, undefined);
  const compiled = toCompiled(model);
  const executor = createModelExecutor(compiled);
  checkSize(executor.features, executor.outputs);
  const file = readDescription(bytes);
  const described =
    model.kind === "trees"
      ? describeTrees(model.ensemble, file)
      : describePipeline(model.pipeline, executor, file);
  return { model: compiled, ...described, nullable: toNullable(described, file) };
}

/** Before anything is allocated per feature: a small file may declare millions. */
function checkSize(features: number, outputs: number): void {
  if (features <= MAX_FEATURES && outputs <= MAX_CLASSES) return;
  throw new TepalError(
    "MODEL_UNSUPPORTED",
    `Expected a graph with at most ${MAX_FEATURES} features and ${MAX_CLASSES} outputs, ` +
      `got ${features} and ${outputs}.`,
  );
}

/** Returns the reason for an ONNX file that Tepal does not compute. */
function read(source: string | Uint8Array, bytes: Uint8Array): ReadModel | TepalError {
  try {
    return readModel(bytes);
  } catch (error) {
    const name = typeof source === "string" ? basename(source) : "the graph";
    const foreign = findForeignFormat(name, bytes);
    if (foreign !== undefined) throw foreign;
    if (error instanceof TepalError && error.code === "MODEL_UNSUPPORTED") return error;
    throw error;
  }
}

/** @param reason why Tepal does not compute the graph; undefined if it does */
async function readForEngine(
  bytes: Uint8Array,
  reason: TepalError | undefined,
): Promise<ImportedGraph> {
  const description = readDescription(bytes);
  const toExamples = (file: EngineFile): { rows: Float64Array; mayLack: readonly boolean[] } => {
    checkSize(file.features, 1);
    const { examples, hasNaN, columns } = describeInputs(file, description);
    const handlesMissing = hasMissingStep(file.steps);
    const mayLack = columns.map(({ type }, i) => handlesMissing && hasNaN[i]! && type !== "string");
    return { rows: examples.values, mayLack };
  };
  const { model, file, isFinite } = await inspectEngineGraph(bytes, reason, toExamples);
  checkSize(file.features, model.graph.outputs);
  const described = describeInputs(file, description);
  const nullable = described.columns.map(({ type, missing }, i) =>
    type === "string" ? missing !== null : isFinite[i]!,
  );
  return { model, ...described, nullable };
}

/** A graph that Tepal trained states the features; another one shows what it can compute without. */
function toNullable(
  { names, hasNaN, nullable }: DescribedGraph,
  { isOwn, nullableFeatures }: FileDescription,
): readonly boolean[] {
  if (!isOwn || nullableFeatures === undefined) return nullable;
  const stated = new Set(nullableFeatures);
  return names.map((name, i) => hasNaN[i] === true && stated.has(name));
}

function describeTrees(ensemble: TreeEnsemble, { featureNames }: FileDescription): DescribedGraph {
  const { features } = ensemble;
  const hasLearned = ensemble.missingTracksTrue.includes(1);
  const list = Array.from({ length: features }, (_, i) => i);
  return {
    names: toUsable(featureNames, features) ?? list.map((i) => `f${i}`),
    isNamed: false,
    columns: list.map(() => ({ type: ensemble.inputType, categories: [], missing: null })),
    nullable: list.map(() => hasLearned),
    hasNaN: list.map(() => true),
    examples: toThresholdRows(ensemble),
    exampleName: "an input with the thresholds of its trees",
  };
}

function describePipeline(
  pipeline: CompiledPipeline,
  executor: Executor,
  file: FileDescription,
): DescribedGraph {
  const described = describeInputs(pipeline, file);
  return { ...described, nullable: findNullable(pipeline, executor, described.columns) };
}

function describeInputs(
  { inputs, features }: { readonly inputs: readonly GraphInput[]; readonly features: number },
  { isOwn, featureNames }: FileDescription,
): Omit<DescribedGraph, "nullable"> {
  const columns = inputs.flatMap((input) => toColumns(input, isOwn));
  const ofInputs = inputs.flatMap(({ name, width }) =>
    Array.from({ length: width }, (_, i) => (width === 1 ? name : `${name}_${i}`)),
  );
  const [only] = inputs;
  const list = ofInputs.map((_, i) => `f${i}`);
  const fallback =
    inputs.length > 1 || only?.width === 1 ? (toUsable(ofInputs, features) ?? list) : list;
  return {
    names: toUsable(featureNames, features) ?? fallback,
    isNamed: inputs.length > 1 && inputs.every(({ width }) => width === 1),
    columns,
    hasNaN: findReal(inputs),
    examples: toExampleRows(columns),
    exampleName: "an input of small integers",
  };
}

type DescribedGraph = Omit<ImportedGraph, "model">;
/** An input of a graph, for any engine. */
type GraphInput = Pick<PipelineInput, "name" | "type" | "width" | "categories">;

function toColumns({ type, width, categories }: GraphInput, isOwn: boolean): GraphColumn[] {
  return Array.from({ length: width }, (_, i) => {
    const list = categories?.[i] ?? [];
    const guess = guessMissingString(list);
    return { type, categories: list, missing: isOwn && guess !== "" ? null : guess };
  });
}

function toUsable(
  names: readonly string[] | undefined,
  features: number,
): readonly string[] | undefined {
  if (names?.length !== features || new Set(names).size !== features) return undefined;
  return names.every((name) => findNameProblem(name) === undefined) ? names : undefined;
}

/**
 * Finds the features that a graph computes with when they are missing: it imputes them, or its trees learned a direction, and
 * its predictions are finite.
 */
function findNullable(
  pipeline: CompiledPipeline,
  executor: Executor,
  columns: readonly GraphColumn[],
): boolean[] {
  const handlesMissing = hasMissingStep(pipeline.steps);
  const { features, outputs } = executor;
  const scores = new Float32Array(outputs);
  const labels = new Int32Array(1);
  return findReal(pipeline.inputs).map((hasNaN, feature) => {
    const { type, missing } = columns[feature]!;
    if (type === "string") return missing !== null;
    if (!hasNaN || !handlesMissing) return false;
    const row = new Float64Array(features).fill(1);
    row[feature] = Number.NaN;
    executor.run(row, 1, scores, labels);
    return scores.every(Number.isFinite);
  });
}

function hasMissingStep(steps: readonly Step[]): boolean {
  return steps.some(
    (step) =>
      (step.kind === "impute" && Number.isNaN(step.replaced)) ||
      (step.kind === "trees" && step.forest.layout?.hasMissingLeft === true),
  );
}

/** Types with a missing value: that of strings is a string. */
const REAL: ReadonlySet<TensorType> = new Set(["float", "double", "string"]);

function findReal(inputs: readonly GraphInput[]): boolean[] {
  return inputs.flatMap(({ type, width }) => Array.from({ length: width }, () => REAL.has(type)));
}

const EXAMPLES = 16;

/** Rows on the thresholds of the trees. */
function toThresholdRows(ensemble: TreeEnsemble): Rows {
  const width = ensemble.features;
  const values = new Float64Array(EXAMPLES * width);
  const filled = new Int32Array(width);
  for (const [node, feature] of ensemble.feature.entries()) {
    const threshold = ensemble.threshold[node]!;
    const row = filled[feature] ?? EXAMPLES;
    if (row >= EXAMPLES || !Number.isFinite(threshold)) continue;
    values[row * width + feature] = threshold;
    filled[feature] = row + 1;
  }
  return { values, count: EXAMPLES, width };
}

/** Rows of small integers, all different; of a string, the places of those that the graph distinguishes and of an unknown one. */
function toExampleRows(columns: readonly GraphColumn[]): Rows {
  const width = columns.length;
  const values = Float64Array.from({ length: EXAMPLES * width }, (_, i) => {
    const value = (Math.floor(i / width) * 5 + (i % width) * 3) % 11;
    const { type, categories } = columns[i % width]!;
    if (type === "bool") return value % 2;
    return type === "string" ? value % (categories.length + 1) : value;
  });
  return { values, count: EXAMPLES, width };
}

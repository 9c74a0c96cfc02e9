import { TepalError } from "../kernel/errors.ts";
import { compileForest, type CompiledForest } from "./executor/compile-forest.ts";
import { createExecutor } from "./executor/forest-executor.ts";
import { createCategoryExecutor, type CategoryColumn } from "./executor/category-executor.ts";
import type { Executor } from "./model.ts";
import { decodeModel } from "./onnx/decode-model.ts";
import { parseTreeEnsemble } from "./onnx/read-tree-ensemble.ts";
import { compilePipeline } from "./pipeline/compile-pipeline.ts";
import { createPipelineExecutor } from "./pipeline/pipeline-executor.ts";
import type { CompiledPipeline } from "./pipeline/pipeline.ts";
import type { TreeEnsemble } from "./tree-ensemble.ts";

/** A graph in the form that its executor reads: plain data, which can be sent to another thread. */
export type CompiledModel =
  | { readonly kind: "trees"; readonly forest: CompiledForest }
  | { readonly kind: "pipeline"; readonly pipeline: CompiledPipeline };

/** A graph as it was read: trees alone, which are fastest, or steps. */
export type ReadModel =
  | { readonly kind: "trees"; readonly ensemble: TreeEnsemble }
  | { readonly kind: "pipeline"; readonly pipeline: CompiledPipeline };

/**
 * Reads a graph from the bytes of an ONNX file.
 *
 * @throws TepalError MODEL_DAMAGED, or MODEL_UNSUPPORTED with the operator that prevents it
 */
export function readModel(bytes: Uint8Array): ReadModel {
  const decoded = decodeModel(bytes);
  const trees = decoded.graph.nodes.filter(({ opType }) => opType.startsWith("TreeEnsemble"));
  if (trees.length > 1) return { kind: "pipeline", pipeline: compilePipeline(decoded) };
  try {
    return { kind: "trees", ensemble: parseTreeEnsemble(bytes) };
  } catch (error) {
    if (!(error instanceof TepalError) || error.code !== "MODEL_UNSUPPORTED") throw error;
  }
  return { kind: "pipeline", pipeline: compilePipeline(decoded) };
}

/** @throws TepalError as `readModel` */
export function compileModel(bytes: Uint8Array): CompiledModel {
  return toCompiled(readModel(bytes));
}

export function toCompiled(model: ReadModel): CompiledModel {
  return model.kind === "trees" ? { kind: "trees", forest: compileForest(model.ensemble) } : model;
}

/** @param columns those of `toCategoryColumns` */
export function createModelExecutor(
  model: CompiledModel,
  columns: readonly CategoryColumn[] = [],
): Executor {
  const executor =
    model.kind === "trees" ? createExecutor(model.forest) : createPipelineExecutor(model.pipeline);
  return createCategoryExecutor(executor, columns);
}

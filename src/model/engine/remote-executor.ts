import { convertCategories, type CategoryColumn } from "../executor/category-executor.ts";
import type { RemoteExecutor } from "../model.ts";
import type { EngineGraph } from "./engine.ts";
import { createEngineClient } from "./engine-client.ts";
import type { EngineOptions } from "./options.ts";

/**
 * Creates the executor of a graph that onnxruntime computes. It takes the codes of categories, as `createCategoryExecutor` does.
 * @param columns those of `toCategoryColumns`
 * @throws TepalError MODEL_UNSUPPORTED as `EngineClient.start`
 */
export async function startRemoteExecutor(
  graph: EngineGraph,
  columns: readonly CategoryColumn[],
  options: EngineOptions,
): Promise<RemoteExecutor> {
  const client = createEngineClient(graph, options);
  await client.start();
  const { task, features, outputs, classes } = graph;
  return {
    task,
    features,
    outputs,
    classes,
    async run(rows, count, scores, labels) {
      const values = rows.slice(0, count * features);
      convertCategories(values, features, columns);
      const result = await client.run({ values, count });
      scores.set(result.scores);
      labels.set(result.labels);
    },
    onFailure: (listener) => client.onFailure(listener),
    close: () => client.close(),
  };
}

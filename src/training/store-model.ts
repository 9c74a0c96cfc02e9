import { packArtifact, saveArtifact, type ArtifactParts } from "../model/artifact.ts";
import { createLoader } from "../model/loading/loader.ts";
import type { AnyExecutor, LoadedModel } from "../model/model.ts";

/**
 * Writes the next version of a model, or keeps it in memory as version 1. The result has reproduced its golden predictions.
 *
 * @param models folder of all models; undefined to keep the model in memory
 * @throws TepalError CANNOT_WRITE, CANCELLED, or MODEL_DAMAGED for a manifest that readers would reject
 */
export async function storeModel(
  models: string | undefined,
  parts: ArtifactParts,
  signal?: AbortSignal,
): Promise<LoadedModel<AnyExecutor>> {
  const artifact =
    models === undefined ? packArtifact(parts, 1) : await saveArtifact(models, parts, signal);
  await using loader = createLoader();
  return await loader.verify(artifact);
}

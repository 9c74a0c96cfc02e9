import { packArtifact, saveArtifact, type ArtifactParts } from "../model/artifact.ts";
import { createLoader } from "../model/loading/loader.ts";
import { toLoadedModel, verifyArtifact } from "../model/loading/verify-artifact.ts";
import type { LoadedModel } from "../model/model.ts";

/** A smaller graph takes less time to check than a thread takes to start. */
const THREAD_BYTES = 2 * 1024 * 1024;

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
): Promise<LoadedModel> {
  const artifact =
    models === undefined ? packArtifact(parts, 1) : await saveArtifact(models, parts, signal);
  if (artifact.graph.length < THREAD_BYTES) return toLoadedModel(verifyArtifact(artifact));
  await using loader = createLoader();
  return await loader.verify(artifact);
}

import { decodeModel } from "./decode-model.ts";

/**
 * Reads the names of the features from the metadata of a file: a JSON list of strings under `feature_names`, as
 * `encodeTreeEnsemble` writes it. Returns undefined when the entry is missing or is not such a list.
 * @throws TepalError MODEL_DAMAGED
 */
export function readFeatureNames(bytes: Uint8Array): readonly string[] | undefined {
  const text = decodeModel(bytes).metadata.get("feature_names");
  if (text === undefined) return undefined;
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) && names.every((name) => typeof name === "string")
      ? names
      : undefined;
  } catch {
    return undefined;
  }
}

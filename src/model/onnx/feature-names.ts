import { decodeModel } from "./decode-model.ts";

/**
 * The features' names that a file's metadata gives under `feature_names`, as a JSON list: what our own writer puts
 * there. Undefined when there are none, or no list of texts.
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

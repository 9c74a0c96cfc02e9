import { decodeModel } from "./decode-model.ts";

/** The properties of a file beside its graph. */
export interface FileDescription {
  /** True for a file that Tepal wrote. */
  readonly isOwn: boolean;
  /** Names of the features, in the order of the columns; undefined without such an entry. */
  readonly featureNames: readonly string[] | undefined;
  /** Names of the features that may be missing; undefined without such an entry. */
  readonly nullableFeatures: readonly string[] | undefined;
}

/**
 * Reads the properties of a file. Its metadata has `feature_names` and `nullable_features` as JSON lists of strings, as `toHeader` writes them.
 * @throws TepalError MODEL_DAMAGED
 */
export function readDescription(bytes: Uint8Array): FileDescription {
  const { metadata, producerName } = decodeModel(bytes);
  return {
    isOwn: producerName === "tepal",
    featureNames: parseStrings(metadata.get("feature_names")),
    nullableFeatures: parseStrings(metadata.get("nullable_features")),
  };
}

/** Returns undefined for anything but a JSON list of strings. */
function parseStrings(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((item) => typeof item === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

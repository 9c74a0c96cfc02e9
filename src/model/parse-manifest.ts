import { checkFeatureReference } from "../guard/bins-schema.ts";
import { InputProblems } from "../kernel/check.ts";
import { fromSchema } from "../kernel/check/schema.ts";
import { isJsonObject } from "../kernel/json.ts";
import { findFeatureProblems } from "../tabular/schema.ts";
import { toInvalidFile } from "./invalid-file.ts";
import { MANIFEST_FORMAT, ManifestSchema, type Manifest } from "./manifest.ts";

const manifestParser = fromSchema(ManifestSchema);

/** Converts a manifest of format 1, whose features were numbers of two types. Returns anything else unchanged. */
function upgrade(manifest: unknown): unknown {
  if (!isJsonObject(manifest) || manifest["format"] !== 1) return manifest;
  const { features } = manifest;
  if (!Array.isArray(features)) return { ...manifest, format: MANIFEST_FORMAT };
  return { ...manifest, format: MANIFEST_FORMAT, features: features.map(upgradeFeature) };
}

function upgradeFeature(feature: unknown): unknown {
  if (!isJsonObject(feature)) return feature;
  const { type } = feature;
  return type === "float32" || type === "float64"
    ? { ...feature, type: "number", precision: type }
    : feature;
}

/**
 * Parses and checks the content of a manifest.json, of this format or of format 1. Unknown fields are ignored.
 *
 * @throws TepalError MODEL_DAMAGED with up to 20 problems, each with its JSON pointer
 */
export function parseManifest(text: string): Manifest {
  const problems = new InputProblems();
  const value = problems.read(manifestParser, upgrade(parseJson(text)), { at: "" });
  if (value === undefined) throw toInvalidFile("manifest.json", problems.list);
  for (const { at, message } of findFeatureProblems(value.features, "/features")) {
    problems.add(at, message);
  }
  checkOutputs(value, problems);
  const { features, feature_reference: reference } = value;
  if (reference !== undefined) {
    checkFeatureReference(reference, features, "/feature_reference", problems);
  }
  if (problems.list.length > 0) throw toInvalidFile("manifest.json", problems.list);
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw toInvalidFile("manifest.json", [{ at: "", message: "Expected valid JSON." }], cause);
  }
}

function checkOutputs(manifest: Manifest, problems: InputProblems): void {
  const { task, classes, targets, class_values: values } = manifest;
  if (values !== undefined && values.map(String).join("\n") !== classes.join("\n")) {
    problems.add("/class_values", "Expected the classes as numbers, got other values.");
  }
  if (task === "regression") {
    if (classes.length > 0) {
      problems.add("/classes", `Expected no classes for regression, got ${classes.length}.`);
    }
    return;
  }
  if (classes.length < 2) {
    problems.add("/classes", `Expected at least 2 classes, got ${classes.length}.`);
  }
  if (targets.length !== 1) {
    problems.add("/targets", `Expected 1 target for classification, got ${targets.length}.`);
  }
  const seen = new Set<string>();
  for (const [index, name] of classes.entries()) {
    if (seen.has(name))
      problems.add(`/classes/${index}`, "Expected a unique name, got a duplicate.");
    seen.add(name);
  }
}

import type { Feature } from "../model/manifest.ts";
import { SAMPLE_ROW } from "./course/build.ts";

/** True if a model with these features predicts the rows of the tutorial: Iris. */
export function isTutorialModel(features: readonly Pick<Feature, "name">[]): boolean {
  const names = new Set(features.map(({ name }) => name));
  return Object.keys(SAMPLE_ROW).every((name) => names.has(name));
}

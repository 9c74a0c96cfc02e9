import { expect, it } from "vitest";
import { isTutorialModel } from "./is-tutorial-model.ts";

it("knows the model of the tutorial by its features", () => {
  const iris = ["petal_width", "petal_length", "sepal_width", "sepal_length"];
  const toFeatures = (names: readonly string[]) => names.map((name) => ({ name }));
  expect(isTutorialModel(toFeatures(iris))).toBe(true);
  expect(isTutorialModel(toFeatures(iris.slice(1)))).toBe(false);
  expect(isTutorialModel([])).toBe(false);
});

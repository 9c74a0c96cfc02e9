import { readFileSync, rmSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { trainModel } from "../../src/training/train-model.ts";
import { importModel } from "../../src/training/import/import-model.ts";
import type {
  ImportedModel,
  TrainedModel,
  TrainRequest,
  WithDirectory,
} from "../../src/training/training.ts";
import { createFolder } from "./folders.ts";

export const IRIS_CSV = readFileSync(
  new URL("../../examples/iris/iris.csv", import.meta.url),
  "utf8",
);

/** The 150 rows of Iris as numbers, in feature order, and their class names. */
export const IRIS = IRIS_CSV.trim()
  .split("\n")
  .slice(1)
  .map((line) => {
    const cells = line.split(",");
    return { row: cells.slice(0, 4).map(Number), species: cells[4] ?? "" };
  });

export const IRIS_NAMES = ["sepal_length", "sepal_width", "petal_length", "petal_width"] as const;

export function toIrisObject(row: readonly number[]): Record<string, number> {
  return Object.fromEntries(IRIS_NAMES.map((name, i) => [name, row[i] ?? Number.NaN]));
}

export function trainIris(
  models: string,
  changes: Partial<TrainRequest> = {},
): Promise<TrainedModel & WithDirectory> {
  return trainModel({
    name: "iris",
    data: { name: "iris.csv", text: IRIS_CSV },
    target: "species",
    units: { sepal_length: "cm" },
    ...changes,
    models,
  });
}

let trained: Promise<string> | undefined;

/** Copies an Iris model (version 1) to a folder; it is trained once per test file. */
export async function copyIris(models: string): Promise<void> {
  trained ??= createFolder().then(async ({ path }) => {
    process.once("exit", () => rmSync(path, { recursive: true, force: true }));
    await trainIris(path);
    return path;
  });
  await cp(join(await trained, "iris"), join(models, "iris"), { recursive: true });
}

/** Data for a regression on two columns: y = 2a − b + 0.25. */
export const PLANE_CSV = [
  "a,b,y",
  ...Array.from({ length: 200 }, (_, i) => {
    const [a, b] = [(i % 20) / 2, Math.floor(i / 20)];
    return `${a},${b},${2 * a - b + 0.25}`;
  }),
].join("\n");

export function trainPlane(models: string): Promise<TrainedModel & WithDirectory> {
  return trainIris(models, {
    name: "plane",
    data: { name: "plane.csv", text: PLANE_CSV },
    target: "y",
    units: {},
    trees: 16,
  });
}

/** Names of the features of `importNullable`, which all may be missing. */
export const NULLABLE_NAMES = ["x0", "x1", "x2", "x3"] as const;

/** Rows of four features for which the trust check has the method mahalanobis, which cannot check rows with missing values. */
export const MAHALANOBIS_ROWS = 12_501;

/** Imports a model of XGBoost as `nullable`, with trust parameters from rows on a line: x1 = 2 × x0 and so on. */
export function importNullable(
  models: string,
  count = 120,
): Promise<ImportedModel & WithDirectory> {
  const rows = Array.from({ length: count }, (_, row) =>
    NULLABLE_NAMES.map((_name, i) => row * (i + 1)),
  );
  const text = [NULLABLE_NAMES, ...rows].map((cells) => cells.join(",")).join("\n");
  const graph = readFileSync(new URL("../fixtures/onnx/xgboost-classes.onnx", import.meta.url));
  return importModel({ models, name: "nullable", graph, data: { name: "rows.csv", text } });
}

/** Trains a classifier `numbers` of the classes 3, 6 and 8, which follow from the feature `a`. */
export function trainNumbers(models: string): Promise<TrainedModel & WithDirectory> {
  const rows = Array.from({ length: 60 }, (_, i) => {
    const index = i % 3;
    return `${10 * index + (i % 7) / 10},${i % 11},${[3, 6, 8][index]}`;
  });
  const data = { name: "numbers.csv", text: ["a,b,quality", ...rows].join("\n") };
  return trainIris(models, { name: "numbers", data, target: "quality", units: {}, trees: 8 });
}

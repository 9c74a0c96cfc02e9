import { readFileSync } from "node:fs";
import { compileGuard } from "../../src/guard/compile-guard.ts";
import { createGuard } from "../../src/guard/create-guard.ts";
import { fitGuard, type FitGuardOptions } from "../../src/guard/fit/fit-guard.ts";
import type { Guard } from "../../src/guard/guard.ts";
import { TepalError } from "../../src/kernel/errors.ts";
import type { Random } from "../../src/kernel/random.ts";
import type { Feature } from "../../src/tabular/tabular.ts";

/** Rows of a test: row-major values, and a class index per row. */
export interface Data {
  readonly values: Float64Array;
  readonly count: number;
  readonly width: number;
  readonly labels: Int32Array | null;
  readonly classCount: number;
}

/** Reads the first `width` columns of a CSV file as numbers, and the next column as strings. */
function readCsv(path: string, width: number): { values: Float64Array; rest: string[] } {
  const text = readFileSync(new URL(path, import.meta.url), "utf8");
  const lines = text.trim().split("\n").slice(1);
  const cells = lines.map((line) => line.split(","));
  return {
    values: Float64Array.from(cells.flatMap((row) => row.slice(0, width).map(Number))),
    rest: cells.map((row) => row[width] ?? ""),
  };
}

export function readIris(): Data & { readonly labels: Int32Array } {
  const { values, rest } = readCsv("../../examples/iris/iris.csv", 4);
  const names = [...new Set(rest)];
  const labels = Int32Array.from(rest, (name) => names.indexOf(name));
  return { values, count: labels.length, width: 4, labels, classCount: names.length };
}

/**
 * Reads alcohol, malic acid, ash and its alkalinity of 178 wines: the first four columns of the UCI data set "Wine"
 * (Aeberhard and Forina, 1991, CC BY 4.0), as scikit-learn 1.2.1 ships it.
 */
export function readWine(): Data {
  const { values, rest } = readCsv("../fixtures/wine.csv", 4);
  return { values, count: rest.length, width: 4, labels: null, classCount: 0 };
}

export function toFeatures(width: number): Feature[] {
  return Array.from({ length: width }, (_, index) => ({
    name: `x${index}`,
    type: "number" as const,
    precision: "float64" as const,
    unit: null,
    min: null,
    max: null,
    nullable: false,
  }));
}

export function createFittedGuard(data: Data, options?: FitGuardOptions): Guard {
  const { parameters, reference } = fitGuard(data, data.labels, data.classCount, options);
  return createGuard(compileGuard(parameters, reference, toFeatures(data.width)));
}

/** Returns the p-values of all rows. */
export function toPValues(guard: Guard, data: Data): Float64Array {
  return Float64Array.from({ length: data.count }, (_, row) =>
    guard.pValue(data.values, row * data.width),
  );
}

export function toSubset(data: Data, rows: readonly number[]): Data {
  const { values, width, labels } = data;
  return {
    ...data,
    values: Float64Array.from(
      rows.flatMap((r) => [...values.subarray(r * width, (r + 1) * width)]),
    ),
    count: rows.length,
    labels: labels === null ? null : Int32Array.from(rows, (row) => labels[row] ?? 0),
  };
}

/** Splits 0 … count − 1 at random into `folds` pairs of training and test rows. */
export function toFolds(
  count: number,
  folds: number,
  random: Random,
): { training: number[]; test: number[] }[] {
  const order = [...random.shuffle(Int32Array.from({ length: count }, (_, row) => row))];
  return Array.from({ length: folds }, (_, fold) => ({
    training: order.filter((_row, at) => at % folds !== fold),
    test: order.filter((_row, at) => at % folds === fold),
  }));
}

/** Creates a source of rows from `classCount` normal distributions with one random covariance. */
export function createNormalSource(
  width: number,
  classCount: number,
  random: Random,
): (count: number) => Data {
  const mixing = Float64Array.from({ length: width * width }, () => random.normal());
  const means = Float64Array.from({ length: classCount * width }, () => 3 * random.normal());
  return (count) => {
    const values = new Float64Array(count * width);
    const labels = Int32Array.from({ length: count }, (_, row) => row % classCount);
    for (let row = 0; row < count; row++) {
      const noise = Float64Array.from({ length: width }, () => random.normal());
      for (let i = 0; i < width; i++) {
        let value = means[(labels[row] ?? 0) * width + i] ?? 0;
        for (let j = 0; j < width; j++) value += (mixing[i * width + j] ?? 0) * (noise[j] ?? 0);
        values[row * width + i] = value;
      }
    }
    return { values, count, width, labels, classCount };
  };
}

/** Creates a source of rows of two classes whose features are all independent: the hardest case for calibration. */
export function createIndependentSource(width: number, random: Random): (count: number) => Data {
  const means = Float64Array.from({ length: 2 * width }, () => 3 * random.normal());
  return (count) => {
    const labels = Int32Array.from({ length: count }, (_, row) => row % 2);
    const values = Float64Array.from({ length: count * width }, (_, at) => {
      const label = labels[Math.floor(at / width)] ?? 0;
      return (means[label * width + (at % width)] ?? 0) + random.normal();
    });
    return { values, count, width, labels, classCount: 2 };
  };
}

/** Returns the mean and standard deviation of each column. */
export function toMoments(data: Data): { mean: Float64Array; deviation: Float64Array } {
  const { values, count, width } = data;
  const mean = new Float64Array(width);
  const deviation = new Float64Array(width);
  for (let j = 0; j < width; j++) {
    for (let r = 0; r < count; r++) mean[j]! += (values[r * width + j] ?? 0) / count;
    for (let r = 0; r < count; r++) {
      deviation[j]! += ((values[r * width + j] ?? 0) - (mean[j] ?? 0)) ** 2 / count;
    }
    deviation[j] = Math.sqrt(deviation[j] ?? 0);
  }
  return { mean, deviation };
}

/** Returns the TepalError that a call throws, or null when it returns. Other errors pass through. */
export function catchTepalError(call: () => unknown): TepalError | null {
  try {
    call();
    return null;
  } catch (error) {
    if (error instanceof TepalError) return error;
    throw error;
  }
}

import { readFileSync } from "node:fs";
import { compileGuard } from "../src/guard/compile-guard.ts";
import { createGuard } from "../src/guard/create-guard.ts";
import { fitGuard } from "../src/guard/fit/fit-guard.ts";
import type { Guard } from "../src/guard/guard.ts";
import { createRandom } from "../src/kernel/random.ts";
import type { Rows } from "../src/tabular/tabular.ts";
import { readCpuMs } from "./cpu-time.ts";
import { formatSpread, toMedian } from "./statistics.ts";
import { takeTurns } from "./turns.ts";

/** Training rows, and rows to check. */
interface Workload {
  readonly name: string;
  readonly training: Rows;
  readonly labels: Int32Array | null;
  readonly classCount: number;
  readonly fresh: Rows;
}

const ROUNDS = 5;
const ROUND_MS = 200;

/**
 * Measures the cost of a p-value for both methods: on Iris, where the training rows themselves are checked (each is its own
 * nearest neighbor), and on standard normal data of up to 50,000 training values, which is the limit, where new rows are checked. Then the
 * cost of the calibration for a pattern of missing values. Prints medians, in CPU time.
 */
export async function run(_args: readonly string[]): Promise<void> {
  const shapes = [
    [20_000, 1],
    [5_000, 4],
    [12_500, 4],
    [400, 8],
    [2_000, 10],
    [5_000, 10],
    [1_000, 20],
    [2_500, 20],
    [200, 100],
    [500, 100],
  ] as const;
  const workloads = [readIris(), ...shapes.map(([count, width]) => createNormal(count, width))];
  const table: Record<string, string | number | null>[] = [];
  for (const workload of workloads) {
    const guards = {
      knn: createFittedGuard(workload, "knn"),
      mahalanobis: createFittedGuard(workload, "mahalanobis"),
    };
    const { measured } = await takeTurns(
      {
        knn: () => toNanoseconds(guards.knn, workload.fresh),
        mahalanobis: () => toNanoseconds(guards.mahalanobis, workload.fresh),
      },
      { rounds: ROUNDS, cost: Number },
    );
    table.push({
      "training rows × features": workload.name,
      "knn, ns per row": Math.round(toMedian(measured.knn)),
      "mahalanobis, ns per row": Math.round(toMedian(measured.mahalanobis)),
      "calibration of a pattern, ms": measureCalibration(workload),
      "knn (quartiles)": formatSpread(measured.knn),
      "mahalanobis (quartiles)": formatSpread(measured.mahalanobis),
    });
  }
  console.table(table);
}

function readIris(): Workload {
  const text = readFileSync(new URL("../examples/iris/iris.csv", import.meta.url), "utf8");
  const cells = text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
  const species = [...new Set(cells.map((row) => row[4]))];
  const values = Float64Array.from(cells.flatMap((row) => row.slice(0, 4).map(Number)));
  const training = { values, count: cells.length, width: 4 };
  const labels = Int32Array.from(cells, (row) => species.indexOf(row[4]));
  return { name: "Iris, 150 × 4", training, labels, classCount: species.length, fresh: training };
}

function createNormal(count: number, width: number): Workload {
  const random = createRandom(1);
  const draw = (rows: number): Rows => ({
    values: Float64Array.from({ length: rows * width }, () => random.normal()),
    count: rows,
    width,
  });
  const name = `${count.toLocaleString("en")} × ${width}`;
  return { name, training: draw(count), labels: null, classCount: 0, fresh: draw(500) };
}

/** Returns the median time for patterns with one missing value in milliseconds, without the preparation for the first pattern of all. */
function measureCalibration(workload: Workload): number | null {
  const { values, width } = workload.fresh;
  if (width === 1) return null;
  const times = Array.from({ length: ROUNDS }, () => {
    const guard = createFittedGuard(workload, "knn");
    const calibrate = (feature: number): void => {
      guard.pValue(values.slice(0, width).with(feature, Number.NaN), 0);
    };
    calibrate(0);
    const start = readCpuMs();
    for (let feature = 1; feature < width; feature++) calibrate(feature);
    return (readCpuMs() - start) / (width - 1);
  });
  return Number(toMedian(times).toPrecision(2));
}

function createFittedGuard(
  { training, labels, classCount }: Workload,
  method: "knn" | "mahalanobis",
): Guard {
  const { parameters, reference } = fitGuard(training, labels, classCount, { method });
  const features = parameters.bins.map((_, index) => ({
    name: `x${index}`,
    type: "number" as const,
    precision: "float64" as const,
    unit: null,
    min: null,
    max: null,
    nullable: false,
  }));
  return createGuard(compileGuard(parameters, reference, features));
}

function toNanoseconds(guard: Guard, { values, count, width }: Rows): number {
  let checked = 0;
  let sum = 0;
  const start = readCpuMs();
  while (readCpuMs() - start < ROUND_MS) {
    for (let row = 0; row < count; row++) sum += guard.pValue(values, row * width);
    checked += count;
  }
  const elapsed = readCpuMs() - start;
  // Using the sum prevents the compiler from removing the loop.
  if (Number.isNaN(sum)) throw new Error("A p-value is missing.");
  return (elapsed * 1e6) / checked;
}

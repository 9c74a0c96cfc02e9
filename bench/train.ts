import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../src/kernel/random.ts";
import type { ForestOptions } from "../src/training/training.ts";
import { trainForest } from "../src/training/forest/train.ts";
import type { TrainingSet } from "../src/training/forest/training-set.ts";
import { crossValidate } from "../src/training/report/cross-validate.ts";
import { type SklearnPeer, startSklearn } from "./peers/sklearn.ts";
import { formatSpread, toRatios } from "./statistics.ts";

/** Rows that both programs read from one file: float64, row-major, the target last. */
interface SharedData {
  readonly name: string;
  readonly file: string;
  readonly data: TrainingSet;
}

/** Folds and bootstrap samples differ between the programs, so the tables are means over these seeds. */
const SEEDS = [0, 1, 2, 3, 4];

/**
 * Measures training beside scikit-learn on the same rows: single-core time for 4,000 rows × 30 features × 100 trees of
 * depth 8, with out-of-bag scores in both, alternating; then scores in five-fold cross-validation.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { runs: { type: "string", default: "7" } },
  });
  const folder = await mkdtemp(join(tmpdir(), "tepal-bench-train-"));
  await using peer = startSklearn();
  try {
    if (peer === null) {
      console.log("scikit-learn is not available: pip install scikit-learn, or set TEPAL_PYTHON\n");
    } else console.log(`scikit-learn ${(await peer.call({ operation: "version" }))["version"]}\n`);
    await compareTime(peer, await createClassification(folder), Number(values.runs), {
      trees: 100,
      maxDepth: 8,
    });
    await compareTime(peer, await createFriedman(folder, 2_000), Number(values.runs), {
      trees: 100,
    });
    await compareScores(peer, folder);
    await timeCategories();
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function compareTime(
  peer: SklearnPeer | null,
  { name, file, data }: SharedData,
  runs: number,
  options: ForestOptions,
): Promise<void> {
  const ours: number[] = [];
  const theirs: number[] = [];
  const scores: string[] = [];
  for (let i = 0; i < runs; i++) {
    const before = process.cpuUsage();
    const forest = await trainForest(data, { ...options, threads: 0, seed: i });
    const { user, system } = process.cpuUsage(before);
    ours.push((user + system) / 1e6);
    const request = { ...options, file, task: data.target.task, width: data.rows.width, seed: i };
    const answer = await peer?.call({ operation: "fit", ...request });
    if (answer !== undefined) theirs.push(Number(answer["cpuSeconds"]));
    if (i === 0) {
      scores.push(
        `ours ${forest.ensemble.mode.length} nodes, out of bag ${forest.outOfBag.score?.toFixed(3)}`,
      );
      if (answer)
        scores.push(
          `scikit-learn ${answer["nodes"]} nodes, ${Number(answer["outOfBag"]).toFixed(3)}`,
        );
    }
  }
  console.log(`${name}: ${data.rows.count} rows × ${data.rows.width}, ${JSON.stringify(options)}`);
  console.log(
    `  CPU seconds, ${runs} runs, median (quartiles): Tepal ${formatSpread(ours, 3)}, first run ${ours[0]?.toFixed(3)}`,
  );
  if (theirs.length > 0) {
    const ratio = formatSpread(toRatios(ours, theirs), 2);
    console.log(`  scikit-learn, n_jobs=1: ${formatSpread(theirs, 3)}; ratio ${ratio}`);
  }
  console.log(`  ${scores.join("; ")}\n`);
}

async function compareScores(peer: SklearnPeer | null, folder: string): Promise<void> {
  const sets = [await createFriedman(folder, 500)];
  const version = await peer?.call({ operation: "version" });
  for (const name of Array.isArray(version?.["datasets"]) ? version["datasets"] : []) {
    if (peer !== null) sets.unshift(await loadDataset(peer, folder, String(name)));
  }
  console.log(`Five-fold cross-validation, 128 trees, mean of ${SEEDS.length} seeds`);
  console.log(`  ${"".padEnd(16)}${"ours".padStart(18)}${"scikit-learn".padStart(18)}`);
  for (const { name, file, data } of sets) {
    const request = { file, task: data.target.task, width: data.rows.width, trees: 128 };
    const ours: number[][] = [];
    const theirs: number[][] = [];
    for (const seed of SEEDS) {
      const { task, metrics } = await crossValidate(data, { trees: 128, seed }, { seed });
      ours.push(
        task === "classification"
          ? [metrics.accuracy, metrics.logLoss]
          : [metrics.rSquared ?? Number.NaN, metrics.rootMeanSquaredError],
      );
      const answer = await peer?.call({ operation: "validate", ...request, seed });
      theirs.push(answer === undefined ? [] : Object.values(answer).map(Number));
    }
    const labels = data.target.task === "regression" ? ["R²", "RMSE"] : ["accuracy", "log-loss"];
    for (const [i, label] of labels.entries()) {
      const row = [ours, theirs].map((seeds) => mean(seeds.map((figures) => figures[i])));
      console.log(
        `  ${`${name}, ${label}`.padEnd(26)}${row.map((cell) => cell.padStart(9)).join("  ")}`,
      );
    }
  }
}

/** Compares the time with and without a column of many categories, for many classes: a split depends on rows alone, not on categories × classes. */
async function timeCategories(): Promise<void> {
  const random = createRandom(3);
  const count = 6_000;
  const [categories, classes] = [900, 300];
  const labels = Int32Array.from({ length: count }, () => random.below(classes));
  const target = { task: "classification", classes: [...Array(classes).keys()], labels } as const;
  const values = Float64Array.from({ length: 2 * count }, (_, i) =>
    i % 2 === 0 ? random.normal() : random.below(categories),
  );
  const number = { type: "number" } as const;
  const seconds: number[] = [];
  for (const columns of [[number], [number, { type: "category", count: categories } as const]]) {
    const width = columns.length;
    const rows = { values: values.filter((_, i) => i % 2 < width), count, width };
    const before = process.cpuUsage();
    await trainForest({ rows, columns, target }, { trees: 8, threads: 0 });
    const { user, system } = process.cpuUsage(before);
    seconds.push((user + system) / 1e6);
  }
  const [without = 0, both = 0] = seconds;
  console.log(`\n${count} rows, ${classes} classes, 8 trees: CPU seconds with a number`);
  console.log(
    `  ${without.toFixed(2)}; and with ${categories} categories ${both.toFixed(2)}, ratio ${(both / without).toFixed(1)}`,
  );
}

/** Noise in most columns, and a class that depends on four of them, one by an interaction. */
async function createClassification(folder: string): Promise<SharedData> {
  const random = createRandom(1);
  const table = Array.from({ length: 4_000 }, () => {
    const row = Array.from({ length: 30 }, () => Math.fround(random.normal()));
    const [a = 0, b = 0, c = 0, d = 0] = row;
    return [...row, a + b * c + d * d - 1 + 0.5 * random.normal() > 0 ? 1 : 0];
  });
  return saveTable(folder, "classification", table, "classification");
}

/** Friedman, "Multivariate adaptive regression splines", Annals of Statistics 19(1), 1991: number 1. */
async function createFriedman(folder: string, count: number): Promise<SharedData> {
  const random = createRandom(2);
  const table = Array.from({ length: count }, () => {
    const row = Array.from({ length: 10 }, () => Math.fround(random.uniform()));
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = row;
    const signal = 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e;
    return [...row, signal + random.normal()];
  });
  return saveTable(folder, "Friedman 1", table, "regression");
}

async function saveTable(
  folder: string,
  name: string,
  table: readonly (readonly number[])[],
  task: "classification" | "regression",
): Promise<SharedData> {
  const file = join(folder, `${name}-${table.length}.f64`);
  const width = (table[0]?.length ?? 0) - 1;
  await writeFile(file, new Uint8Array(Float64Array.from(table.flat()).buffer));
  return { name, file, data: await readTable(file, width, task) };
}

async function loadDataset(peer: SklearnPeer, folder: string, name: string): Promise<SharedData> {
  const file = join(folder, `${name}.f64`);
  const { width } = await peer.call({ operation: "export", dataset: name, file });
  return { name, file, data: await readTable(file, Number(width), "classification") };
}

async function readTable(
  file: string,
  width: number,
  task: "classification" | "regression",
): Promise<TrainingSet> {
  const bytes = await readFile(file);
  const table = new Float64Array(Uint8Array.from(bytes).buffer);
  const count = table.length / (width + 1);
  const target = table.filter((_, i) => i % (width + 1) === width);
  const rows = { values: table.filter((_, i) => i % (width + 1) !== width), count, width };
  if (task === "regression") return { rows, target: { task, values: target } };
  const classes = [...new Set(target)].toSorted((a, b) => a - b);
  return {
    rows,
    target: { task, classes, labels: Int32Array.from(target, (y) => classes.indexOf(y)) },
  };
}

function mean(values: readonly (number | undefined)[]): string {
  const sum = values.reduce<number>((total, value) => total + (value ?? Number.NaN), 0);
  return Number.isNaN(sum) ? "–" : (sum / values.length).toFixed(3);
}

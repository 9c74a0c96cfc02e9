import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createForestExecutor } from "../src/model/executor/forest-executor.ts";
import { parseCsv } from "../src/tabular/csv.ts";
import { trainForest } from "../src/training/forest/train.ts";
import { toTrainingData } from "../src/training/load-data.ts";
import { toRows } from "./csv-rows.ts";

const SCRIPT = new URL("./peers/train_mixed.py", import.meta.url).pathname;

type Scores = Record<
  "rf" | "hist" | "rf_ll" | "hist_ll" | "rf_cpu" | "our" | "our_ll" | "our_cpu",
  number
>;

/** Measures training on categories and missing values beside scikit-learn (peers/train_mixed.py): accuracy, log-loss, CPU time of one core. */
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tepal-bench-mixed-"));
  try {
    const python = process.env["TEPAL_PYTHON"] ?? "python3";
    const options = { stdio: "inherit", env: { ...process.env, OMP_NUM_THREADS: "1" } } as const;
    if (spawnSync(python, [SCRIPT, folder], options).status !== 0) return;
    const peers: (Scores & { name: string; seed: number })[] = JSON.parse(
      await readFile(join(folder, "scores.json"), "utf8"),
    );
    const all = new Map<string, Scores[]>();
    for (const [i, peer] of peers.entries()) {
      const ours = await measure(join(folder, String(i)), peer.seed);
      all.set(peer.name, [...(all.get(peer.name) ?? []), { ...peer, ...ours }]);
    }
    console.log(
      "| Data | accuracy: Tepal, forest, HistGB | log-loss | Tepal's CPU time / the forest's |",
    );
    console.log("| --- | --- | --- | --- |");
    for (const [name, scores] of all) {
      const mean = (key: keyof Scores): number =>
        scores.reduce((sum, score) => sum + score[key], 0) / scores.length;
      const list = (...keys: (keyof Scores)[]): string =>
        keys.map((key) => mean(key).toFixed(3)).join(", ");
      const ratio = (mean("our_cpu") / mean("rf_cpu")).toFixed(2);
      console.log(
        `| ${name} | ${list("our", "rf", "hist")} | ${list("our_ll", "rf_ll", "hist_ll")} | ${ratio} |`,
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measure(
  base: string,
  seed: number,
): Promise<Pick<Scores, "our" | "our_ll" | "our_cpu">> {
  const train = parseCsv(await readFile(`${base}.train.csv`, "utf8"), "train");
  const test = parseCsv(await readFile(`${base}.test.csv`, "utf8"), "test");
  const { set, features } = toTrainingData(train, { name: "train", target: "target" });
  if (set.target.task !== "classification") throw new Error("Expected classes.");
  const { classes } = set.target;
  const options = { trees: 128, threads: 0, seed };
  // The first forest warms up the compiler.
  await trainForest(set, options);
  const before = process.cpuUsage();
  const { ensemble } = await trainForest(set, options);
  const { user, system } = process.cpuUsage(before);
  const executor = createForestExecutor(ensemble);
  const count = test.records.length;
  const { values: rows } = toRows(test, features);
  const scores = new Float32Array(count * executor.outputs);
  const labels = new Int32Array(count);
  executor.run(rows, count, scores, labels);
  let right = 0;
  let loss = 0;
  for (const [row, record] of test.records.entries()) {
    const label = classes.map(String).indexOf(record[test.header.indexOf("target")] ?? "");
    right += labels[row] === label ? 1 : 0;
    loss -= Math.log(Math.max(1e-15, scores[row * executor.outputs + label] ?? 0));
  }
  return { our: right / count, our_ll: loss / count, our_cpu: (user + system) / 1e6 };
}

import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileGuard } from "../src/guard/compile-guard.ts";
import { createGuard } from "../src/guard/create-guard.ts";
import { fitGuard } from "../src/guard/fit/fit-guard.ts";
import { parseCsv, type Table } from "../src/tabular/csv.ts";
import { toTrainingData } from "../src/training/load-data.ts";
import { toRows } from "./csv-rows.ts";

const SCRIPT = new URL("./peers/detect_mixed.py", import.meta.url).pathname;
const KINDS = ["permuted", "far"] as const;
const ALPHAS = [0.05, 0.01] as const;

interface Peer {
  readonly name: string;
  readonly share: number;
  readonly isolation_permuted: number;
  readonly isolation_far: number;
  readonly mahalanobis_permuted: number;
  readonly mahalanobis_far: number;
}

interface Measured extends Peer {
  readonly permuted: number;
  readonly far: number;
  /** Share of inliers that are flagged at .05 and .01. */
  readonly flagged: readonly [number, number];
  /** Share of far rows that are flagged at .01. */
  readonly found: number;
}

/**
 * Measures the trust check on rows with categories and missing values beside scikit-learn's isolation forest and Mahalanobis distance on
 * one-hot columns (peers/detect_mixed.py): the area under the ROC curve, false alarms, and far rows found.
 */
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "tepal-bench-trust-"));
  try {
    const python = process.env["TEPAL_PYTHON"] ?? "python3";
    const options = { stdio: "inherit", env: { ...process.env, OMP_NUM_THREADS: "1" } } as const;
    if (spawnSync(python, [SCRIPT, folder], options).status !== 0) return;
    const peers: Peer[] = JSON.parse(await readFile(join(folder, "scores.json"), "utf8"));
    const groups = new Map<string, Measured[]>();
    for (const [i, peer] of peers.entries()) {
      const key = `${peer.name} | ${100 * peer.share} %`;
      const measured = { ...peer, ...(await measure(join(folder, String(i)))) };
      groups.set(key, [...(groups.get(key) ?? []), measured]);
    }
    console.log(
      "| Data | Missing | Permuted: Tepal, forest, Mahalanobis | Far: the same | Far rows flagged | Flagged at .05, .01 |",
    );
    console.log("| --- | --- | --- | --- | --- | --- |");
    for (const [key, all] of groups) {
      const mean = (read: (one: Measured) => number): string =>
        (all.reduce((sum, one) => sum + read(one), 0) / all.length).toFixed(3).replace(/^0/, "");
      const areas = KINDS.map((kind) =>
        [
          mean((one) => one[kind]),
          mean((one) => one[`isolation_${kind}`]),
          mean((one) => one[`mahalanobis_${kind}`]),
        ].join(", "),
      );
      const alarms = ALPHAS.map((_, i) => mean(({ flagged }) => flagged[i] ?? Number.NaN));
      const cells = [key, ...areas, mean(({ found }) => found), alarms.join(", ")];
      console.log(`| ${cells.join(" | ")} |`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measure(base: string): Promise<Omit<Measured, keyof Peer>> {
  const read = async (part: string): Promise<Table> =>
    parseCsv(await readFile(`${base}.${part}.csv`, "utf8"), part);
  const { set, features } = toTrainingData(await read("train"), { name: "t", target: "target" });
  if (set.target.task !== "classification") throw new Error("Expected classes.");
  const { labels, classes } = set.target;
  const { parameters, reference } = fitGuard(set.rows, labels, classes.length, { features });
  const guard = createGuard(compileGuard(parameters, reference, features));
  const check = async (part: string): Promise<Float64Array> => {
    const { values, count, width } = toRows(await read(part), features);
    const all = Float64Array.from({ length: count }, (_, row) => guard.pValue(values, row * width));
    return all.filter((p) => !Number.isNaN(p));
  };
  const inliers = await check("inliers");
  const permuted = await check("permuted");
  const far = await check("far");
  return {
    permuted: toArea(inliers, permuted),
    far: toArea(inliers, far),
    flagged: [toShare(inliers, ALPHAS[0]), toShare(inliers, ALPHAS[1])],
    found: toShare(far, ALPHAS[1]),
  };
}

function toShare(pValues: Float64Array, alpha: number): number {
  return pValues.filter((p) => p <= alpha).length / pValues.length;
}

/** Returns the area under the ROC curve of 1 − p: P(outlier below inlier) + ½ P(equal). */
function toArea(inliers: Float64Array, outliers: Float64Array): number {
  let area = 0;
  for (const p of inliers) for (const q of outliers) area += q < p ? 1 : q === p ? 0.5 : 0;
  return area / (inliers.length * outliers.length);
}

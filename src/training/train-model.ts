import { createHash } from "node:crypto";
import { MAX_GUARD_FEATURES, fitGuard } from "../guard/fit/fit-guard.ts";
import type { FittedGuard } from "../guard/guard.ts";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { saveArtifact } from "../model/artifact.ts";
import { createForestExecutor } from "../model/executor/forest-executor.ts";
import { resolveForestOptions, type ForestOptions } from "./forest/options.ts";
import { trainForest } from "./forest/train.ts";
import { createGolden } from "../model/golden.ts";
import { MANIFEST_FORMAT } from "../model/manifest.ts";
import type { Task } from "../model/model.ts";
import { parseTreeEnsemble } from "../model/onnx/read-tree-ensemble.ts";
import { encodeTreeEnsemble } from "../model/onnx/write-tree-ensemble.ts";
import { parseCsv } from "../tabular/csv.ts";
import { crossValidate } from "./report/cross-validate.ts";
import { toTrainingData, type TrainingData } from "./load-data.ts";
import { checkModelName, pickGoldenRows, type CsvSource, type Tool } from "./model-request.ts";
import { createReport, type TrainingReport } from "./report/report.ts";

/** Inputs of a training. */
export interface TrainRequest {
  /** Folder of all models. */
  readonly models: string;
  /** Name of the model; the next version is written. */
  readonly name: string;
  readonly csv: CsvSource;
  /** Name of the column to predict. */
  readonly target: string;
  /** @default inferred from the target's values */
  readonly task?: Task | undefined;
  /** Units by feature name, for messages. */
  readonly units?: Readonly<Record<string, string>> | undefined;
  readonly forest?: ForestOptions;
  readonly tool: Tool;
}

export interface TrainHooks {
  /** Aborts the training; nothing is written. */
  readonly signal?: AbortSignal;
  /** Called with the finished share of the work, 0 to 1. */
  readonly onProgress?: (share: number) => void;
  readonly clock?: Clock;
}

export interface TrainedModel {
  readonly directory: string;
  readonly name: string;
  readonly version: number;
  readonly taskIsInferred: boolean;
  /** False if there are too many features for the p-value; rows then have range warnings only. */
  readonly hasGuard: boolean;
  readonly report: TrainingReport;
}

const FOLDS = 5;

/**
 * Trains a random forest and a guard on a CSV text, evaluates the forest by cross-validation, and writes
 * the model's next version. The same request gives the same bytes, except for the manifest's time stamps.
 *
 * @throws TepalError INVALID_DATA, INVALID_OPTION, CANNOT_WRITE or CANCELLED; then nothing is written
 */
export async function trainModel(
  request: TrainRequest,
  hooks: TrainHooks = {},
): Promise<TrainedModel> {
  const { name, csv, forest: options = {} } = request;
  const { signal, onProgress = () => {}, clock = systemClock } = hooks;
  checkModelName(name);
  const begun = clock.monotonicSeconds();
  const table = parseCsv(csv.text, csv.name, csv.delimiter);
  const data = toTrainingData(table, { ...request, name: csv.name });
  const { set, features } = data;
  const resolved = resolveForestOptions(options, {
    task: set.target.task,
    rows: set.rows.count,
    features: features.length,
  });

  // One forest for each fold and the final one: equal parts of the work.
  const parts = FOLDS + 1;
  const evaluation = await crossValidate(set, options, {
    folds: FOLDS,
    seed: resolved.seed,
    signal,
    onProgress: (done) => onProgress(done / parts),
  });
  const forest = await trainForest(set, options, {
    signal,
    onProgress: (trees) => onProgress((FOLDS + trees / resolved.trees) / parts),
  });
  const guard = fitTrainingGuard(data);
  const graph = encodeTreeEnsemble(forest.ensemble, {
    producerVersion: request.tool.version,
    featureNames: features.map((feature) => feature.name),
  });
  // Golden predictions come from the written bytes, not from the ensemble in memory.
  const executor = createForestExecutor(parseTreeEnsemble(graph));
  const golden = createGolden(executor, pickGoldenRows(set.rows, resolved.seed));
  const report = createReport({
    data: set,
    featureNames: features.map((feature) => feature.name),
    forest,
    evaluation,
    seconds: clock.monotonicSeconds() - begun,
  });

  const { directory, version } = await saveArtifact(
    request.models,
    {
      manifest: {
        format: MANIFEST_FORMAT,
        name,
        task: set.target.task,
        features: [...features],
        classes: set.target.task === "classification" ? set.target.classes.map(String) : [],
        targets: [data.target],
        training: report,
        provenance: {
          tool: `${request.tool.name} ${request.tool.version}`,
          created: new Date(clock.nowMs()).toISOString(),
          data: csv.name,
          data_sha256: createHash("sha256").update(csv.text).digest("hex"),
          options: {
            trees: resolved.trees,
            max_depth: Number.isFinite(resolved.maxDepth) ? resolved.maxDepth : null,
            min_samples_leaf: resolved.minSamplesLeaf,
            max_features: resolved.maxFeatures,
            seed: resolved.seed,
          },
        },
        guard: guard?.parameters ?? null,
      },
      graph,
      reference: guard?.reference ?? null,
      golden: `${JSON.stringify(golden)}\n`,
    },
    signal,
  );
  const { taskIsInferred } = data;
  return { directory, name, version, taskIsInferred, hasGuard: guard !== null, report };
}

/** Null if there are more features than the trust check can compare in reasonable time. */
function fitTrainingGuard({ set }: TrainingData): FittedGuard | null {
  const { rows, target } = set;
  if (rows.width > MAX_GUARD_FEATURES) return null;
  return target.task === "classification"
    ? fitGuard(rows, target.labels, target.classes.length)
    : fitGuard(rows, null, 0);
}

import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { resolveOptions } from "../../config/resolve-options.ts";
import { TepalError } from "../../kernel/errors.ts";
import type { OptionValues } from "../../kernel/options.ts";
import { formatReport } from "../../training/report/format-report.ts";
import { trainModel } from "../../training/train-model.ts";
import type { ForestOptions, TrainedModel, TrainRequest } from "../../training/training.ts";
import { addDeclaredOptions } from "../options/declared-options.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { addUnitOption, parseDelimiter, parseUnits } from "../options/model-input.ts";
import { createProgress } from "../terminal/progress.ts";
import { TRAIN_OPTIONS } from "../options/train-options.ts";

export function createTrainCommand(): Command {
  const command = new Command("train")
    .description("Train a random forest on a CSV file (default: Iris) and write its next version")
    .helpOption("-h, --help", "Print this help");
  addDeclaredOptions(command, TRAIN_OPTIONS, { variables: false });
  addUnitOption(command);
  return command.action(async (flags: Readonly<Record<string, unknown>>) => {
    const { unit, ...declared } = flags;
    const request = toRequest(resolveOptions(TRAIN_OPTIONS, { flags: declared }), parseUnits(unit));
    const trained = await trainWithProgress(request);
    process.stdout.write(`${formatReport(trained.report)}\n${describe(trained)}\n`);
  });
}

/** Trains with a progress bar. Ctrl-C cancels and writes nothing. */
export async function trainWithProgress(request: TrainRequest): Promise<TrainedModel> {
  const progress = createProgress(`Training ${request.name ?? request.target}`);
  using interrupt = onInterrupt();
  try {
    return await trainModel(request, { signal: interrupt.signal, onProgress: progress.update });
  } finally {
    progress.end();
  }
}

/** Returns the request that trains the example model on the Iris data of the package. */
export function toIrisRequest(models: string): TrainRequest {
  return {
    models,
    data: fileURLToPath(new URL("../../../examples/iris/iris.csv", import.meta.url)),
    target: "species",
    units: { sepal_length: "cm", sepal_width: "cm", petal_length: "cm", petal_width: "cm" },
  };
}

function toRequest(
  options: OptionValues<typeof TRAIN_OPTIONS>,
  units: Readonly<Record<string, string>>,
): TrainRequest {
  const { models, data, target, name, task, trees, minSamplesLeaf, seed, maxDepth } = options;
  const iris = toIrisRequest(models);
  if (data !== null && target === null) {
    throw new TepalError(
      "INVALID_OPTION",
      "Invalid option --target: Missing. Expected the column of --data to predict.",
    );
  }
  return {
    models,
    data: data ?? iris.data,
    target: target ?? iris.target,
    name: name ?? undefined,
    units: data === null && Object.keys(units).length === 0 ? iris.units : units,
    task: task === "auto" ? undefined : task,
    delimiter: data === null ? undefined : parseDelimiter(options.delimiter),
    trees,
    minSamplesLeaf,
    seed,
    maxDepth: maxDepth === 0 ? undefined : maxDepth,
    maxFeatures: toMaxFeatures(options.maxFeatures),
  };
}

function toMaxFeatures(given: string | null): ForestOptions["maxFeatures"] {
  if (given === null || given === "sqrt" || given === "log2" || given === "all") {
    return given ?? undefined;
  }
  return Number(given);
}

function describe({ directory, report, taskIsInferred, hasGuard }: TrainedModel): string {
  const lines = [`Wrote ${directory}`];
  if (taskIsInferred) {
    lines.push(`The target's values look like a ${report.task}. Use --task to override this.`);
  }
  if (!hasGuard) {
    lines.push(
      `${report.features} features are too many for the p-value: rows get range warnings only.`,
    );
  }
  return lines.join("\n");
}

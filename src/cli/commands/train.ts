import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { resolveOptions } from "../../config/resolve-options.ts";
import { TepalError } from "../../kernel/errors.ts";
import type { OptionValues } from "../../kernel/options.ts";
import type { ForestOptions } from "../../training/forest/options.ts";
import { formatReport } from "../../training/report/format-report.ts";
import { trainModel, type TrainedModel, type TrainRequest } from "../../training/train-model.ts";
import { readVersion } from "../../version.ts";
import { addDeclaredOptions } from "../options/declared-options.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import {
  addUnitOption,
  parseDelimiter,
  parseUnits,
  readText,
  toModelName,
} from "../options/model-input.ts";
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
    const request = await toRequest(
      resolveOptions(TRAIN_OPTIONS, { flags: declared }),
      parseUnits(unit),
    );
    const trained = await trainWithProgress(request);
    process.stdout.write(`${formatReport(trained.report)}\n${describe(trained)}\n`);
  });
}

/** Trains with a progress bar. Ctrl-C cancels and writes nothing. */
export async function trainWithProgress(request: TrainRequest): Promise<TrainedModel> {
  const progress = createProgress(`Training ${request.name}`);
  using interrupt = onInterrupt();
  try {
    return await trainModel(request, { signal: interrupt.signal, onProgress: progress.update });
  } finally {
    progress.end();
  }
}

/** Returns the request that trains the example model on the Iris data of the package. */
export async function toIrisRequest(models: string): Promise<TrainRequest> {
  const path = fileURLToPath(new URL("../../../examples/iris/iris.csv", import.meta.url));
  return {
    models,
    name: "iris",
    csv: { name: "iris.csv", text: await readText(path) },
    target: "species",
    units: { sepal_length: "cm", sepal_width: "cm", petal_length: "cm", petal_width: "cm" },
    tool: { name: "tepal", version: readVersion() },
  };
}

async function toRequest(
  options: OptionValues<typeof TRAIN_OPTIONS>,
  units: Readonly<Record<string, string>>,
): Promise<TrainRequest> {
  const { models, data, target, task, delimiter } = options;
  const forest: ForestOptions = {
    trees: options.trees,
    minSamplesLeaf: options.minSamplesLeaf,
    seed: options.seed,
    maxDepth: options.maxDepth === 0 ? undefined : options.maxDepth,
    maxFeatures: toMaxFeatures(options.maxFeatures),
  };
  if (data === null) {
    const iris = await toIrisRequest(models);
    const given = Object.keys(units).length > 0 ? units : iris.units;
    const choices = { name: options.name ?? iris.name, target: target ?? iris.target };
    return { ...iris, ...choices, units: given, forest, task: task === "auto" ? undefined : task };
  }
  if (target === null) {
    throw new TepalError(
      "INVALID_OPTION",
      "--data also needs --target COLUMN, the column to predict",
    );
  }
  return {
    models,
    name: options.name ?? toModelName(data),
    csv: { name: basename(data), text: await readText(data), delimiter: parseDelimiter(delimiter) },
    target,
    task: task === "auto" ? undefined : task,
    units,
    forest,
    tool: { name: "tepal", version: readVersion() },
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

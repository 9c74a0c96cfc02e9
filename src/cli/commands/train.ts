import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { resolveOptions } from "../../config/resolve-options.ts";
import { describeMismatch, toInputError } from "../../kernel/check.ts";
import type { OptionValues } from "../../kernel/options.ts";
import { formatReport } from "../../training/report/format-report.ts";
import { describeMissingGuard } from "../../training/missing-guard.ts";
import { trainModel } from "../../training/train-model.ts";
import type {
  ForestOptions,
  TrainedModel,
  TrainRequest,
  WithDirectory,
  WithFolder,
} from "../../training/training.ts";
import { addDeclaredOptions } from "../options/declared-options.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import {
  addUnitOption,
  parseUnits,
  PRINT_DATA_MESSAGES,
  toFileForm,
  withFlagNames,
} from "../options/model-input.ts";
import { describeNext } from "../options/next-command.ts";
import { createProgress } from "../terminal/progress.ts";
import { TRAIN_OPTIONS } from "../../training/options.ts";
import { print, printError } from "../terminal/print.ts";

export function createTrainCommand(): Command {
  const command = new Command("train")
    .description("Train a random forest on a CSV file (default: Iris) and write its next version")
    .helpOption("-h, --help", "Print this help");
  addDeclaredOptions(command, TRAIN_OPTIONS, { variables: false });
  addUnitOption(command);
  return command.action(async (flags: Readonly<Record<string, unknown>>) => {
    const { unit, ...declared } = flags;
    const request = toRequest(resolveOptions(TRAIN_OPTIONS, { flags: declared }), parseUnits(unit));
    const trained = await withFlagNames(trainWithProgress(request));
    const lines = [...describe(trained), ...(await describeNext(request.models, trained.name))];
    print(`${formatReport(trained.report)}\n${lines.join("\n")}\n`);
  });
}

/** Trains with a progress bar. Ctrl-C cancels and writes nothing. */
export async function trainWithProgress(
  request: TrainRequest & WithFolder,
): Promise<TrainedModel & WithDirectory> {
  const progress = createProgress(`Training ${request.name ?? request.target}`);
  using interrupt = onInterrupt();
  try {
    return await trainModel(request, {
      ...PRINT_DATA_MESSAGES,
      onColumns: (lines) => printError(`${lines.join("\n")}\n\n`),
      signal: interrupt.signal,
      onProgress: progress.update,
    });
  } finally {
    progress.end();
  }
}

/** Returns the request that trains the example model on the Iris data of the package. */
export function toIrisRequest(models: string): TrainRequest & WithFolder {
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
): TrainRequest & WithFolder {
  const { models, data, target, name, task, maxFeatures, ...rest } = options;
  const { delimiter, decimal, encoding, missing, ...others } = rest;
  const iris = toIrisRequest(models);
  if (data !== null && target === null) {
    const message = "Missing. Expected the column of --data to predict.";
    throw toInputError("INVALID_OPTION", "option", [{ at: "--target", message }]);
  }
  return {
    models,
    data: data ?? iris.data,
    target: target ?? iris.target,
    name: name ?? undefined,
    units: data === null && Object.keys(units).length === 0 ? iris.units : units,
    task: task === "auto" ? undefined : task,
    ...(data !== null && toFileForm({ delimiter, decimal, encoding, missing })),
    ...others,
    maxFeatures: toMaxFeatures(maxFeatures),
  };
}

function toMaxFeatures(given: string | null): ForestOptions["maxFeatures"] {
  if (given === null || given === "sqrt" || given === "log2" || given === "all") {
    return given ?? undefined;
  }
  const number = Number(given);
  if (!Number.isNaN(number)) return number;
  const expected = "sqrt, log2, all, an integer ≥ 1, or a number > 0 and < 1";
  const message = describeMismatch(expected, given);
  throw toInputError("INVALID_OPTION", "option", [{ at: "--max-features", message }]);
}

function describe({
  directory,
  model,
  report,
  taskIsInferred,
  hasGuard,
}: TrainedModel & WithDirectory): readonly string[] {
  const lines = [`Wrote ${directory}`];
  if (taskIsInferred) {
    lines.push(`The target's values look like a ${report.task}. Use --task to override this.`);
  }
  if (!hasGuard) lines.push(describeMissingGuard(model.manifest.features));
  return lines;
}

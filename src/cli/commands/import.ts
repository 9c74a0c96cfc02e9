import { Command } from "commander";
import { resolveOptions } from "../../config/resolve-options.ts";
import type { OptionValues } from "../../kernel/options.ts";
import { isRemote } from "../../model/model.ts";
import { parseNullable } from "../../training/import/parse-nullable.ts";
import { importModel } from "../../training/import/import-model.ts";
import { describeMissingGuard } from "../../training/missing-guard.ts";
import type { ImportedModel } from "../../training/training.ts";
import { addDeclaredOptions } from "../options/declared-options.ts";
import {
  addUnitOption,
  parseUnits,
  PRINT_DATA_MESSAGES,
  toFileForm,
  withFlagNames,
} from "../options/model-input.ts";
import { describeNext } from "../options/next-command.ts";
import { IMPORT_OPTIONS } from "../../training/options.ts";
import { print } from "../terminal/print.ts";

type Options = OptionValues<typeof IMPORT_OPTIONS>;

export function createImportCommand(): Command {
  const command = new Command("import")
    .description(
      "Import a model of scikit-learn, XGBoost or LightGBM as the next version of a model",
    )
    .argument("<file>", "ONNX file, XGBoost JSON or UBJ, or LightGBM text")
    .helpOption("-h, --help", "Print this help");
  addDeclaredOptions(command, IMPORT_OPTIONS, { variables: false });
  addUnitOption(command);
  return command.action(async (file: string, flags: Readonly<Record<string, unknown>>) => {
    const { unit, ...declared } = flags;
    const options = resolveOptions(IMPORT_OPTIONS, { flags: declared });
    const request = {
      models: options.models,
      name: options.name ?? undefined,
      graph: file,
      data: options.data ?? undefined,
      ...toFileForm(options),
      target: options.target ?? undefined,
      drop: options.drop,
      id: options.id,
      expect: options.expect ?? undefined,
      engine: options.engine,
      nullable: options.nullable === null ? undefined : parseNullable(options.nullable),
      units: parseUnits(unit),
    };
    const imported = await withFlagNames(importModel(request, PRINT_DATA_MESSAGES));
    const lines = [
      ...describe(imported, options),
      ...(await describeNext(options.models, imported.name)),
    ];
    print(`${lines.join("\n")}\n`);
    const { executor } = imported.model;
    if (isRemote(executor)) await executor.close();
  });
}

function describe(imported: ImportedModel, { target, data, expect }: Options): readonly string[] {
  const { directory, hasGuard, fit } = imported;
  const { executor, manifest } = imported.model;
  const names = manifest.features.map(({ name }) => name);
  const outputs = executor.task === "classification" ? `${executor.outputs} classes` : "a number";
  const lines = [`${names.length} features (${shorten(names)}), predicts ${outputs}`];
  if (fit !== null) {
    const how =
      executor.task === "classification"
        ? `${(fit * 100).toFixed(1)} % of ${target} right`
        : `${target} with R² ${fit.toFixed(3)}`;
    lines.push(`On ${data} the model predicts ${how}. It may have been trained on these rows.`);
  }
  if (expect !== null) lines.push(`Predictions equal those of ${expect}.`);
  if (data === null) {
    lines.push(
      "Without --data there is no trust check: predictions have no p-value and no range warnings.",
    );
  } else if (!hasGuard) {
    lines.push(describeMissingGuard(manifest.features));
  }
  if (isRemote(executor)) {
    lines.push(
      "onnxruntime computes this model: the server requires the package onnxruntime-node, too.",
    );
  }
  return [...lines, `Wrote ${directory}`];
}

function shorten(names: readonly string[]): string {
  return names.length <= 8 ? names.join(", ") : `${names.slice(0, 8).join(", ")}, …`;
}

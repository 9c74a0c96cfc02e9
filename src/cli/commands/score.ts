import { realpath } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, extname, join } from "node:path";
import { Command } from "commander";
import { resolveOptions } from "../../config/resolve-options.ts";
import { TepalError } from "../../kernel/errors.ts";
import type { OptionValues } from "../../kernel/options.ts";
import { listModels, listVersions } from "../../model/artifact.ts";
import { findDefault } from "../../model/find-default.ts";
import { toCoding } from "../../scoring/open-input.ts";
import { scoreFile } from "../../scoring/score-file.ts";
import type { ScoreRequest, ScoreSummary } from "../../scoring/scoring.ts";
import { SERVING_OPTIONS } from "../../serving/options.ts";
import type { RowFormat } from "../../serving/serving.ts";
import { readVersion } from "../../version.ts";
import { addDeclaredOptions } from "../options/declared-options.ts";
import { BAD_ROWS } from "../exit-codes.ts";
import { onInterrupt } from "../terminal/interrupt.ts";
import { toFileForm } from "../options/model-input.ts";
import { createProgress } from "../terminal/progress.ts";
import { SCORE_OPTIONS } from "../options/score-options.ts";
import { printError } from "../terminal/print.ts";

type Options = OptionValues<typeof SCORE_OPTIONS>;

export function createScoreCommand(): Command {
  const command = new Command("score")
    .description("Predict every row of a CSV or NDJSON file on all cores, without a server")
    .argument("<file>", "CSV or NDJSON file; .gz, .br and .zst are decompressed")
    .helpOption("-h, --help", "Print this help");
  addDeclaredOptions(command, SCORE_OPTIONS, { variables: false });
  return command.action(async (file: string, flags: Readonly<Record<string, unknown>>) => {
    const request = await toRequest(file, resolveOptions(SCORE_OPTIONS, { flags }));
    const summary = await scoreWithProgress(request);
    // The reader of the output has all that it needs.
    if (!summary.isComplete) return;
    printError(`${describe(summary, request)}\n`);
    if (summary.counts.bad > 0) process.exitCode = BAD_ROWS;
  });
}

async function scoreWithProgress(request: ScoreRequest): Promise<ScoreSummary> {
  const progress = createProgress(`Scoring ${basename(request.file)}`);
  using interrupt = onInterrupt();
  try {
    return await scoreFile(request, {
      signal: interrupt.signal,
      onProgress: progress.update,
      onWarning: (message) => printError(`warning: ${message}\n`),
      onNotice: (message) => printError(`${message}\n`),
    });
  } catch (error) {
    if (error instanceof TepalError && error.code === "CANCELLED" && request.out !== null) {
      const message = "Cancelled. Run the same command again to resume.";
      throw new TepalError("CANCELLED", message, { cause: error });
    }
    throw error;
  } finally {
    progress.end();
  }
}

async function toRequest(file: string, options: Options): Promise<ScoreRequest> {
  const { out } = options;
  const input =
    toFormat(options.inputFormat, stripCoding(file)) ?? failUnknownFormat("--input-format", file);
  const output =
    out === null
      ? (toFormat(options.outputFormat, "") ?? input)
      : (toFormat(options.outputFormat, out) ?? failUnknownFormat("--output-format", out));
  if (
    out !== null &&
    (await realpath(out).catch(() => out)) === (await realpath(file).catch(() => ""))
  ) {
    const message = `Invalid option --out: Expected a file other than the input, got ${JSON.stringify(out)}.`;
    throw new TepalError("INVALID_OPTION", message);
  }
  return {
    file,
    out,
    model: await findModel(options),
    input,
    output,
    form: toFileForm(options),
    onBadRow: options.onBadRow,
    serving: {
      maxBatchRows: SERVING_OPTIONS.maxBatchRows.default,
      oodAlpha: options.oodAlpha,
      oodPolicy: options.oodPolicy,
      uncheckedPolicy: options.uncheckedPolicy,
      categoryPolicy: options.categoryPolicy,
      missingPolicy: options.missingPolicy,
    },
    engine: { engineTimeout: options.engineTimeout, engineMemory: options.engineMemory },
    jobs: options.jobs === 0 ? availableParallelism() : options.jobs,
    restart: options.restart,
    tool: readVersion(),
  };
}

function stripCoding(file: string): string {
  return toCoding(file) === undefined ? file : file.slice(0, -extname(file).length);
}

function toFormat(given: Options["inputFormat"], file: string): RowFormat | undefined {
  if (given !== "auto") return given;
  const extension = extname(file).toLowerCase();
  if (extension === ".csv") return "csv";
  return extension === ".ndjson" || extension === ".jsonl" ? "ndjson" : undefined;
}

function failUnknownFormat(option: string, file: string): never {
  throw new TepalError(
    "INVALID_OPTION",
    `The extension of ${file} does not determine its format. Pass ${option} csv or ${option} ndjson.`,
  );
}

/** @throws TepalError MODEL_NOT_FOUND; MODEL_DAMAGED for the record of the default model */
async function findModel({ models, model, modelVersion }: Options): Promise<string> {
  const names = await listModels(models);
  const selected = model === null ? await findDefault(models) : undefined;
  if (selected !== undefined && selected.notice !== null) {
    printError(`warning: ${selected.notice.replace("--default-model", "--model")}\n`);
  }
  const name = model ?? selected?.name;
  const versions = name === undefined ? [] : ((await listVersions(join(models, name))) ?? []);
  const version = modelVersion === 0 ? versions.at(-1) : modelVersion;
  if (name === undefined || version === undefined || !versions.includes(version)) {
    const wanted = `${name ?? "a model"}${modelVersion === 0 ? "" : `, version ${modelVersion}`}`;
    const advice =
      names.length === 0
        ? "The folder has no models; `tepal train` creates one."
        : `Models in the folder: ${names.join(", ")}.`;
    throw new TepalError("MODEL_NOT_FOUND", `Cannot find ${wanted} in ${models}. ${advice}`);
  }
  return join(models, name, String(version));
}

function describe({ counts, rows, seconds, model }: ScoreSummary, { out }: ScoreRequest): string {
  const rate = (rows / Math.max(seconds, 0.001)).toFixed(0);
  const unchecked = counts.unchecked === 0 ? "" : `, ${counts.unchecked} not checked`;
  const lines = [
    `${counts.rows} rows: ${counts.bad} bad, ${counts.outliers} unlike the training data${unchecked}. ` +
      `Scored ${rows} in ${seconds.toFixed(1)} s (${rate} rows/s) with ${model}.`,
  ];
  if (out !== null) lines.push(`Wrote ${out}`);
  return lines.join("\n");
}

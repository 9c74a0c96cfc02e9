import { HTTP_OPTIONS } from "../../http/options.ts";
import type { OptionDeclarations } from "../../kernel/options.ts";
import { MODEL_OPTIONS } from "../../model/options.ts";
import { SERVING_OPTIONS } from "../../serving/options.ts";
import { CSV_OPTIONS } from "../../training/options.ts";

/** Options of `tepal score`. */
export const SCORE_OPTIONS = {
  out: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "Output file; resumes an interrupted run (default: standard output)",
  },
  restart: {
    type: "switch",
    default: false,
    help: "Start over instead of resuming an interrupted run",
  },
  models: MODEL_OPTIONS.models,
  model: {
    ...MODEL_OPTIONS.defaultModel,
    help: "Model name (default: the folder's default model)",
  },
  modelVersion: {
    type: "integer",
    default: 0,
    min: 0,
    max: 999_999_999,
    help: "Model version (0 = newest)",
  },
  inputFormat: {
    type: "choice",
    choices: ["auto", "csv", "ndjson"],
    default: "auto",
    help: "Input format (auto = by file extension)",
  },
  outputFormat: {
    type: "choice",
    choices: ["auto", "csv", "ndjson"],
    default: "auto",
    help: "Output format (auto = by extension of --out, else as input)",
  },
  ...CSV_OPTIONS,
  onBadRow: {
    ...HTTP_OPTIONS.onBadRow,
    help: "Write an error line for a bad row and continue, or stop",
  },
  oodAlpha: SERVING_OPTIONS.oodAlpha,
  oodPolicy: {
    ...SERVING_OPTIONS.oodPolicy,
    help: "Predict out-of-distribution rows with a warning, or treat them as bad",
  },
  uncheckedPolicy: SERVING_OPTIONS.uncheckedPolicy,
  categoryPolicy: SERVING_OPTIONS.categoryPolicy,
  missingPolicy: SERVING_OPTIONS.missingPolicy,
  engineTimeout: MODEL_OPTIONS.engineTimeout,
  engineMemory: MODEL_OPTIONS.engineMemory,
  jobs: {
    type: "integer",
    default: 0,
    min: 0,
    max: 1_024,
    help: "Number of threads (0 = one per core)",
  },
} as const satisfies OptionDeclarations;

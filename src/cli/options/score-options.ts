import { HTTP_OPTIONS } from "../../http/options.ts";
import type { OptionDeclarations } from "../../kernel/options.ts";
import { MODEL_OPTIONS } from "../../model/options.ts";
import { SERVING_OPTIONS } from "../../serving/options.ts";
import { TRAIN_OPTIONS } from "./train-options.ts";

/** What `tepal score` can be told. */
export const SCORE_OPTIONS = {
  out: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "Where the lines go; without it to the standard output. A run that was ended goes on there when it is started again",
  },
  restart: {
    type: "switch",
    default: false,
    help: "Begins anew where an earlier run has left a part of --out",
  },
  models: MODEL_OPTIONS.models,
  model: { ...MODEL_OPTIONS.model, help: "The model; without it the first by name" },
  modelVersion: {
    type: "integer",
    default: 0,
    min: 0,
    max: 999_999_999,
    help: "Its version; 0 is the newest",
  },
  inputFormat: {
    type: "choice",
    choices: ["auto", "csv", "ndjson"],
    default: "auto",
    help: "What the file is; auto looks at its extension (.csv, .ndjson, .jsonl, each also with .gz, .br or .zst)",
  },
  outputFormat: {
    type: "choice",
    choices: ["auto", "csv", "ndjson"],
    default: "auto",
    help: "What is written; auto looks at the extension of --out, or takes the input's",
  },
  delimiter: TRAIN_OPTIONS.delimiter,
  onBadRow: {
    ...HTTP_OPTIONS.onBadRow,
    help: "What a bad row does: it has an error line and the run goes on, or ends there",
  },
  oodAlpha: SERVING_OPTIONS.oodAlpha,
  oodPolicy: {
    ...SERVING_OPTIONS.oodPolicy,
    help: "What happens to a row that the p-value flags: predicted with a warning, or a bad row",
  },
  jobs: {
    type: "integer",
    default: 0,
    min: 0,
    max: 1_024,
    help: "Number of threads; 0 is one for each core",
  },
} as const satisfies OptionDeclarations;

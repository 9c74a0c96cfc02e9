import type { OptionDeclarations } from "../../kernel/options.ts";
import { MODEL_OPTIONS } from "../../model/options.ts";

/** Options of `tepal train`. */
export const TRAIN_OPTIONS = {
  data: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "CSV file with a header and numeric features (default: Iris)",
  },
  target: {
    type: "optional string",
    placeholder: "COLUMN",
    default: null,
    help: "Column to predict",
  },
  task: {
    type: "choice",
    choices: ["auto", "classification", "regression"],
    default: "auto",
    help: "Task; auto treats strings and few distinct integers as classes",
  },
  name: {
    type: "optional string",
    placeholder: "NAME",
    default: null,
    help: "Name of the model (default: the data file's name)",
  },
  models: MODEL_OPTIONS.models,
  trees: { type: "integer", default: 128, min: 1, max: 10_000, help: "Number of trees" },
  maxDepth: {
    type: "integer",
    default: 0,
    min: 0,
    max: 2_147_483_647,
    help: "Maximum tree depth (0 = unlimited)",
  },
  minSamplesLeaf: {
    type: "integer",
    default: 1,
    min: 1,
    max: 2_147_483_647,
    help: "Minimum number of training rows in a leaf",
  },
  maxFeatures: {
    type: "optional string",
    placeholder: "N",
    default: null,
    help: "Features per split: sqrt, log2, all, an integer or a fraction",
  },
  seed: {
    type: "integer",
    default: 42,
    min: 0,
    max: 4_294_967_295,
    help: "Random seed; same seed and data, same model",
  },
  delimiter: {
    type: "string",
    placeholder: "CHARACTER",
    default: ",",
    help: "Column delimiter of the file; \\t is a tab",
  },
} as const satisfies OptionDeclarations;

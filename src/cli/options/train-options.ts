import type { OptionDeclarations } from "../../kernel/options.ts";
import { MODEL_OPTIONS } from "../../model/options.ts";

/** What `tepal train` can be told. */
export const TRAIN_OPTIONS = {
  data: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "CSV file with a header and numeric features; without it Iris, which comes with Tepal",
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
    help: "What to learn; auto takes text and few whole numbers for classes",
  },
  name: {
    type: "optional string",
    placeholder: "NAME",
    default: null,
    help: "The model's name; without it the data file's",
  },
  models: MODEL_OPTIONS.models,
  trees: { type: "integer", default: 128, min: 1, max: 10_000, help: "Number of trees" },
  maxDepth: {
    type: "integer",
    default: 0,
    min: 0,
    max: 2_147_483_647,
    help: "Most branches between root and leaf; 0 is no limit",
  },
  minSamplesLeaf: {
    type: "integer",
    default: 1,
    min: 1,
    max: 2_147_483_647,
    help: "Fewest training rows in a leaf",
  },
  maxFeatures: {
    type: "optional string",
    placeholder: "N",
    default: null,
    help: "Features that each node chooses among: sqrt, log2, all, a number or a fraction; without it sqrt for classes, all for numbers",
  },
  seed: {
    type: "integer",
    default: 42,
    min: 0,
    max: 4_294_967_295,
    help: "Of all random choices: the same seed and data give the same model",
  },
  delimiter: {
    type: "string",
    placeholder: "CHARACTER",
    default: ",",
    help: "What separates the columns of the file; \\t is a tab",
  },
} as const satisfies OptionDeclarations;

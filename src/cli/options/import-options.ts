import type { OptionDeclarations } from "../../kernel/options.ts";
import { TRAIN_OPTIONS } from "./train-options.ts";

/** Options of `tepal import`. */
export const IMPORT_OPTIONS = {
  data: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "CSV file with the training data, features in the graph's order",
  },
  target: {
    type: "optional string",
    placeholder: "COLUMN",
    default: null,
    help: "Column of the data that the model predicts",
  },
  name: {
    type: "optional string",
    placeholder: "NAME",
    default: null,
    help: "Name of the model (default: the file's name)",
  },
  models: TRAIN_OPTIONS.models,
  delimiter: TRAIN_OPTIONS.delimiter,
} as const satisfies OptionDeclarations;

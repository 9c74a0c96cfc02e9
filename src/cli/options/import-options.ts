import type { OptionDeclarations } from "../../kernel/options.ts";
import { TRAIN_OPTIONS } from "./train-options.ts";

/** What `tepal import` can be told. */
export const IMPORT_OPTIONS = {
  data: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "CSV file with the training data's features in the graph's order: gives names, ranges and the guard",
  },
  target: {
    type: "optional string",
    placeholder: "COLUMN",
    default: null,
    help: "Column of the data that the model predicts, and so no feature",
  },
  name: {
    type: "optional string",
    placeholder: "NAME",
    default: null,
    help: "The model's name; without it the ONNX file's",
  },
  models: TRAIN_OPTIONS.models,
  delimiter: TRAIN_OPTIONS.delimiter,
} as const satisfies OptionDeclarations;

import type { OptionDeclarations } from "../kernel/options.ts";
import { TEXT_ENCODINGS } from "../kernel/text-encoding.ts";
import { ENGINES } from "../model/model.ts";
import { MODEL_OPTIONS } from "../model/options.ts";
import { custom } from "../kernel/check/values.ts";
import { MISSING_WORDS } from "../tabular/csv.ts";
import { DECIMAL_MARKS } from "../tabular/tabular.ts";

const COLUMN = custom("the name of a column", (given) =>
  typeof given === "string" && given !== "" ? given : undefined,
);

/** Options of a random forest, the same for the command line and for programs. */
export const FOREST_OPTIONS = {
  /**
   * Number of trees, 1…10,000. With a power of two, the probabilities of a row sum to exactly 1 more often: a leaf's
   * shares are divided by it, and only a power of two divides a float32 number exactly.
   * @default 128
   */
  trees: { type: "integer", default: 128, min: 1, max: 10_000, help: "Number of trees" },
  /** Maximum tree depth; 0 for unlimited. @default 0 */
  maxDepth: {
    type: "integer",
    default: 0,
    min: 0,
    max: 2_147_483_647,
    help: "Maximum tree depth (0 = unlimited)",
  },
  /** Minimum number of distinct training rows in a leaf, ≥ 1 (a row drawn twice counts once). @default 1 */
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
  /** Random seed, 0…2³² − 1. The same seed and data give the same forest for any number of threads. @default 42 */
  seed: {
    type: "integer",
    default: 42,
    min: 0,
    max: 4_294_967_295,
    help: "Random seed; same seed and data, same model",
  },
} as const satisfies OptionDeclarations;

/** Options of the commands that read a CSV file. */
export const CSV_OPTIONS = {
  delimiter: {
    type: "string",
    placeholder: "CHARACTER",
    default: "auto",
    help: "Column delimiter of the file; \\t is a tab, auto detects it",
  },
  decimal: {
    type: "choice",
    choices: ["auto", ...DECIMAL_MARKS],
    default: "auto",
    help: "Decimal mark of numbers in the file",
  },
  encoding: {
    type: "choice",
    choices: ["auto", ...TEXT_ENCODINGS],
    default: "auto",
    help: "Encoding of the file (auto = UTF-8, or UTF-16 with its mark)",
  },
} as const satisfies OptionDeclarations;

/** An option of the commands that read training data. */
const MISSING_OPTION = {
  missing: {
    type: "string",
    placeholder: "WORDS",
    default: MISSING_WORDS,
    help: "Comma-separated cell contents that are missing values, besides empty cells",
  },
} as const satisfies OptionDeclarations;

/** Options of the commands that read training data: the columns that they leave out. */
const LEFT_OUT_OPTIONS = {
  drop: {
    type: "list",
    placeholder: "COLUMN",
    default: [],
    item: COLUMN,
    help: "Columns that are not features",
  },
  id: {
    type: "list",
    placeholder: "COLUMN",
    default: [],
    item: COLUMN,
    help: "Columns that identify rows; same effect as --drop",
  },
} as const satisfies OptionDeclarations;

/** Options of `tepal train`. */
export const TRAIN_OPTIONS = {
  data: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "CSV file with a header (default: Iris)",
  },
  target: {
    type: "optional string",
    placeholder: "COLUMN",
    default: null,
    help: "Column to predict",
  },
  ...LEFT_OUT_OPTIONS,
  categorical: {
    type: "list",
    placeholder: "COLUMN",
    default: [],
    item: COLUMN,
    help: "Columns of categories, also if their values are numbers",
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
  ...FOREST_OPTIONS,
  ...CSV_OPTIONS,
  ...MISSING_OPTION,
} as const satisfies OptionDeclarations;

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
  ...LEFT_OUT_OPTIONS,
  expect: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "CSV file with the library's predictions for the rows of --data",
  },
  engine: {
    type: "choice",
    choices: ["auto", ...ENGINES],
    default: "auto",
    help: "Engine of the model (auto = onnxruntime if Tepal cannot compute it)",
  },
  nullable: {
    type: "optional string",
    placeholder: "NAMES",
    default: null,
    help: "Features that may be missing: all, or comma-separated names",
  },
  name: {
    type: "optional string",
    placeholder: "NAME",
    default: null,
    help: "Name of the model (default: the file's name)",
  },
  models: TRAIN_OPTIONS.models,
  ...CSV_OPTIONS,
  ...MISSING_OPTION,
} as const satisfies OptionDeclarations;

/**
 * Training: rows in, model version out. Two functions write a version:
 *
 * - `trainModel` trains a random forest on a table, evaluates it by cross-validation and fits the trust check.
 * - `importModel` takes an ONNX graph that another library exported, and a table that describes its inputs.
 *
 * Both give a model that is verified like one from disk: it has reproduced its golden predictions. With `models`, it is also
 * written as the next version of its name; without, it exists in memory only. Problems of a table are reported by row and
 * column, and nothing is written then.
 */
import type { Clock } from "../kernel/clock.ts";
import type { OptionValues } from "../kernel/options.ts";
import type { TextEncoding } from "../kernel/text-encoding.ts";
import type { AnyExecutor, Engine, LoadedModel, Task } from "../model/model.ts";
import type { DecimalMark } from "../tabular/tabular.ts";
import type { FOREST_OPTIONS } from "./options.ts";
import type { TrainingReport } from "./report/training-report.ts";

/** A value of a table. null, undefined and NaN are missing values. */
export type DataValue = number | string | boolean | null | undefined;

/** A row by column name. */
export type DataRow = Readonly<Record<string, DataValue>>;

/** Columns of equal length by name. */
export type DataColumns = Readonly<Record<string, ArrayLike<DataValue>>>;

/** A CSV text, with a header line, and its name in messages. */
export interface CsvText {
  readonly name: string;
  readonly text: string;
}

/** The path of a CSV file, a CSV text, rows, or columns. Strings are read as the cells of a CSV file are. */
export type DataSource = string | CsvText | readonly DataRow[] | DataColumns;

/** The form of a CSV file or text. What is not given is detected. */
export interface FileForm {
  /** Column delimiter. @default detected: `,` `;` tab or `|` */
  readonly delimiter?: string | undefined;
  /** Decimal mark of the numbers. @default detected: a comma only if it does not separate the columns */
  readonly decimal?: DecimalMark | undefined;
  /** Encoding of a file. @default UTF-8, or UTF-16 if the file has its byte-order mark */
  readonly encoding?: TextEncoding | undefined;
  /**
   * Cells that are missing values besides empty ones, with commas between, in any case. The model keeps them for the CSV rows that it predicts.
   * @default "NA,N/A,NaN,null,None,?"
   */
  readonly missing?: string | undefined;
}

interface SourceOptions extends FileForm {
  /** Units by feature name, for messages and the API description: `{ height: "cm" }`. */
  readonly units?: Readonly<Record<string, string>> | undefined;
  /** Columns that are not features. */
  readonly drop?: readonly string[] | undefined;
  /** Columns that identify rows; same effect as --drop. */
  readonly id?: readonly string[] | undefined;
}

interface ModelTarget {
  /**
   * Folder of all models, in which the next version of the model is written. Without it, nothing is written: serve
   * the result with `createServer({ models: [result.model] })`.
   */
  readonly models?: string | undefined;
  /** 1 to 64 letters, digits, ".", "_" or "-". @default the file's name without its extension, else "model" */
  readonly name?: string | undefined;
}

type Given<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Options of a random forest; their defaults and ranges are declared in options.ts. */
export interface ForestOptions extends Given<
  Omit<OptionValues<typeof FOREST_OPTIONS>, "maxFeatures">
> {
  /**
   * Number of candidate features per split: an integer, a fraction of all (0 < f < 1, rounded down, at least 1), or a
   * rule.
   * @default "sqrt" for classification, "all" for regression
   */
  readonly maxFeatures?: "sqrt" | "log2" | "all" | number | undefined;
  /**
   * Worker threads, 0…1,024; 0 trains in this thread and yields to the event loop between trees.
   * @default the number of cores for large data, else 0
   */
  readonly threads?: number | undefined;
}

/** The options of `tepal train`, as a program gives them. */
export interface TrainRequest extends ForestOptions, SourceOptions, ModelTarget {
  /**
   * All columns but the target are features: numbers, truth values or categories, each with missing values or without. A column of
   * strings where most rows have a value of their own is left out, with a notice.
   */
  readonly data: DataSource;
  /** Columns of categories, also if their values are numbers. */
  readonly categorical?: readonly string[] | undefined;
  /** Name of the column to predict. */
  readonly target: string;
  /** @default inferred: classification for strings and for integers with few distinct values */
  readonly task?: Task | undefined;
}

/** A request with a models folder: its result has a directory. */
export interface WithFolder {
  readonly models: string;
}

export interface WithDirectory {
  readonly directory: string;
}

/** Functions that receive what a user should know about the data, a sentence each, before any training. */
export interface DataHooks {
  /** Receives the form that was detected for a file, if it is not the usual one. */
  readonly onNotice?: (message: string) => void;
  /** Receives problems of the data that do not prevent a model, for example a column that float32 cannot hold. */
  readonly onWarning?: (message: string) => void;
}

export interface TrainHooks extends DataHooks {
  /** Receives a table of the columns before training, line by line: types, missing values, ranges, and what looks wrong. */
  readonly onColumns?: (lines: readonly string[]) => void;
  /** Aborts the training with TepalError CANCELLED; nothing is written. */
  readonly signal?: AbortSignal;
  /** Called with the finished share of the work, 0 to 1. */
  readonly onProgress?: (share: number) => void;
  readonly clock?: Clock;
}

export interface TrainedModel {
  /** Ready to predict and to serve. */
  readonly model: LoadedModel;
  readonly name: string;
  /** 1 for a model in memory. */
  readonly version: number;
  /** Directory of the version; null for a model in memory. */
  readonly directory: string | null;
  /** True if the task was inferred from the target's values. */
  readonly taskIsInferred: boolean;
  /** False if there are too many features for the p-value; rows then have warnings of ranges and categories only. */
  readonly hasGuard: boolean;
  readonly report: TrainingReport;
}

export interface ImportHooks extends DataHooks {
  readonly clock?: Clock;
}

/** The options of `tepal import`, as a program gives them. */
export interface ImportRequest extends SourceOptions, ModelTarget {
  /** Path or content of an ONNX file, of XGBoost JSON or UBJ, or of LightGBM text. */
  readonly graph: string | Uint8Array;
  /**
   * Rows like the training data, features in the graph's order: the source of names, ranges and reference rows. Missing
   * values are allowed. Without it, features have the names in the file or f0, f1, …, and there is no trust check.
   */
  readonly data?: DataSource | undefined;
  /** Column of the data that the model predicts, which is not a feature. */
  readonly target?: string | undefined;
  /**
   * The library's own predictions for the rows of the data: a column for each class or target, or one with the classes. The import is
   * rejected if the graph predicts other values; otherwise up to 100 of the rows become golden predictions.
   */
  readonly expect?: DataSource | undefined;
  /**
   * Engine of the model: Tepal, if it computes the graph, else onnxruntime, if it is installed (auto); only Tepal; or onnxruntime. @default
   * "auto"
   */
  readonly engine?: "auto" | Engine | undefined;
  /** Features that may be missing, also if no value of the data is: "all", or their names. */
  readonly nullable?: "all" | readonly string[] | undefined;
}

export interface ImportedModel {
  /** Ready to predict and to serve. The caller closes the executor of one that onnxruntime computes. */
  readonly model: LoadedModel<AnyExecutor>;
  readonly name: string;
  /** 1 for a model in memory. */
  readonly version: number;
  /** Directory of the version; null for a model in memory. */
  readonly directory: string | null;
  readonly hasGuard: boolean;
  /**
   * Score of the model on the target column: the share of correct classes, or R². The model may have been trained on
   * these rows, so this shows whether columns are in order, not how good the model is. Null without a target.
   */
  readonly fit: number | null;
}

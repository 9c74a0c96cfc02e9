import type { CompiledForest } from "../executor/compile-forest.ts";
import type { ClassLabels, Task } from "../model.ts";

/**
 * Graphs with steps around their trees, or without trees: scaling, encoding, linear models, several ensembles combined.
 *
 * A graph is compiled once, when it is loaded, to a list of steps over typed columns. All checks happen then: operators and
 * their versions, element types, shapes, lengths of constants. Constants are computed then, too. A step knows the index of
 * each number that it reads, so that a row costs a few loops over typed arrays:
 *
 *     ONNX nodes ─► compile-pipeline.ts ─► steps, plain data ─► pipeline-executor.ts ─► Executor
 *                   operators/: one rule for each operator      run-*.ts: one loop for each kind of step
 *
 * Values are computed as onnxruntime computes them on one thread. Trees, encoders, scalers and products of up to 256 columns have
 * equal bits. Where onnxruntime differs from itself (a row alone and in a batch), results are those of the batch, or within
 * 4e-7 of Σ|x·w| + |b|.
 *
 * Every tensor that depends on the input has one dimension of rows, and its numbers are kept row by row. A graph that mixes rows, for
 * example the mean of a column, is rejected.
 *
 * A compiled pipeline consists of numbers, strings and typed arrays, which can be sent to another thread.
 */
export interface CompiledPipeline {
  readonly task: Task;
  /** Number of columns of a row: those of all inputs, in the order of the graph. */
  readonly features: number;
  readonly outputs: number;
  readonly classes: ClassLabels;
  /** The inputs of the graph, in its order. */
  readonly inputs: readonly PipelineInput[];
  readonly slots: readonly Slot[];
  readonly steps: readonly Step[];
  /** Slot with the class of each row; null for regression. */
  readonly label: number | null;
  /** Values in the slot of the label, by class index. */
  readonly labelValues: readonly number[];
  /** Slot with the scores or targets. */
  readonly scores: number;
}

/** An input of the graph: a tensor with a dimension of rows. */
export interface PipelineInput {
  readonly name: string;
  readonly type: TensorType;
  readonly width: number;
  /** For strings, one list per column: the strings that the graph distinguishes. A row has their index; other strings are −1. */
  readonly categories: readonly (readonly string[])[] | null;
  /** For strings, per column: code in the pipeline's table of each category. */
  readonly codes: readonly Float64Array[] | null;
  /** Slot that receives the columns of the row, from feature `firstFeature` on; integers are truncated. */
  readonly slot: number;
  readonly firstFeature: number;
}

/** Types of numbers and strings in tensors. */
export const TENSOR_TYPES = [
  "float",
  "double",
  "int64",
  "int32",
  "uint8",
  "bool",
  "string",
] as const;
export type TensorType = (typeof TENSOR_TYPES)[number];

export type SlotArray = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/**
 * A place for the numbers of one tensor: `width` for each row. Strings are codes of the pipeline's table of strings, truth values are
 * 0 and 1, and integers are doubles, so integers beyond ±2⁵³ are approximate.
 */
export interface Slot {
  readonly type: TensorType;
  readonly width: number;
  /** The numbers of a constant; null for a tensor of rows. */
  readonly constant: SlotArray | null;
}

export type BinaryOperation =
  | "Add"
  | "Sub"
  | "Mul"
  | "Div"
  | "Pow"
  | "Max"
  | "Min"
  | "Mod"
  | "Less"
  | "LessOrEqual"
  | "Greater"
  | "GreaterOrEqual"
  | "Equal"
  | "And"
  | "Or"
  | "Xor";

export type UnaryOperation =
  | "Abs"
  | "Ceil"
  | "Exp"
  | "Floor"
  | "IsNaN"
  | "Log"
  | "Neg"
  | "Not"
  | "Reciprocal"
  | "Relu"
  | "Round"
  | "Sigmoid"
  | "Sign"
  | "Softplus"
  | "Sqrt"
  | "Tanh";

export type Reduction =
  | "ReduceL1"
  | "ReduceL2"
  | "ReduceLogSum"
  | "ReduceLogSumExp"
  | "ReduceMax"
  | "ReduceMean"
  | "ReduceMin"
  | "ReduceProd"
  | "ReduceSum"
  | "ReduceSumSquare";

export type PostTransform = "NONE" | "LOGISTIC" | "SOFTMAX" | "SOFTMAX_ZERO";

export type Kernel = "LINEAR" | "POLY" | "RBF" | "SIGMOID";

/** Numbers of one row that are combined: group `g` is `index[g × size] … index[g × size + size − 1]`. */
export interface Groups {
  readonly index: Int32Array;
  readonly size: number;
}

/**
 * A step reads slots and writes slots. `in`, `a` and `b` are slots that it reads; `out` is the one that it writes. Indexes are
 * those of the numbers of one row.
 */
export type Step =
  /** out[i] = the number `index[i]` of slot `sources[from[i]]`. */
  | {
      readonly kind: "gather";
      readonly out: number;
      readonly sources: readonly number[];
      readonly from: Int32Array;
      readonly index: Int32Array;
    }
  /** out[i] = the number `in[i]` of the constant `table`; negative numbers count from its end. */
  | {
      readonly kind: "lookup";
      readonly out: number;
      readonly table: number;
      readonly in: number;
      readonly size: number;
    }
  | {
      readonly kind: "binary";
      readonly operation: BinaryOperation;
      /** True if the operands are integers. */
      readonly isInteger: boolean;
      readonly out: number;
      readonly a: number;
      readonly b: number;
      readonly indexA: Int32Array;
      readonly indexB: Int32Array;
    }
  | {
      readonly kind: "unary";
      readonly operation: UnaryOperation;
      readonly type: TensorType;
      readonly out: number;
      readonly in: number;
    }
  | {
      readonly kind: "clip";
      readonly out: number;
      readonly in: number;
      readonly min: number;
      readonly max: number;
    }
  | {
      readonly kind: "where";
      readonly out: number;
      readonly condition: number;
      readonly a: number;
      readonly b: number;
      readonly indexCondition: Int32Array;
      readonly indexA: Int32Array;
      readonly indexB: Int32Array;
    }
  | {
      readonly kind: "cast";
      readonly out: number;
      readonly in: number;
      readonly from: TensorType;
      readonly to: TensorType;
    }
  | {
      readonly kind: "reduce";
      readonly operation: Reduction;
      readonly out: number;
      readonly in: number;
      readonly groups: Groups;
    }
  | {
      readonly kind: "softmax";
      readonly isLog: boolean;
      readonly out: number;
      readonly in: number;
      readonly groups: Groups;
    }
  | {
      readonly kind: "arg";
      readonly isMax: boolean;
      readonly selectLast: boolean;
      readonly out: number;
      readonly in: number;
      readonly groups: Groups;
    }
  /** The `count` largest (or smallest) numbers of each group, in order, and their places. */
  | {
      readonly kind: "top";
      readonly isLargest: boolean;
      readonly count: number;
      readonly values: number | null;
      readonly places: number | null;
      readonly in: number;
      readonly groups: Groups;
    }
  /** `rows` products of `inner` numbers with a constant of `inner × columns` numbers. */
  | {
      readonly kind: "product";
      readonly out: number;
      readonly in: number;
      readonly weights: SlotArray;
      readonly rows: number;
      readonly inner: number;
      readonly columns: number;
      /** One for each column, or null. */
      readonly bias: SlotArray | null;
      readonly alpha: number;
      readonly beta: number;
    }
  | {
      readonly kind: "scale";
      readonly isDouble: boolean;
      readonly out: number;
      readonly in: number;
      readonly offset: Float64Array;
      readonly scale: Float64Array;
    }
  | {
      readonly kind: "impute";
      readonly out: number;
      readonly in: number;
      readonly replaced: number;
      readonly values: Float64Array;
    }
  | {
      readonly kind: "normalize";
      readonly norm: "L1" | "L2" | "MAX";
      readonly out: number;
      readonly in: number;
    }
  | {
      readonly kind: "oneHot";
      readonly out: number;
      readonly in: number;
      readonly keys: Float64Array;
      readonly truncates: boolean;
    }
  | {
      readonly kind: "encode";
      readonly out: number;
      readonly in: number;
      readonly keys: Float64Array;
      readonly values: Float64Array;
      readonly fallback: number;
      /** True if NaN is a key like other numbers. */
      readonly matchesNaN: boolean;
    }
  | {
      readonly kind: "binarize";
      readonly out: number;
      readonly in: number;
      readonly threshold: number;
    }
  | {
      readonly kind: "linear";
      readonly in: number;
      readonly label: number | null;
      readonly scores: number | null;
      readonly coefficients: SlotArray;
      readonly intercepts: SlotArray;
      readonly inner: number;
      readonly post: PostTransform;
      /** Values of the label by class; null for a regressor. */
      readonly labels: Float64Array | null;
    }
  | {
      readonly kind: "support";
      readonly in: number;
      readonly label: number | null;
      readonly scores: number | null;
      readonly kernel: Kernel;
      readonly gamma: number;
      readonly offset: number;
      readonly degree: number;
      readonly vectors: Float32Array<ArrayBuffer>;
      readonly inner: number;
      readonly coefficients: Float32Array<ArrayBuffer>;
      readonly rho: Float32Array<ArrayBuffer>;
      /** True if a regressor returns 1 or −1. */
      readonly isOneClass: boolean;
      /** Number of vectors of each class; empty for a regressor. */
      readonly counts: Int32Array;
      readonly probabilityA: Float32Array<ArrayBuffer> | null;
      readonly probabilityB: Float32Array<ArrayBuffer> | null;
      readonly post: PostTransform;
      readonly labels: Float64Array | null;
    }
  | {
      readonly kind: "trees";
      readonly in: number;
      readonly label: number | null;
      readonly scores: number | null;
      readonly forest: CompiledForest;
      readonly labels: Float64Array | null;
    };

export type StepOf<K extends Step["kind"]> = Extract<Step, { readonly kind: K }>;

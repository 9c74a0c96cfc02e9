import type { RankedColumns } from "./ranked-columns.ts";

/** The target in the form that splits need. */
export type GrowingTarget =
  | {
      readonly task: "classification";
      readonly labels: Int32Array;
      /** Number of classes. */
      readonly outputs: number;
    }
  | {
      readonly task: "regression";
      /** Centered near 0. */
      readonly values: Float64Array;
    };

/** All inputs of a thread. Can be posted to a worker, which then shares the memory. */
export interface GrowingSet {
  readonly columns: RankedColumns;
  readonly target: GrowingTarget;
}

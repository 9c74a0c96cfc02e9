import type { SlotArray, TensorType } from "./pipeline.ts";

/** A slot at run time: number `i` of row `r` is `data[r × stride + i]`. */
export interface RuntimeSlot {
  readonly data: SlotArray;
  /** 0 for a constant. */
  readonly stride: number;
  readonly width: number;
}

/** Creates the array of a slot. A Float32Array rounds each number that is written to it. */
export function createArray(type: TensorType, length: number): SlotArray {
  return type === "float" ? new Float32Array(length) : new Float64Array(length);
}

/** Runs a step for the first `count` rows of its slots. */
export type Run = (count: number) => void;

/** Returns the slot with an index. */
export type Resolve = (slot: number) => RuntimeSlot;

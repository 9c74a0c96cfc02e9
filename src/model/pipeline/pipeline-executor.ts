import type { Executor } from "../model.ts";
import type { CompiledPipeline, PipelineInput } from "./pipeline.ts";
import { createStep } from "./run-step.ts";
import { createArray, type Run, type RuntimeSlot } from "./slots.ts";

/** Rows that pass all steps together. */
const BLOCK_ROWS = 64;
/** Maximum number of numbers in the buffers of a block; with very wide rows, blocks are smaller. */
const BLOCK_NUMBERS = 1 << 20;

/**
 * Creates the executor of a compiled pipeline. It keeps buffers, so it must not be shared between threads. `run` allocates nothing but
 * for the operator TopK.
 */
export function createPipelineExecutor(pipeline: CompiledPipeline): Executor {
  const { task, features, outputs, classes } = pipeline;
  const width = pipeline.slots.reduce(
    (sum, slot) => sum + (slot.constant === null ? slot.width : 0),
    0,
  );
  const blockRows = Math.max(
    1,
    Math.min(BLOCK_ROWS, Math.floor(BLOCK_NUMBERS / Math.max(width, 1))),
  );
  const { slots, steps } = createSteps(pipeline, blockRows);
  const resolve = (slot: number): RuntimeSlot => slots[slot]!;
  const fills = pipeline.inputs.map((input) => createFill(input, resolve(input.slot), features));
  const scoreData = resolve(pipeline.scores).data;
  const labelData = pipeline.label === null ? undefined : resolve(pipeline.label).data;
  const places = new Map(pipeline.labelValues.map((value, place) => [value, place]));

  return { task, features, outputs, classes, run };

  function run(rows: Float64Array, count: number, scores: Float32Array, labels: Int32Array): void {
    for (let first = 0; first < count; first += blockRows) {
      const size = Math.min(blockRows, count - first);
      for (const fill of fills) fill(rows, first, size);
      for (const step of steps) step(size);
      for (let i = 0; i < size * outputs; i++) scores[first * outputs + i] = scoreData[i]!;
      if (labelData === undefined) continue;
      for (let row = 0; row < size; row++) labels[first + row] = places.get(labelData[row]!) ?? 0;
    }
  }
}

/** Creates the arrays and loops of a pipeline. @param maxRows rows that the arrays have space for */
export function createSteps(
  pipeline: Pick<CompiledPipeline, "slots" | "steps">,
  maxRows: number,
): { readonly slots: readonly RuntimeSlot[]; readonly steps: readonly Run[] } {
  const slots = pipeline.slots.map(({ type, width, constant }): RuntimeSlot => ({
    data: constant ?? createArray(type, maxRows * width),
    stride: constant === null ? width : 0,
    width,
  }));
  const steps = pipeline.steps.map((step) => createStep(step, (slot) => slots[slot]!, maxRows));
  return { slots, steps };
}

type Fill = (rows: Float64Array, first: number, count: number) => void;

function createFill(input: PipelineInput, { data }: RuntimeSlot, features: number): Fill {
  const { width, firstFeature, codes, type } = input;
  const isInteger = type === "int64" || type === "int32" || type === "uint8";
  const convert: (value: number, column: number) => number =
    codes !== null
      ? (value, column) => codes[column]![value] ?? -1
      : isInteger
        ? (value) => Math.trunc(value)
        : type === "bool"
          ? (value) => (value === 0 ? 0 : 1)
          : (value) => value;
  const isPlain = codes === null && (type === "float" || type === "double");
  return (rows, first, count) => {
    for (let row = 0; row < count; row++) {
      const from = (first + row) * features + firstFeature;
      const to = row * width;
      for (let i = 0; i < width; i++)
        data[to + i] = isPlain ? rows[from + i]! : convert(rows[from + i]!, i);
    }
  };
}

import type { ClassLabels } from "../model.ts";
import { findAttribute } from "../onnx/find-tree-node.ts";
import {
  formatNode,
  type OnnxAttributeValue,
  type OnnxNode,
  toDamaged,
  toUnsupported,
} from "../onnx/onnx.ts";
import { checkShape, ROWS, toWidth, UNSUPPORTED_ADVICE, type Value } from "./graph-values.ts";
import { createStep } from "./run-step.ts";
import { createArray } from "./slots.ts";
import type { Slot, SlotArray, Step, TensorType } from "./pipeline.ts";

/** Numbers of one row in all slots together, and of all constants. */
const MAX_ROW_NUMBERS = 1 << 22;
const MAX_RANK = 16;
/** A graph of a few bytes may demand very many computations. */
const MAX_STEPS = 20_000;
/** Multiplications for one row in all products together: a tenth of a second. */
const MAX_WORK = 1 << 26;

/** Collects the slots and steps of a pipeline while its graph is compiled. */
export class PipelineBuilder {
  readonly slots: Slot[] = [];
  readonly steps: Step[] = [];
  /** By feature of a string input: the strings that the graph distinguishes. */
  readonly categories = new Map<number, Set<string>>();
  /** The table of strings: code by string. */
  readonly #codes = new Map<string, number>();
  readonly strings: string[] = [];
  #numbers = 0;
  #work = 0;

  /** Returns the code of a string. */
  intern(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    this.#codes.set(text, this.strings.length);
    this.strings.push(text);
    return this.strings.length - 1;
  }

  /** Declares a tensor of rows, or a constant with its numbers. */
  declare(
    at: string,
    type: TensorType,
    shape: readonly number[],
    constant?: SlotArray,
    labels?: ClassLabels,
  ): Value {
    checkShape(shape, at);
    const width = toWidth(shape);
    this.#numbers += checkWidth(shape, at);
    if (this.#numbers > MAX_ROW_NUMBERS) {
      reject(at, `Expected at most ${MAX_ROW_NUMBERS} numbers for a row, got more.`);
    }
    this.slots.push({ type, width, constant: constant ?? null });
    return { type, shape, slot: this.slots.length - 1, constant, labels };
  }

  /**
   * Adds a step that computes values from others. If all of these are constants, it is computed now.
   * @param inputs values that it reads
   */
  emit(
    at: string,
    inputs: readonly Value[],
    outputs: readonly {
      readonly type: TensorType;
      readonly shape: readonly number[];
      readonly labels?: ClassLabels | undefined;
    }[],
    toStep: (slots: readonly number[]) => Step,
  ): Value[] {
    const isConstant =
      inputs.every(({ constant }) => constant !== undefined) &&
      outputs.every(({ shape }) => !shape.includes(ROWS));
    const values = outputs.map(({ type, shape, labels }) => {
      const constant = isConstant ? createArray(type, toWidth(shape)) : undefined;
      return this.declare(at, type, shape, constant, labels);
    });
    const step = toStep(values.map(({ slot }) => slot));
    this.#work += toWork(step);
    if (this.#work > MAX_WORK) {
      reject(at, `Expected at most ${MAX_WORK} multiplications for a row, got more.`);
    }
    const isShape = inputs.some((each) => each.isShape);
    if (isShape && step.kind !== "gather" && step.kind !== "cast") {
      reject(at, "Expected numbers that do not depend on the number of rows.");
    }
    if (isConstant) this.#compute(inputs, values, step);
    else this.steps.push(step);
    if (this.steps.length > MAX_STEPS) {
      reject(at, `Expected at most ${MAX_STEPS} steps, got more.`);
    }
    return isShape ? values.map((value) => ({ ...value, isShape })) : values;
  }

  #compute(inputs: readonly Value[], outputs: readonly Value[], step: Step): void {
    const arrays = new Map<number, SlotArray>();
    for (const { slot, constant } of [...inputs, ...outputs]) {
      if (constant !== undefined) arrays.set(slot, constant);
    }
    createStep(
      step,
      (slot) => ({
        data: arrays.get(slot) ?? new Float64Array(0),
        stride: 0,
        width: this.slots[slot]?.width ?? 0,
      }),
      1,
    )(1);
  }
}

/**
 * Returns the number of numbers in a row of a shape.
 * @throws TepalError MODEL_UNSUPPORTED for sizes that are no sizes, and for too many numbers
 */
export function checkWidth(shape: readonly number[], at: string): number {
  const isValid = shape.every((size) => size === ROWS || (Number.isInteger(size) && size >= 0));
  const width = toWidth(shape);
  if (isValid && width <= MAX_ROW_NUMBERS && shape.length <= MAX_RANK) return width;
  return reject(
    at,
    `Expected at most ${MAX_RANK} dimensions and ${MAX_ROW_NUMBERS} numbers for a row, got more.`,
  );
}

function toWork(step: Step): number {
  if (step.kind === "product") return step.rows * step.weights.length;
  if (step.kind === "support") return step.vectors.length;
  return step.kind === "linear" ? step.coefficients.length : 0;
}

/** The node that a rule compiles, with its inputs. */
export interface NodeContext {
  readonly builder: PipelineBuilder;
  readonly node: OnnxNode;
  /** Location for messages. */
  readonly at: string;
  /** Undefined for an optional input that is absent. */
  readonly inputs: readonly (Value | undefined)[];
  /** Version of the operator's domain. */
  readonly version: number;
}

/** Returns the value of each output of the node. */
export type Compile = (context: NodeContext) => readonly (Value | undefined)[];

/** Returns an input. @throws TepalError MODEL_DAMAGED if it is absent */
export function input({ inputs, at }: NodeContext, index: number): Value {
  const value = inputs[index];
  if (value === undefined) throw toDamaged(at, `Expected an input ${index + 1}, got none.`);
  return value;
}

/** Returns the numbers of an input that must be a constant. @throws TepalError MODEL_UNSUPPORTED */
export function constantInput(context: NodeContext, index: number): SlotArray | undefined {
  const value = context.inputs[index];
  if (value === undefined) return undefined;
  if (value.isShape === true)
    reject(context.at, "Expected numbers that do not depend on the number of rows.");
  if (value.constant !== undefined) return value.constant;
  const message = `Expected a constant as input ${index + 1}, got a value that depends on the row.`;
  throw toUnsupported(context.at, message, UNSUPPORTED_ADVICE);
}

/** Returns the sizes that an input holds, with ROWS for the number of rows. @throws TepalError as `constantInput` */
export function sizesInput(context: NodeContext, index: number): number[] | undefined {
  const value = context.inputs[index];
  if (value?.isShape !== true || value.constant === undefined) {
    const sizes = constantInput(context, index);
    return sizes === undefined ? undefined : Array.from(sizes);
  }
  return Array.from(value.constant, (size) => (Number.isNaN(size) ? ROWS : size));
}

/** @throws TepalError MODEL_UNSUPPORTED */
export function reject(at: string, message: string): never {
  throw toUnsupported(at, message, UNSUPPORTED_ADVICE);
}

/** @throws TepalError MODEL_UNSUPPORTED for another type */
export function expectType({ at }: NodeContext, value: Value, types: readonly TensorType[]): void {
  if (types.includes(value.type)) return;
  reject(at, `Expected ${types.join(", ")}, got ${value.type}.`);
}

type Kind = OnnxAttributeValue["kind"];

/** Returns the value of an attribute; undefined if it is absent. @throws TepalError MODEL_DAMAGED for another type */
export function attribute<K extends Kind>(
  { node }: NodeContext,
  name: string,
  kind: K,
): Extract<OnnxAttributeValue, { kind: K }> | undefined {
  const value = findAttribute(node, name)?.value;
  if (value === undefined) return undefined;
  if (isKind(value, kind)) return value;
  throw toDamaged(
    `${formatNode(node)}, ${name}`,
    `Expected an attribute of type ${kind}, got ${value.kind}.`,
  );
}

function isKind<K extends Kind>(
  value: OnnxAttributeValue,
  kind: K,
): value is Extract<OnnxAttributeValue, { kind: K }> {
  return value.kind === kind;
}

export function intAttribute(context: NodeContext, name: string, fallback: number): number {
  return attribute(context, name, "int")?.value ?? fallback;
}

export function floatsAttribute(context: NodeContext, name: string): Float32Array<ArrayBuffer> {
  return Float32Array.from(attribute(context, name, "floats")?.value ?? []);
}

import {
  checkNotRows,
  ROWS,
  toAxis,
  toRowShape,
  toStrides,
  toWidth,
  type Value,
} from "../graph-values.ts";
import {
  attribute,
  checkWidth,
  type Compile,
  input,
  intAttribute,
  type NodeContext,
  reject,
} from "../pipeline-builder.ts";
import { castToFloat, pick, sum } from "./shapes.ts";

/** Gathers constant places of a value, or the places that a row holds of a constant. */
const compileGather: Compile = (context) => {
  const value = input(context, 0);
  const places = input(context, 1);
  const axis = toAxis(intAttribute(context, "axis", 0), value.shape.length, context.at);
  const { shape } = value;
  const result = [...shape.slice(0, axis), ...places.shape, ...shape.slice(axis + 1)];
  if (places.constant === undefined) {
    if (shape.length !== 1)
      reject(context.at, "Expected a list of constants for the places of a row.");
    return lookUp(context, value, places, result);
  }
  checkNotRows(shape, axis, context.at);
  const strides = toStrides(toRowShape(shape));
  const size = shape[axis] ?? 0;
  const index = checkPlaces(context, places.constant, size, true);
  const rank = places.shape.length;
  const inner = toStrides(places.shape);
  return [
    pick(context, [value], result, (position) => {
      const place = index[sum(position.slice(axis, axis + rank), inner)] ?? 0;
      return [0, sum([...position.slice(0, axis), place, ...position.slice(axis + rank)], strides)];
    }),
  ];
};

function lookUp(
  context: NodeContext,
  table: Value,
  places: Value,
  shape: readonly number[],
): readonly Value[] {
  if (table.constant === undefined) {
    reject(
      context.at,
      "Expected constants, or constant places, got a value and places that depend on the row.",
    );
  }
  const labels =
    table.type === "string"
      ? Array.from(table.constant, (code) => context.builder.strings[code] ?? "")
      : Array.from(table.constant);
  return context.builder.emit(
    context.at,
    [table, places],
    [{ type: table.type, shape, labels }],
    ([out = 0]) => ({
      kind: "lookup",
      out,
      table: table.slot,
      in: places.slot,
      size: table.constant?.length ?? 0,
    }),
  );
}

function checkPlaces(
  { at }: NodeContext,
  places: ArrayLike<number>,
  size: number,
  allowsNegative: boolean,
): number[] {
  return Array.from(places, (place) => {
    const index = place < 0 && allowsNegative ? place + size : place;
    if (!(index >= 0 && index < size)) reject(at, `Expected places below ${size}, got ${place}.`);
    return index;
  });
}

/** Takes columns of the last dimension. */
const compileArrayFeatureExtractor: Compile = (context) => {
  const value = input(context, 0);
  const places = input(context, 1);
  const { shape } = value;
  const count = toWidth(places.shape);
  if (places.constant === undefined) {
    const isList = shape.length === 1 || (shape.length === 2 && shape[0] === 1);
    if (!isList || count !== 1) {
      reject(context.at, "Expected a list of constants for the place that a row holds.");
    }
    return lookUp(context, value, places, [1, ROWS]);
  }
  const axis = shape.length - 1;
  checkNotRows(shape, axis, context.at);
  const size = shape[axis] ?? 0;
  const index = checkPlaces(context, places.constant, size, false);
  const strides = toStrides(toRowShape(shape));
  const result = shape.length === 1 ? [1, count] : shape.with(axis, count);
  return [
    pick(context, [value], result, (position) => [
      0,
      shape.length === 1
        ? (index[position[1] ?? 0] ?? 0)
        : sum(position.with(axis, index[position[axis] ?? 0] ?? 0), strides),
    ]),
  ];
};

/** Pads or cuts each input to its number of columns. */
const compileFeatureVectorizer: Compile = (context) => {
  const { builder, at } = context;
  const given = attribute(context, "inputdimensions", "ints")?.value ?? [];
  const inputs = context.inputs.filter((value) => value !== undefined);
  const zero = builder.declare(at, "float", [1], new Float32Array(1));
  if (new Set(inputs.map(({ type }) => type)).size > 1) reject(at, "Expected inputs of one type.");
  const sources = inputs.map((value) =>
    value.type === "float" ? value : castToFloat(context, value),
  );
  const first = sources[0]?.shape[0] ?? ROWS;
  const index: (readonly [source: number, place: number])[] = [];
  for (const [source, { shape }] of sources.entries()) {
    const width = toWidth(shape);
    const size = checkWidth([given[source] ?? width], at);
    for (let place = 0; place < size; place++) {
      index.push(place < width ? [source, place] : [sources.length, 0]);
    }
  }
  return [
    pick(
      context,
      [...sources, zero],
      [first, index.length],
      (position) => index[position[1] ?? 0] ?? [0, 0],
    ),
  ];
};

export const GATHER_RULES: Readonly<Record<string, Compile>> = { Gather: compileGather };

export const ML_GATHER_RULES: Readonly<Record<string, Compile>> = {
  ArrayFeatureExtractor: compileArrayFeatureExtractor,
  FeatureVectorizer: compileFeatureVectorizer,
};

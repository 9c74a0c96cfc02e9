import {
  checkNotRows,
  forEachPosition,
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
  constantInput,
  input,
  intAttribute,
  type NodeContext,
  reject,
  sizesInput,
} from "../pipeline-builder.ts";

/** Number of numbers in the dimensions before that of the rows. */
function toOuter(sizes: readonly number[]): number {
  return toWidth(sizes.slice(0, Math.max(sizes.indexOf(ROWS), 0)));
}

/** The size of dimensions that become one. */
function join(sizes: readonly number[]): number {
  return sizes.includes(ROWS) ? ROWS : sizes.reduce((product, size) => product * size, 1);
}

/** Returns a value with the same numbers and another shape. */
function reshape(context: NodeContext, value: Value, shape: readonly number[]): Value {
  const isSame =
    toWidth(shape) === toWidth(value.shape) &&
    shape.includes(ROWS) === value.shape.includes(ROWS) &&
    toOuter(shape) === toOuter(value.shape);
  if (!isSame) {
    reject(context.at, "Expected a shape with the same numbers in each row.");
  }
  return { ...value, shape };
}

const compileIdentity: Compile = (context) => [input(context, 0)];

const compileReshape: Compile = (context) => {
  const value = input(context, 0);
  const isDynamic = context.inputs[1]?.isShape === true;
  const wanted = sizesInput(context, 1);
  if (wanted === undefined) reject(context.at, "Expected a shape as input 2, got none.");
  const allowsZero = intAttribute(context, "allowzero", 0) === 1;
  const sizes = wanted.map((size, axis) => {
    if (size === 0 && !allowsZero) return value.shape[axis] ?? 0;
    return size === -1 && !isDynamic ? null : size;
  });
  const known = sizes.reduce<number>(
    (product, size) => (size === null || size === ROWS ? product : product * size),
    1,
  );
  const rest = toWidth(value.shape) / known;
  const shape = sizes.map((size) => {
    if (size !== null) return size;
    if (!value.shape.includes(ROWS) || sizes.includes(ROWS)) return rest;
    if (rest !== 1) reject(context.at, "Expected a shape with a dimension of rows.");
    return ROWS;
  });
  return [reshape(context, value, shape)];
};

const compileFlatten: Compile = (context) => {
  const value = input(context, 0);
  const axis = intAttribute(context, "axis", 1);
  const { shape } = value;
  const at = axis < 0 ? axis + shape.length : axis;
  if (shape.includes(ROWS) && toWidth(shape.slice(0, at)) !== 1) {
    reject(context.at, "Expected a dimension of rows alone.");
  }
  return [reshape(context, value, [join(shape.slice(0, at)), join(shape.slice(at))])];
};

/** Reads the axes of an operator from its second input, or from its attribute before the opset in which that changed. */
export function readAxes(context: NodeContext, inputSince: number): number[] | undefined {
  const values =
    context.version >= inputSince
      ? constantInput(context, 1)
      : attribute(context, "axes", "ints")?.value;
  return values === undefined ? undefined : Array.from(values);
}

const compileSqueeze: Compile = (context) => {
  const value = input(context, 0);
  const { shape } = value;
  const axes = readAxes(context, 13)?.map((axis) => toAxis(axis, shape.length, context.at));
  const dropped = axes ?? shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  return [
    reshape(
      context,
      value,
      shape.filter((_, axis) => !dropped.includes(axis)),
    ),
  ];
};

const compileUnsqueeze: Compile = (context) => {
  const value = input(context, 0);
  const axes = readAxes(context, 13) ?? [];
  const rank = value.shape.length + axes.length;
  const added = new Set(axes.map((axis) => toAxis(axis, rank, context.at)));
  const rest = value.shape.values();
  const shape = Array.from({ length: rank }, (_, axis) =>
    added.has(axis) ? 1 : (rest.next().value ?? 1),
  );
  return [reshape(context, value, shape)];
};

const compileTranspose: Compile = (context) => {
  const value = input(context, 0);
  const { shape } = value;
  const given = attribute(context, "perm", "ints")?.value;
  const order =
    given === undefined ? shape.map((_, axis) => shape.length - 1 - axis) : Array.from(given);
  if (
    order.toSorted((a, b) => a - b).some((axis, i) => axis !== i) ||
    order.length !== shape.length
  ) {
    reject(context.at, "Expected each axis once.");
  }
  const strides = toStrides(toRowShape(shape));
  const result = order.map((axis) => shape[axis] ?? 1);
  return [
    pick(context, [value], result, (position) => [
      0,
      sum(
        position,
        order.map((axis) => strides[axis] ?? 0),
      ),
    ]),
  ];
};

/** The index of a position. */
export function sum(position: readonly number[], strides: readonly number[]): number {
  return position.reduce((total, place, axis) => total + place * (strides[axis] ?? 0), 0);
}

/** Adds a step that copies numbers: for each position of a row of the result, the source and the index in its row. */
export function pick(
  context: NodeContext,
  sources: readonly Value[],
  shape: readonly number[],
  find: (position: readonly number[]) => readonly [source: number, index: number],
): Value {
  const [first] = sources;
  if (first === undefined) reject(context.at, "Expected an input, got none.");
  if (sources.some(({ type }) => type !== first.type)) {
    reject(
      context.at,
      `Expected inputs of one type, got ${sources.map(({ type }) => type).join(", ")}.`,
    );
  }
  const width = checkWidth(shape, context.at);
  const from = new Int32Array(width);
  const index = new Int32Array(width);
  forEachPosition(toRowShape(shape), (position, i) => {
    const [source, at] = find(position);
    from[i] = source;
    index[i] = at;
  });
  const isLabel = sources.length === 1 && width > 0;
  const [out] = context.builder.emit(
    context.at,
    sources,
    [{ type: first.type, shape, labels: isLabel ? first.labels : undefined }],
    ([slot = 0]) => ({
      kind: "gather",
      out: slot,
      sources: sources.map((source) => source.slot),
      from,
      index,
    }),
  );
  if (out === undefined) reject(context.at, "Expected an output.");
  const features = sources.every((source) => source.features !== undefined)
    ? index.map((at, i) => sources[from[i]!]?.features?.[at] ?? 0)
    : undefined;
  return { ...out, features };
}

const compileConcat: Compile = (context) => {
  const sources = context.inputs.filter((value) => value !== undefined);
  const first = input(context, 0);
  const axis = toAxis(intAttribute(context, "axis", 1), first.shape.length, context.at);
  checkNotRows(first.shape, axis, context.at);
  for (const { shape } of sources) {
    const fits =
      shape.length === first.shape.length &&
      shape.every((size, i) => i === axis || size === first.shape[i]);
    if (!fits) reject(context.at, "Expected inputs that differ in one dimension only.");
  }
  const starts: number[] = [];
  let total = 0;
  for (const { shape } of sources) {
    starts.push(total);
    total += shape[axis] ?? 0;
  }
  const strides = sources.map(({ shape }) => toStrides(toRowShape(shape)));
  const shape = first.shape.with(axis, total);
  return [
    pick(context, sources, shape, (position) => {
      const place = position[axis] ?? 0;
      const source = starts.findLastIndex(
        (start, i) => start <= place && (sources[i]?.shape[axis] ?? 0) > 0,
      );
      return [
        source,
        sum(position.with(axis, place - (starts[source] ?? 0)), strides[source] ?? []),
      ];
    }),
  ];
};

const compileSlice: Compile = (context) => {
  const value = input(context, 0);
  const { shape } = value;
  const read = (name: string, place: number): number[] | undefined => {
    const values =
      context.version >= 10
        ? constantInput(context, place)
        : attribute(context, name, "ints")?.value;
    return values === undefined ? undefined : Array.from(values);
  };
  const starts = read("starts", 1) ?? [];
  const ends = read("ends", 2) ?? [];
  const axes = (read("axes", 3) ?? starts.map((_, i) => i)).map((axis) =>
    toAxis(axis, shape.length, context.at),
  );
  const steps = context.version >= 10 ? read("steps", 4) : undefined;
  if (steps?.some((step) => step !== 1) === true) reject(context.at, "Expected steps of 1.");
  const first = shape.map(() => 0);
  const result = [...shape];
  for (const [i, axis] of axes.entries()) {
    const size = shape[axis] ?? 0;
    const isWhole = (starts[i] ?? 0) === 0 && Number.isNaN(ends[i] ?? 0);
    if (size === ROWS && (isWhole || ((starts[i] ?? 0) === 0 && (ends[i] ?? 0) >= 2 ** 31 - 1)))
      continue;
    checkNotRows(shape, axis, context.at);
    const clamp = (place: number): number =>
      Math.min(Math.max(place < 0 ? place + size : place, 0), size);
    first[axis] = clamp(starts[i] ?? 0);
    // The largest int64, which means the end, is beyond 2⁵³.
    const end = Number.isNaN(ends[i] ?? 0) ? size : clamp(ends[i] ?? 0);
    result[axis] = Math.max(end - first[axis], 0);
  }
  const strides = toStrides(toRowShape(shape));
  return [
    pick(context, [value], result, (position) => [
      0,
      sum(
        position.map((place, axis) => place + (first[axis] ?? 0)),
        strides,
      ),
    ]),
  ];
};

/** Returns the value as float32. */
export function castToFloat(context: NodeContext, value: Value): Value {
  if (value.type === "string") reject(context.at, "Expected numbers, got strings.");
  if (value.type === "float") return value;
  const [result] = context.builder.emit(
    context.at,
    [value],
    [{ type: "float", shape: value.shape }],
    ([out = 0]) => ({ kind: "cast", out, in: value.slot, from: value.type, to: "float" }),
  );
  return result ?? value;
}

export const SHAPE_RULES: Readonly<Record<string, Compile>> = {
  Identity: compileIdentity,
  Reshape: compileReshape,
  Flatten: compileFlatten,
  Squeeze: compileSqueeze,
  Unsqueeze: compileUnsqueeze,
  Transpose: compileTranspose,
  Concat: compileConcat,
  Slice: compileSlice,
};

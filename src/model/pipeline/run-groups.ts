import type { Reduction, SlotArray, StepOf } from "./pipeline.ts";
import type { Resolve, Run } from "./slots.ts";

/** Reduces numbers `data[from + index[start]] … data[from + index[end − 1]]`. */
type Reduce = (
  data: SlotArray,
  from: number,
  index: Int32Array,
  start: number,
  end: number,
) => number;

/** Creates the sum of a function of the numbers, rounded to the type of the numbers after each addition. */
function toSum(map: (value: number) => number, round: (value: number) => number): Reduce {
  return (data, from, index, start, end) => {
    let sum = 0;
    for (let i = start; i < end; i++) sum = round(sum + map(data[from + index[i]!]!));
    return sum;
  };
}

/** NaN counts only in the first place, as in onnxruntime. */
const max: Reduce = (data, from, index, start, end) => {
  let best = data[from + index[start]!]!;
  for (let i = start + 1; i < end; i++) {
    const value = data[from + index[i]!]!;
    if (value > best) best = value;
  }
  return best;
};

const min: Reduce = (data, from, index, start, end) => {
  let best = data[from + index[start]!]!;
  for (let i = start + 1; i < end; i++) {
    const value = data[from + index[i]!]!;
    if (value < best) best = value;
  }
  return best;
};

function toReduce(operation: Reduction, round: (value: number) => number): Reduce {
  const plain = toSum((value) => value, round);
  const squares = toSum((value) => round(value * value), round);
  switch (operation) {
    case "ReduceMax":
      return max;
    case "ReduceMin":
      return min;
    case "ReduceSum":
      return plain;
    case "ReduceMean":
      return (data, from, index, start, end) =>
        plain(data, from, index, start, end) / (end - start);
    case "ReduceL1":
      return toSum(Math.abs, round);
    case "ReduceSumSquare":
      return squares;
    case "ReduceL2":
      return (...range) => Math.sqrt(squares(...range));
    case "ReduceLogSum":
      return (...range) => Math.log(plain(...range));
    case "ReduceLogSumExp":
      return (data, from, index, start, end) => {
        const greatest = max(data, from, index, start, end);
        const shift = Number.isFinite(greatest) ? greatest : 0;
        let sum = 0;
        for (let i = start; i < end; i++) sum += Math.exp(data[from + index[i]!]! - shift);
        return Math.log(sum) + shift;
      };
    case "ReduceProd":
      return (data, from, index, start, end) => {
        let product = 1;
        for (let i = start; i < end; i++) product = round(product * data[from + index[i]!]!);
        return product;
      };
  }
}

export function createReduce(step: StepOf<"reduce">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const source = resolve(step.in);
  const { index, size } = step.groups;
  const isFloat = out.data instanceof Float32Array;
  const reduce = toReduce(step.operation, isFloat ? Math.fround : (value) => value);
  return (count) => {
    for (let row = 0; row < count; row++) {
      const from = row * source.stride;
      for (let group = 0; group < out.width; group++) {
        const start = group * size;
        out.data[row * out.width + group] = reduce(source.data, from, index, start, start + size);
      }
    }
  };
}

export function createSoftmax(step: StepOf<"softmax">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const source = resolve(step.in);
  const { index, size } = step.groups;
  const { isLog } = step;
  const round: (value: number) => number =
    out.data instanceof Float32Array ? Math.fround : (value) => value;

  function runGroup(from: number, to: number, start: number): void {
    let greatest = Number.NEGATIVE_INFINITY;
    for (let i = start; i < start + size; i++) {
      greatest = Math.max(greatest, source.data[from + index[i]!]!);
    }
    let sum = 0;
    for (let i = start; i < start + size; i++) {
      const share = round(Math.exp(round(source.data[from + index[i]!]! - greatest)));
      out.data[to + index[i]!] = share;
      sum = round(sum + share);
    }
    for (let i = start; i < start + size; i++) {
      const at = index[i]!;
      out.data[to + at] = isLog
        ? round(source.data[from + at]! - greatest) - Math.log(sum)
        : out.data[to + at]! / sum;
    }
  }

  return (count) => {
    for (let row = 0; row < count; row++) {
      for (let start = 0; start < index.length; start += size) {
        runGroup(row * source.stride, row * out.width, start);
      }
    }
  };
}

export function createArg(step: StepOf<"arg">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const source = resolve(step.in);
  const { index, size } = step.groups;
  const { isMax, selectLast } = step;
  return (count) => {
    for (let row = 0; row < count; row++) {
      const from = row * source.stride;
      for (let group = 0; group < out.width; group++) {
        const start = group * size;
        let best = source.data[from + index[start]!]!;
        let place = 0;
        for (let i = 1; i < size; i++) {
          const value = source.data[from + index[start + i]!]!;
          const isBetter = isMax ? value > best : value < best;
          if (!isBetter && !(selectLast && value === best)) continue;
          best = value;
          place = i;
        }
        out.data[row * out.width + group] = place;
      }
    }
  };
}

/** NaN is the largest number; of equal numbers the first comes first. */
export function createTop(step: StepOf<"top">, resolve: Resolve): Run {
  const source = resolve(step.in);
  const values = step.values === null ? undefined : resolve(step.values);
  const places = step.places === null ? undefined : resolve(step.places);
  const { index, size } = step.groups;
  const { isLargest } = step;
  const order = Array.from({ length: size }, (_, i) => i);
  const width = (index.length / size) * step.count;

  return (count) => {
    for (let row = 0; row < count; row++) {
      const from = row * source.stride;
      for (let start = 0, to = row * width; start < index.length; start += size) {
        const read = (place: number): number => source.data[from + index[start + place]!]!;
        const sorted = order.toSorted((a, b) => compare(read(a), read(b)) || a - b);
        for (let i = 0; i < step.count; i++, to++) {
          if (values !== undefined) values.data[to] = read(sorted[i]!);
          if (places !== undefined) places.data[to] = sorted[i]!;
        }
      }
    }
  };

  function compare(a: number, b: number): number {
    if (a === b) return 0;
    if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : isLargest ? -1 : 1;
    if (Number.isNaN(b)) return isLargest ? 1 : -1;
    return a > b === isLargest ? -1 : 1;
  }
}

import type { StepOf, TensorType } from "./pipeline.ts";
import type { Resolve, Run } from "./slots.ts";

export function createGather(step: StepOf<"gather">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const target = out.data;
  const sources = step.sources.map(resolve);
  // Runs of numbers of one source, so that the inner loop reads one array.
  const runs: { readonly start: number; readonly end: number; readonly source: number }[] = [];
  let start = 0;
  for (let i = 1; i <= step.from.length; i++) {
    if (i < step.from.length && step.from[i] === step.from[start]) continue;
    runs.push({ start, end: i, source: step.from[start]! });
    start = i;
  }
  const { index } = step;
  return (count) => {
    for (const run of runs) {
      const { data, stride } = sources[run.source]!;
      for (let row = 0; row < count; row++) {
        const from = row * stride;
        const to = row * out.width;
        for (let i = run.start; i < run.end; i++) target[to + i] = data[from + index[i]!]!;
      }
    }
  };
}

/** An index beyond the table, for which onnxruntime fails, gives NaN. */
export function createLookup(step: StepOf<"lookup">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const table = resolve(step.table).data;
  const source = resolve(step.in);
  const { size } = step;
  return (count) => {
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < out.width; i++) {
        const at = source.data[row * source.stride + i]!;
        out.data[row * out.width + i] = table[at < 0 ? at + size : at] ?? Number.NaN;
      }
    }
  };
}

/** The result of onnxruntime for NaN, infinity and numbers beyond int64. */
const INT64_MIN = -(2 ** 63);

function toInt64(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(whole) < 2 ** 63 ? whole : INT64_MIN;
}

function toInt32(value: number): number {
  const whole = Math.trunc(value);
  return whole >= -(2 ** 31) && whole < 2 ** 31 ? whole + 0 : -(2 ** 31);
}

/** An operator may have no integer as its result, for example a lookup beyond a table: such a value is converted as a real number. */
function wrapInt32(value: number): number {
  return Number.isInteger(value) ? Number(BigInt.asIntN(32, BigInt(value))) : toInt32(value);
}

/** Returns the function that converts a number; types are those of numbers. */
export function toConversion(from: TensorType, to: TensorType): (value: number) => number {
  const isReal = from === "float" || from === "double";
  switch (to) {
    case "bool":
      return (value) => (value === 0 ? 0 : 1);
    case "float":
      return Math.fround;
    case "int64":
      return isReal ? (value) => toInt64(value) + 0 : (value) => value;
    case "int32":
      return isReal ? toInt32 : wrapInt32;
    case "uint8":
      return (value) => toInt64(value) & 0xff;
    default:
      return (value) => value;
  }
}

export function createCast(step: StepOf<"cast">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const source = resolve(step.in);
  const convert = toConversion(step.from, step.to);
  return (count) => {
    for (let row = 0; row < count; row++) {
      const from = row * source.stride;
      const to = row * out.width;
      for (let i = 0; i < out.width; i++) out.data[to + i] = convert(source.data[from + i]!);
    }
  };
}

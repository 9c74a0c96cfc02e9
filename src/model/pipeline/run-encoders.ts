import type { StepOf } from "./pipeline.ts";
import type { Resolve, Run } from "./slots.ts";

export function createScale(step: StepOf<"scale">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const source = resolve(step.in);
  const { offset, scale } = step;
  const round: (value: number) => number = step.isDouble ? (value) => value : Math.fround;
  return (count) => {
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < out.width; i++) {
        const value = round(source.data[row * source.stride + i]!);
        out.data[row * out.width + i] = round(value - offset[i]!) * scale[i]!;
      }
    }
  };
}

export function createImpute(step: StepOf<"impute">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const source = resolve(step.in);
  const { replaced, values } = step;
  const isNaN = Number.isNaN(replaced);
  return (count) => {
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < out.width; i++) {
        const value = source.data[row * source.stride + i]!;
        const isMissing = isNaN ? Number.isNaN(value) : value === replaced;
        out.data[row * out.width + i] = isMissing ? values[i]! : value;
      }
    }
  };
}

/** MAX divides by the signed maximum. A row whose divisor is 0 is unchanged. */
export function createNormalize(step: StepOf<"normalize">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const source = resolve(step.in);
  const { norm } = step;

  function measure(from: number): number {
    let result = norm === "MAX" ? Number.NEGATIVE_INFINITY : 0;
    for (let i = from; i < from + out.width; i++) {
      const value = Math.fround(source.data[i]!);
      if (norm === "MAX") result = value > result ? value : result;
      else if (norm === "L1") result = Math.fround(result + Math.abs(value));
      else result = Math.fround(result + Math.fround(value * value));
    }
    return result;
  }

  return (count) => {
    for (let row = 0; row < count; row++) {
      const from = row * source.stride;
      const divisor = measure(from);
      for (let i = 0; i < out.width; i++) {
        const value = Math.fround(source.data[from + i]!);
        out.data[row * out.width + i] = divisor === 0 ? value : divide(value, divisor);
      }
    }
  };

  function divide(value: number, divisor: number): number {
    if (norm !== "L2") return value / divisor;
    const share = Math.fround(Math.fround(value * value) / divisor);
    const root = Math.fround(Math.sqrt(share));
    return value < 0 ? -root : root;
  }
}

export function createOneHot(step: StepOf<"oneHot">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const source = resolve(step.in);
  const { keys, truncates } = step;
  const size = keys.length;
  const places = new Map<number, number>();
  // Of duplicate categories the last counts.
  for (const [place, key] of keys.entries()) places.set(key, place);
  return (count) => {
    out.data.fill(0, 0, count * out.width);
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < source.width; i++) {
        const value = source.data[row * source.stride + i]!;
        const place = places.get(truncates ? Math.trunc(value) : value);
        if (place !== undefined) out.data[row * out.width + i * size + place] = 1;
      }
    }
  };
}

export function createEncode(step: StepOf<"encode">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const source = resolve(step.in);
  const { keys, values, fallback, matchesNaN } = step;
  const places = new Map<number, number>();
  for (const [place, key] of keys.entries()) {
    // Of duplicate keys the first counts.
    if (!places.has(key) && (matchesNaN || !Number.isNaN(key))) places.set(key, place);
  }
  return (count) => {
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < out.width; i++) {
        const place = places.get(source.data[row * source.stride + i]!);
        out.data[row * out.width + i] = place === undefined ? fallback : values[place]!;
      }
    }
  };
}

export function createBinarize(step: StepOf<"binarize">, resolve: Resolve): Run {
  const out = resolve(step.out);
  const source = resolve(step.in);
  const { threshold } = step;
  return (count) => {
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < out.width; i++) {
        out.data[row * out.width + i] = source.data[row * source.stride + i]! > threshold ? 1 : 0;
      }
    }
  };
}

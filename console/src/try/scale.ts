/** An axis of a scatter plot. */
export interface Scale {
  /** Returns the position of a value in pixels; a value beyond the axis is at its end. */
  readonly at: (value: number) => number;
  /** True if the axis reaches a value. */
  readonly has: (value: number) => boolean;
  readonly ticks: readonly number[];
}

const TICKS = 5;

/**
 * Creates an axis over reference values. It extends towards the row's own value by at most its length, so that a row that is far out does
 * not shrink the reference rows to a point.
 *
 * @param values NaN is left out
 */
export function toScale(
  values: readonly number[],
  own: number | undefined,
  from: number,
  to: number,
): Scale {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const span = high - low;
  const pad = span > 0 ? span * 0.04 : 1;
  const min = Math.max(Math.min(low, own ?? low), low - span) - pad;
  const max = Math.min(Math.max(high, own ?? high), high + span) + pad;
  const rough = (max - min) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(min / step);
  const count = Math.max(Math.floor(max / step) - first + 1, 0);
  return {
    at(value) {
      const share = (Math.min(Math.max(value, min), max) - min) / (max - min);
      return Math.round((from + share * (to - from)) * 10) / 10;
    },
    has: (value) => value >= min && value <= max,
    ticks: Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(6))),
  };
}

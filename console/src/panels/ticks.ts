/** Distances between ticks: these, times a power of ten. */
const STEPS = [1, 2, 2.5, 5, 10];

/** Returns round numbers that cover a range, about `count` of them. The first is not above `low`, the last not below `high`. */
export function listTicks(low: number, high: number, count: number): readonly number[] {
  const span = high - low || Math.abs(high) || 1;
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = (STEPS.find((each) => each * power >= raw * 0.999_999) ?? 10) * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: Math.max(1, last - first) + 1 }, (_each, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** Returns the number of decimals with which ticks differ. */
export function countDecimals(step: number): number {
  const [digits = "", exponent] = String(Number(step.toPrecision(6))).split("e-");
  const own = digits.split(".")[1]?.length ?? 0;
  return exponent === undefined ? own : own + Number(exponent);
}

/** The types of PromQL's values. */
export type ValueType = "scalar" | "string" | "vector" | "range vector";

export interface Signature {
  readonly args: readonly ValueType[];
  /** Number of optional arguments at the end. */
  readonly optional: number;
  /** True if the last argument may be repeated. */
  readonly repeats: boolean;
  readonly returns: ValueType;
}

const of = (
  args: readonly ValueType[],
  returns: ValueType = "vector",
  optional = 0,
): Signature => ({
  args,
  returns,
  optional,
  repeats: false,
});
const VECTOR = of(["vector"]);
const RANGE = of(["range vector"]);
const DATE = of(["vector"], "vector", 1);
const SCALAR = of([], "scalar");

/** All supported functions. */
export const SIGNATURES = {
  abs: VECTOR,
  absent: VECTOR,
  absent_over_time: RANGE,
  acos: VECTOR,
  acosh: VECTOR,
  asin: VECTOR,
  asinh: VECTOR,
  atan: VECTOR,
  atanh: VECTOR,
  avg_over_time: RANGE,
  ceil: VECTOR,
  changes: RANGE,
  clamp: of(["vector", "scalar", "scalar"]),
  clamp_max: of(["vector", "scalar"]),
  clamp_min: of(["vector", "scalar"]),
  cos: VECTOR,
  cosh: VECTOR,
  count_over_time: RANGE,
  day_of_month: DATE,
  day_of_week: DATE,
  day_of_year: DATE,
  days_in_month: DATE,
  deg: VECTOR,
  delta: RANGE,
  deriv: RANGE,
  end: SCALAR,
  exp: VECTOR,
  first_over_time: RANGE,
  floor: VECTOR,
  histogram_fraction: of(["scalar", "scalar", "vector"]),
  histogram_quantile: of(["scalar", "vector"]),
  hour: DATE,
  idelta: RANGE,
  increase: RANGE,
  irate: RANGE,
  label_join: { ...of(["vector", "string", "string", "string"], "vector", 1), repeats: true },
  label_replace: of(["vector", "string", "string", "string", "string"]),
  last_over_time: RANGE,
  ln: VECTOR,
  log10: VECTOR,
  log2: VECTOR,
  max_over_time: RANGE,
  min_over_time: RANGE,
  minute: DATE,
  month: DATE,
  pi: SCALAR,
  predict_linear: of(["range vector", "scalar"]),
  present_over_time: RANGE,
  quantile_over_time: of(["scalar", "range vector"]),
  rad: VECTOR,
  range: SCALAR,
  rate: RANGE,
  resets: RANGE,
  round: of(["vector", "scalar"], "vector", 1),
  scalar: of(["vector"], "scalar"),
  sgn: VECTOR,
  sin: VECTOR,
  sinh: VECTOR,
  sort: VECTOR,
  sort_desc: VECTOR,
  sqrt: VECTOR,
  start: SCALAR,
  stddev_over_time: RANGE,
  stdvar_over_time: RANGE,
  step: SCALAR,
  sum_over_time: RANGE,
  tan: VECTOR,
  tanh: VECTOR,
  time: SCALAR,
  timestamp: VECTOR,
  vector: of(["scalar"]),
  year: DATE,
} as const satisfies Record<string, Signature>;

export type FunctionName = keyof typeof SIGNATURES;

export function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(SIGNATURES, name);
}

/** Functions of Prometheus that are not supported, and why. */
const EXPERIMENTAL = "is experimental in Prometheus and not supported";
const NATIVE = "needs native histograms, which are not supported";
export const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ["double_exponential_smoothing", EXPERIMENTAL],
  ["holt_winters", "was removed in Prometheus 3"],
  ["info", EXPERIMENTAL],
  ["integral", EXPERIMENTAL],
  ["mad_over_time", EXPERIMENTAL],
  ["max_of", EXPERIMENTAL],
  ["min_of", EXPERIMENTAL],
  ["sort_by_label", EXPERIMENTAL],
  ["sort_by_label_desc", EXPERIMENTAL],
  ["start_timestamp", EXPERIMENTAL],
  ["ts_of_first_over_time", EXPERIMENTAL],
  ["ts_of_last_over_time", EXPERIMENTAL],
  ["ts_of_max_over_time", EXPERIMENTAL],
  ["ts_of_min_over_time", EXPERIMENTAL],
  ["histogram_quantiles", EXPERIMENTAL],
  ["histogram_avg", NATIVE],
  ["histogram_count", NATIVE],
  ["histogram_stddev", NATIVE],
  ["histogram_stdvar", NATIVE],
  ["histogram_sum", NATIVE],
]);

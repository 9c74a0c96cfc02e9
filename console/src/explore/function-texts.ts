import type { Aggregator } from "../../../src/promql/syntax/ast.ts";
import type { FunctionName } from "../../../src/promql/syntax/function-signatures.ts";

/** The arguments of a function, and a sentence about its result. */
export interface FunctionText {
  readonly args: string;
  readonly text: string;
}

const of = (args: string, text: string): FunctionText => ({ args, text });
const angle = (name: string): FunctionText => of("v", `Returns the ${name} of each value.`);
const date = (part: string): FunctionText =>
  of("v = vector(time())", `Returns the ${part} in UTC of each value, read as seconds since 1970.`);
const native = (part: string): FunctionText =>
  of("v", `Returns the ${part} of each native histogram.`);

/** The functions of the embedded engine. */
const ENGINE: Readonly<Record<FunctionName, FunctionText>> = {
  abs: of("v", "Returns the absolute value of each value."),
  absent: of(
    "v",
    "Returns 1 if there are no series, and nothing otherwise: for alerts about missing series.",
  ),
  absent_over_time: of(
    "v[range]",
    "Returns 1 if no series has a sample in the range, and nothing otherwise.",
  ),
  acos: angle("arccosine in radians"),
  acosh: angle("inverse hyperbolic cosine"),
  asin: angle("arcsine in radians"),
  asinh: angle("inverse hyperbolic sine"),
  atan: angle("arctangent in radians"),
  atanh: angle("inverse hyperbolic tangent"),
  avg_over_time: of("v[range]", "Returns the average of the samples of each series in the range."),
  ceil: of("v", "Rounds each value up to the nearest integer."),
  changes: of("v[range]", "Counts how often the value of each series changes in the range."),
  clamp: of("v, min, max", "Limits each value to at least min and at most max."),
  clamp_max: of("v, max", "Limits each value to at most max."),
  clamp_min: of("v, min", "Limits each value to at least min."),
  cos: angle("cosine"),
  cosh: angle("hyperbolic cosine"),
  count_over_time: of("v[range]", "Counts the samples of each series in the range."),
  day_of_month: date("day of the month, from 1 to 31,"),
  day_of_week: date("day of the week, from 0 for Sunday to 6,"),
  day_of_year: date("day of the year, from 1 to 366,"),
  days_in_month: date("number of days of the month"),
  deg: of("v", "Converts radians to degrees."),
  delta: of(
    "v[range]",
    "Returns the difference between the last and the first value of each gauge in the range, extrapolated to the whole range.",
  ),
  deriv: of(
    "v[range]",
    "Returns the change per second of each gauge, by a linear regression over the range.",
  ),
  end: of("", "Returns the time of the last step of the query, in seconds since 1970."),
  exp: of("v", "Returns e to the power of each value."),
  first_over_time: of("v[range]", "Returns the oldest sample of each series in the range."),
  floor: of("v", "Rounds each value down to the nearest integer."),
  histogram_fraction: of(
    "lower, upper, v",
    "Estimates the share of the observations of each histogram between lower and upper, from 0 to 1.",
  ),
  histogram_quantile: of(
    "φ, v",
    "Estimates the φ-quantile of each histogram from its buckets (label le): 0.95 is the value that 95 % of the observations do not exceed. It is interpolated within a bucket.",
  ),
  hour: date("hour, from 0 to 23,"),
  idelta: of(
    "v[range]",
    "Returns the difference between the last two samples of each gauge in the range.",
  ),
  increase: of(
    "v[range]",
    "Returns the increase of each counter in the range, extrapolated to the whole range. A counter that was reset to 0 continues.",
  ),
  irate: of(
    "v[range]",
    "Returns the increase per second of each counter between its last two samples in the range: for graphs of fast changes, not for alerts.",
  ),
  label_join: of(
    'v, "to", "separator", "from", …',
    "Joins the values of labels with a separator, and writes the result into another label.",
  ),
  label_replace: of(
    'v, "to", "replacement", "from", "regex"',
    "Matches a label with a regular expression; where it matches, writes the replacement, with $1, $2 for its groups, into another label.",
  ),
  last_over_time: of("v[range]", "Returns the newest sample of each series in the range."),
  ln: of("v", "Returns the natural logarithm of each value."),
  log10: of("v", "Returns the decimal logarithm of each value."),
  log2: of("v", "Returns the binary logarithm of each value."),
  max_over_time: of("v[range]", "Returns the largest sample of each series in the range."),
  min_over_time: of("v[range]", "Returns the smallest sample of each series in the range."),
  minute: date("minute, from 0 to 59,"),
  month: date("month, from 1 to 12,"),
  pi: of("", "Returns π, 3.14159…, for angles in radians."),
  predict_linear: of(
    "v[range], seconds",
    "Predicts the value of each gauge some seconds from now, by a linear regression over the range.",
  ),
  present_over_time: of("v[range]", "Returns 1 for each series with a sample in the range."),
  quantile_over_time: of(
    "φ, v[range]",
    "Returns the φ-quantile of the samples of each series in the range, for example 0.5 for the median.",
  ),
  rad: of("v", "Converts degrees to radians."),
  range: of("", "Returns the duration of the query from its first to its last step, in seconds."),
  rate: of(
    "v[range]",
    "Returns the increase per second of each counter, averaged over the range. A counter that was reset to 0 continues.",
  ),
  resets: of("v[range]", "Counts how often each counter was reset to 0 in the range."),
  round: of("v, to_nearest = 1", "Rounds each value to the nearest multiple; ties are rounded up."),
  scalar: of(
    "v",
    "Returns the value of the only series as a scalar; NaN if there is not exactly one.",
  ),
  sgn: of("v", "Returns the sign of each value: 1, 0 or -1."),
  sin: angle("sine"),
  sinh: angle("hyperbolic sine"),
  sort: of("v", "Sorts the series by value, smallest first. It affects instant queries only."),
  sort_desc: of("v", "Sorts the series by value, largest first. It affects instant queries only."),
  sqrt: of("v", "Returns the square root of each value."),
  start: of("", "Returns the time of the first step of the query, in seconds since 1970."),
  stddev_over_time: of(
    "v[range]",
    "Returns the standard deviation of the samples of each series in the range.",
  ),
  stdvar_over_time: of(
    "v[range]",
    "Returns the variance of the samples of each series in the range.",
  ),
  step: of("", "Returns the step of the query in seconds."),
  sum_over_time: of("v[range]", "Adds up the samples of each series in the range."),
  tan: angle("tangent"),
  tanh: angle("hyperbolic tangent"),
  time: of("", "Returns the time of evaluation, in seconds since 1970."),
  timestamp: of("v", "Returns the time of each sample, in seconds since 1970."),
  vector: of("s", "Converts a scalar to a series without labels."),
  year: date("year"),
};

/** Functions of Prometheus that the embedded engine does not have. */
const OTHERS: Readonly<Record<string, FunctionText>> = {
  double_exponential_smoothing: of(
    "v[range], smoothing, trend",
    "Smooths each gauge over the range with its trend. Experimental.",
  ),
  holt_winters: of(
    "v[range], smoothing, trend",
    "Smooths each gauge over the range with its trend. Prometheus 3 has double_exponential_smoothing instead.",
  ),
  info: of("v, {selector}", "Adds the labels of info series, such as target_info. Experimental."),
  integral: of("v[range]", "Returns the integral of each gauge over the range. Experimental."),
  mad_over_time: of(
    "v[range]",
    "Returns the median absolute deviation of the samples of each series in the range. Experimental.",
  ),
  max_of: of("a, b", "Returns the larger of two durations or numbers. Experimental."),
  min_of: of("a, b", "Returns the smaller of two durations or numbers. Experimental."),
  sort_by_label: of('v, "label", …', "Sorts the series by the values of labels. Experimental."),
  sort_by_label_desc: of(
    'v, "label", …',
    "Sorts the series by the values of labels in descending order. Experimental.",
  ),
  start_timestamp: of("v", "Returns the time at which each counter began. Experimental."),
  ts_of_first_over_time: of(
    "v[range]",
    "Returns the time of the oldest sample in the range. Experimental.",
  ),
  ts_of_last_over_time: of(
    "v[range]",
    "Returns the time of the newest sample in the range. Experimental.",
  ),
  ts_of_max_over_time: of(
    "v[range]",
    "Returns the time of the largest sample in the range. Experimental.",
  ),
  ts_of_min_over_time: of(
    "v[range]",
    "Returns the time of the smallest sample in the range. Experimental.",
  ),
  histogram_quantiles: of(
    'v, "label", φ, …',
    "Estimates several quantiles of each histogram, and writes φ into a label. Experimental.",
  ),
  histogram_avg: native("average"),
  histogram_count: native("number of observations"),
  histogram_stddev: native("estimated standard deviation"),
  histogram_stdvar: native("estimated variance"),
  histogram_sum: native("sum of observations"),
};

export const FUNCTION_TEXTS: ReadonlyMap<string, FunctionText> = new Map(
  Object.entries({ ...ENGINE, ...OTHERS }),
);

/** The result of each aggregation, before the words about its groups. */
const ENGINE_AGGREGATIONS: Readonly<Record<Aggregator, string>> = {
  sum: "Adds up the values",
  avg: "Averages the values",
  min: "Returns the smallest value",
  max: "Returns the largest value",
  count: "Counts the series",
  group: "Returns 1",
  stddev: "Returns the standard deviation of the values",
  stdvar: "Returns the variance of the values",
  quantile: "Returns a quantile of the values",
  topk: "Keeps the series with the largest values",
  bottomk: "Keeps the series with the smallest values",
  count_values: "Counts the series with each value, and writes the value into a label",
};

export const AGGREGATION_TEXTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...ENGINE_AGGREGATIONS,
    limitk: "Keeps some series",
    limit_ratio: "Keeps a share of the series",
  }),
);

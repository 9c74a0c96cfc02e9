import type { FunctionImplementation } from "../evaluate/evaluation.ts";
import type { FunctionName } from "../syntax/function-signatures.ts";
import { absent, absentOverTime } from "./absent.ts";
import { changes, resets } from "./changes.ts";
import { DATE_FUNCTIONS } from "./dates.ts";
import { deriv, predictLinear } from "./regression.ts";
import { histogramFraction } from "./histogram-fraction.ts";
import { histogramQuantile } from "./histogram-quantile.ts";
import { labelJoin } from "./label-join.ts";
import { labelReplace } from "./label-replace.ts";
import { MATHS_FUNCTIONS } from "./maths.ts";
import { OVER_TIME_FUNCTIONS } from "./over-time.ts";
import { quantileOverTime } from "./quantile-over-time.ts";
import { delta, idelta, increase, irate, rate } from "./rate.ts";
import { sort, sortDesc } from "./sort.ts";
import { TIME_AND_TYPE_FUNCTIONS } from "./time-and-type.ts";

/** Implementations of functions; function-signatures.ts has their types. */
export const FUNCTIONS: Readonly<Record<FunctionName, FunctionImplementation>> = {
  ...MATHS_FUNCTIONS,
  ...DATE_FUNCTIONS,
  ...OVER_TIME_FUNCTIONS,
  ...TIME_AND_TYPE_FUNCTIONS,
  absent,
  absent_over_time: absentOverTime,
  changes,
  delta,
  deriv,
  histogram_fraction: histogramFraction,
  histogram_quantile: histogramQuantile,
  idelta,
  increase,
  irate,
  label_join: labelJoin,
  label_replace: labelReplace,
  predict_linear: predictLinear,
  quantile_over_time: quantileOverTime,
  rate,
  resets,
  sort,
  sort_desc: sortDesc,
};

/** Functions that inspect their argument expressions before these are evaluated. */
export const LAZY_FUNCTIONS: ReadonlySet<string> = new Set(["timestamp"]);

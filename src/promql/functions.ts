import type { FunctionImplementation } from "./evaluation.ts";
import type { FunctionName } from "./function-signatures.ts";
import { absent, absentOverTime } from "./functions/absent.ts";
import { changes, resets } from "./functions/changes.ts";
import { DATE_FUNCTIONS } from "./functions/dates.ts";
import { deriv, predictLinear } from "./functions/regression.ts";
import { histogramFraction } from "./functions/histogram-fraction.ts";
import { histogramQuantile } from "./functions/histogram-quantile.ts";
import { labelJoin } from "./functions/label-join.ts";
import { labelReplace } from "./functions/label-replace.ts";
import { MATHS_FUNCTIONS } from "./functions/maths.ts";
import { OVER_TIME_FUNCTIONS } from "./functions/over-time.ts";
import { quantileOverTime } from "./functions/quantile-over-time.ts";
import { delta, idelta, increase, irate, rate } from "./functions/rate.ts";
import { sort, sortDesc } from "./functions/sort.ts";
import { TIME_AND_TYPE_FUNCTIONS } from "./functions/time-and-type.ts";

/** What each function does; its types are in function-signatures.ts. */
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

/** Functions that look at their arguments before these are evaluated. */
export const LAZY_FUNCTIONS: ReadonlySet<string> = new Set(["timestamp"]);

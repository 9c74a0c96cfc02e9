import { warnOfQuantiles } from "../aggregate/aggregate-quantile.ts";
import { toScalar, type FunctionImplementation } from "../evaluate/evaluation.ts";
import { toQuantile } from "../aggregate/quantile.ts";
import { reduceWindows, toRange } from "./reduce-windows.ts";
import { SortedWindow } from "./sorted-window.ts";

export const quantileOverTime: FunctionImplementation = (env, [quantile, range], { args }) => {
  const quantiles = toScalar(quantile);
  const result = reduceWindows(env, toRange(range), 1, ({ values }) => {
    const window = new SortedWindow(values);
    return (begin, end, step) => {
      window.moveTo(begin, end);
      return toQuantile(quantiles[step]!, window.sorted, window.size, window.nans);
    };
  });
  if (result.columns.length > 0) warnOfQuantiles(env, args[0]!, quantiles);
  return result;
};

/** Public exports of "tepal/promql": a PromQL engine over any source of series. */
export { createEngine, type EngineSettings } from "./engine.ts";
export { toErrorType, type QueryErrorType } from "./errors.ts";
export { formatFloat } from "./format-number.ts";
export { parse, PARSE_LIMITS, type ParseLimits } from "./syntax/parser.ts";
export { print, printSeries } from "./syntax/print.ts";
export type * from "./syntax/ast.ts";
export type * from "./promql.ts";
export { createLabels } from "../series/labels.ts";
export { createMatcher } from "../series/matcher.ts";
export { createMemoryStore, type MemoryStore } from "../series/store/memory-store.ts";
export type {
  Labels,
  Matcher,
  MatcherType,
  SeriesReader,
  SeriesSamples,
} from "../series/series.ts";
export { TepalError } from "../kernel/errors.ts";

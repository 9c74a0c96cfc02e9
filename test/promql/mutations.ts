/** A mutant: a change of one line that our own cases must detect. */
export interface Mutation {
  /** Within src/. */
  readonly file: string;
  /** Occurs in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

const change = (file: string, find: string, replace: string): Mutation => ({ file, find, replace });

/** Mutants that Prometheus's own cases do not detect, as far as is known. */
export const UNDETECTED_BY_PROMETHEUS: readonly Mutation[] = [
  change(
    "promql/functions/rate.ts",
    "EXTRAPOLATION_THRESHOLD = 1.1;",
    "EXTRAPOLATION_THRESHOLD = 1.3;",
  ),
  change(
    "promql/aggregate/top.ts",
    "Number(Number.isNaN(a)) - Number(Number.isNaN(b))",
    "Number(Number.isNaN(b)) - Number(Number.isNaN(a))",
  ),
  change(
    "promql/evaluate/vector-matching.ts",
    "const taken = matching.include.map(",
    "const taken = matching.include.filter((name) => one.has(name)).map(",
  ),
  change("promql/syntax/parser.ts", "const UNARY_POWER = 5;", "const UNARY_POWER = 6;"),
  change(
    "promql/functions/label-replace.ts",
    String.raw`([\p{L}\p{Nd}_]+))/gu`,
    String.raw`(\d+|[\p{L}_]+))/gu`,
  ),
  change(
    "promql/functions/rate.ts",
    "if (toStart >= threshold) toStart",
    "if (toStart > threshold) toStart",
  ),
  change(
    "promql/evaluate/selectors.ts",
    "return query.endMs;",
    "return query.endMs - ((query.endMs - query.startMs) % query.stepMs);",
  ),
  change(
    "promql/aggregate/count-values.ts",
    "!(without && names.includes(label))",
    "true as boolean",
  ),
];

export const MUTATIONS: readonly Mutation[] = [
  ...UNDETECTED_BY_PROMETHEUS,
  // Selectors and windows.
  change(
    "promql/evaluate/selectors.ts",
    "times[at]! <= moments[i]! - lookback",
    "times[at]! < moments[i]! - lookback",
  ),
  change("promql/evaluate/selectors.ts", "if (stale !== null && stale[at] === 1) continue;", ""),
  change("promql/evaluate/selectors.ts", "stale === null || !stale.includes(1)", "true"),
  change(
    "promql/evaluate/selectors.ts",
    "(pinned ?? toTime(grid, i)) - back",
    "(pinned ?? toTime(grid, i)) + back",
  ),
  change(
    "promql/evaluate/windows.ts",
    "const starts = ends.map((end) => end - rangeMs);",
    "const starts = ends.map((end) => end - rangeMs - 1);",
  ),
  change(
    "promql/evaluate/windows.ts",
    "if (times[middle]! <= moment) low = middle + 1;",
    "if (times[middle]! < moment) low = middle + 1;",
  ),
  change("promql/evaluate/subqueries.ts", "stepMs * Math.trunc(before / stepMs)", "before"),
  change(
    "promql/evaluate/subqueries.ts",
    "if (column.present.includes(0)) {",
    "if (false as boolean) {",
  ),
  change("promql/engine.ts", "subqueryStepSeconds: 60", "subqueryStepSeconds: 30"),
  change("promql/evaluate/step-invariance.ts", '  "predict_linear",\n', ""),
  change("promql/evaluate/step-invariance.ts", '  "timestamp",\n', ""),
  change(
    "promql/evaluate/evaluate.ts",
    'kind === "range selector" || kind === "subquery"',
    "false as boolean",
  ),
  change("series/regex.ts", "(?s:", "(?:"),
  change(
    "series/regex.ts",
    "return (text) => texts.has(text);",
    "return (text) => [...texts].some((one) => text.startsWith(one));",
  ),
  change("series/matcher.ts", '?? ""', '?? "-"'),
  // Counters.
  change("promql/functions/rate.ts", "if (toEnd >= threshold) toEnd = mean / 2;", ""),
  change(
    "promql/functions/rate.ts",
    "if (toEnd >= threshold) toEnd = mean / 2;",
    "if (toEnd > threshold) toEnd = mean / 2;",
  ),
  change("promql/functions/rate.ts", "toStart = mean / 2;", "toStart = mean;"),
  change(
    "promql/functions/rate.ts",
    "if (counter && difference > 0 && first >= 0)",
    "if (false as boolean)",
  ),
  change(
    "promql/functions/rate.ts",
    "if (counter && difference > 0 && first >= 0)",
    "if (difference > 0 && first >= 0)",
  ),
  change("promql/functions/rate.ts", "resets[firstReset]! <= begin", "resets[firstReset]! < begin"),
  change("promql/functions/rate.ts", "resets[r]! < end", "resets[r]! <= end"),
  change("promql/functions/rate.ts", "(last < before ? last : last - before)", "(last - before)"),
  change(
    "promql/functions/rate.ts",
    "const mean = sampled / (end - 1 - begin);",
    "const mean = sampled / (end - begin);",
  ),
  change("promql/functions/changes.ts", " && !(Number.isNaN(value) && Number.isNaN(before))", ""),
  // Over time.
  change("promql/evaluate/compensated-sum.ts", "return compensation + lost;", "return 0;"),
  change(
    "promql/evaluate/compensated-sum.ts",
    "if (next === Infinity || next === -Infinity) return 0;",
    "",
  ),
  change(
    "promql/evaluate/compensated-sum.ts",
    "if (next !== Infinity && next !== -Infinity) {",
    "if (true as boolean) {",
  ),
  change(
    "promql/functions/over-time.ts",
    "values[i]! < least || Number.isNaN(least)",
    "values[i]! < least",
  ),
  change(
    "promql/functions/over-time.ts",
    "values[i]! > most || Number.isNaN(most)",
    "!(values[i]! <= most)",
  ),
  change(
    "promql/functions/over-time.ts",
    "squares.total / (end - begin)",
    "squares.total / (end - begin - 1)",
  ),
  change(
    "promql/functions/over-time.ts",
    "(begin) =>\n        values[begin]!,\n    true,",
    "(begin) =>\n        values[begin]!,",
  ),
  change("promql/functions/sorted-window.ts", "this.#nans--;", ""),
  change(
    "promql/functions/sorted-window.ts",
    "while (out < begin) this.#remove(this.#series[out++]!);",
    "",
  ),
  change(
    "promql/aggregate/quantile.ts",
    "index < nans ? Number.NaN : sorted[index - nans]!",
    "sorted[index] ?? Number.NaN",
  ),
  change(
    "promql/aggregate/quantile.ts",
    "const rank = q * (count - 1);",
    "const rank = q * count;",
  ),
  change(
    "promql/evaluate/values.ts",
    "if (present[i] === 1) throw createExecutionError(DUPLICATES);",
    "",
  ),
  change(
    "promql/functions/regression.ts",
    "fitLine(series, begin, end, toTime(grid, step))",
    "fitLine(series, begin, end, series.times[end - 1]!)",
  ),
  change(
    "promql/functions/regression.ts",
    "if (Math.abs(first) === Infinity) return",
    "if (false as boolean) return",
  ),
  // Operators.
  change("promql/syntax/parser.ts", 'op === "^" ? POWER[op] : POWER[op] + 1', "POWER[op] + 1"),
  change("promql/syntax/parser.ts", "  or: 1,\n  and: 2,", "  or: 2,\n  and: 2,"),
  change(
    "promql/evaluate/operators.ts",
    "if (a === 1 || (a === -1 && Math.abs(b) === Infinity)) return 1;",
    "",
  ),
  change("promql/syntax/lexer.ts", String.raw`/^0[0-7]+$/.test(text)`, "(false as boolean)"),
  change(
    "promql/evaluate/binary.ts",
    "swapped ? compare(scalar[i]!, value) : compare(value, scalar[i]!)",
    "compare(value, scalar[i]!)",
  ),
  change(
    "promql/evaluate/binary.ts",
    "bool ? Number(holds) : value;",
    "bool ? Number(holds) : swapped ? scalar[i]! : value;",
  ),
  change(
    "promql/evaluate/binary.ts",
    "if (isComparison(op) && !bool) return combined;",
    "if (isComparison(op)) return combined;",
  ),
  change("promql/evaluate/signatures.ts", "if (!on) names.add(METRIC_NAME);", ""),
  change(
    "promql/evaluate/vector-matching.ts",
    "if (other !== undefined) throw",
    "if (false as boolean && other !== undefined) throw",
  ),
  change(
    "promql/evaluate/vector-matching.ts",
    "if (target.matched[i] === 1) throw createMultipleError(oneToOne);",
    "if (target.column.present[i] === 1) throw createMultipleError(oneToOne);",
  ),
  change(
    "promql/evaluate/vector-matching.ts",
    "if (target.matched[i] === 1) throw createMultipleError(oneToOne);",
    "",
  ),
  change(
    "promql/evaluate/vector-matching.ts",
    "bool ? Number(holds) : left;",
    "bool ? Number(holds) : many;",
  ),
  change(
    "promql/evaluate/vector-matching.ts",
    "swapped ? calculate(one, many) : calculate(many, one)",
    "calculate(many, one)",
  ),
  change(
    "promql/evaluate/vector-matching.ts",
    "matching.on ? keepLabels(labels, names) : withoutLabels(labels, names)",
    "withoutLabels(labels, names)",
  ),
  change("promql/evaluate/set-operators.ts", "return mergeSame([...left,", "return ([...left,"),
  change("promql/evaluate/set-operators.ts", "if (!wanted) kept.push(column);", ""),
  // Aggregations.
  change("promql/aggregate/grouping.ts", "names.add(METRIC_NAME);", ""),
  change("promql/aggregate/reducers.ts", "|| Number.isNaN(best)", ""),
  change(
    "promql/aggregate/reducers.ts",
    "values[i]! /= counts[i]!;",
    "values[i]! /= counts[i]! - 1;",
  ),
  change(
    "promql/aggregate/reducers.ts",
    "for (let i = 0; i < values.length; i++) values[i]! += compensations[i]!;",
    "",
  ),
  change("promql/aggregate/top.ts", "Math.trunc(counts[i]!)", "Math.round(counts[i]!)"),
  change(
    "promql/aggregate/top.ts",
    'if (Number.isNaN(k)) throw createExecutionError("Parameter value is NaN");',
    "",
  ),
  change(
    "promql/aggregate/top.ts",
    "if (grid.count === 1) return ranked.map((index) => chosen[index]!);",
    "",
  ),
  change("promql/format-number.ts", '`0.${"0".repeat(-point)}${digits}`', "`${value}`"),
  change("promql/format-number.ts", 'if (Object.is(value, -0)) return "-0";\n  const [', "const ["),
  change("promql/aggregate/count-values.ts", 'Object.is(value, -0) ? "-0" : value', "value"),
  // Histograms.
  change(
    "promql/functions/histogram-quantile.ts",
    "if (bounds[size - 1] !== Infinity) return Number.NaN;",
    "",
  ),
  change(
    "promql/functions/histogram-quantile.ts",
    "if (at === size - 1) return bounds[size - 2]!;",
    "",
  ),
  change(
    "promql/functions/histogram-quantile.ts",
    "if (at === 0 && bounds[0]! <= 0) return bounds[0]!;",
    "",
  ),
  change("promql/functions/histogram-quantile.ts", "TOLERANCE = 1e-12", "TOLERANCE = 1e-15"),
  change("promql/functions/histogram-quantile.ts", "counts[i] = most;", ""),
  change("promql/functions/histogram-quantile.ts", "observations === 0) return", "false) return"),
  change(
    "promql/functions/histogram-buckets.ts",
    "counts[size - 1]! += column.values[step]!",
    "counts[size - 1] = column.values[step]!",
  ),
  change(
    "promql/functions/histogram-buckets.ts",
    "BUCKET_ONLY: ReadonlySet<string> = new Set([BUCKET_LABEL])",
    "BUCKET_ONLY: ReadonlySet<string> = new Set([BUCKET_LABEL, METRIC_NAME])",
  ),
  change("promql/functions/histogram-fraction.ts", "bounds[0]! > 0 ? 0 : -Infinity", "-Infinity"),
  change(
    "promql/functions/histogram-fraction.ts",
    "low === -Infinity ? 1 :",
    "low === -Infinity ? 0 :",
  ),
  // Labels, and functions of one moment.
  change(
    "promql/functions/label-replace.ts",
    'if (name === undefined) return () => "$";',
    'if (name === undefined) return () => "$$";',
  ),
  change(
    "promql/functions/label-replace.ts",
    'all[Number(name)] ?? ""',
    "all[Number(name)] ?? `$${name}`",
  ),
  change("promql/functions/relabel.ts", "columns: mergeSame(changed)", "columns: changed"),
  change(
    "series/labels.ts",
    'if (value === "") {\n      map.delete(name);',
    "if (false as boolean) {\n      map.delete(name);",
  ),
  change("promql/functions/absent.ts", "!equalled.has(name)", "!fixed.has(name)"),
  change("promql/functions/absent.ts", "else fixed.delete(name);", ""),
  change("promql/functions/absent.ts", 'type === "=" &&', ""),
  change(
    "promql/functions/maths.ts",
    "Math.floor(value + 0.5)",
    "Math.round(Math.abs(value)) * Math.sign(value)",
  ),
  change(
    "promql/functions/maths.ts",
    "Math.floor(value * inverse + 0.5) / inverse",
    "Math.floor(value / (1 / inverse) + 0.5) * (1 / inverse)",
  ),
  change("promql/functions/maths.ts", "(lows[i]! > highs[i]! ? 0 : one)", "one"),
  change("promql/functions/maths.ts", "a === Infinity || b === Infinity ? Infinity : ", ""),
  change(
    "promql/functions/time-and-type.ts",
    'if (arg.kind !== "vector selector") {',
    "if (true as boolean) {",
  ),
  change("promql/functions/time-and-type.ts", "counts[i] === 1 ? one", "counts[i]! > 0 ? one"),
  change(
    "promql/functions/dates.ts",
    "last.setUTCMonth(date.getUTCMonth() + 1, 0);",
    "last.setUTCMonth(date.getUTCMonth(), 0);",
  ),
  change("promql/functions/dates.ts", "date.getUTCMonth() + 1)", "date.getUTCMonth())"),
  change("promql/functions/sort.ts", "if (env.isRange) {", "if (false as boolean) {"),
  // Invalid expressions.
  change(
    "promql/syntax/check-types.ts",
    "if (isComparison(op) && !bool) {",
    "if (false as boolean) {",
  ),
  change(
    "promql/syntax/check-types.ts",
    "if (matching.on || matching.labels.length > 0) {",
    "if (matching.on) {",
  ),
  change(
    "promql/syntax/check-types.ts",
    'if (type === "scalar" || type === "vector") return type;',
    "return type;",
  ),
  change("promql/syntax/parser.ts", "if (bool && !isComparison(op)) {", "if (false as boolean) {"),
  change(
    "promql/syntax/parse-clauses.ts",
    "if (repeated !== undefined) {",
    "if (false as boolean) {",
  ),
  change(
    "promql/syntax/parse-selector.ts",
    'if (matchers.every((matcher) => matcher.matches(""))) {',
    "if (matchers.length === 0) {",
  ),
  change(
    "promql/syntax/parse-selector.ts",
    "if (expr[by] !== undefined) {",
    "if (false as boolean) {",
  ),
  // Durations.
  change("promql/syntax/lexer.ts", String.raw`(?:\d+m(?!s))?`, String.raw`(?:\d+m)?`),
  change("promql/syntax/parse-duration.ts", "const UNARY_POWER = 3;", "const UNARY_POWER = 5;"),
  change(
    "promql/syntax/parse-duration.ts",
    "power: 4, rightFirst: true",
    "power: 4, rightFirst: false",
  ),
  change("promql/evaluate/resolve-duration.ts", "return Math.max(a, b);", "return Math.min(a, b);"),
  change("promql/evaluate/resolve-duration.ts", "return a % b;", "return a / b;"),
  change(
    "promql/evaluate/resolve-duration.ts",
    "if (ms > 0 && Number.isFinite(ms))",
    "if (ms >= 0)",
  ),
  // Steps without a value.
  change(
    "promql/evaluate/evaluate.ts",
    "column.present.fill(one.present[0]!);",
    "column.present.fill(1);",
  ),
  change(
    "promql/evaluate/vector-matching.ts",
    "return some!.map((one, i) => one & others![i]!);",
    "return some!.map(() => 1);",
  ),
  change("promql/functions/histogram-buckets.ts", "if (buckets.size === 0) continue;", ""),
  change(
    "promql/aggregate/aggregation.ts",
    "dropName: members.some((member) => member.dropName)",
    "dropName: false",
  ),
];

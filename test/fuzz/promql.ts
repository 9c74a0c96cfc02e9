import * as fc from "fast-check";
import { TepalError } from "../../src/kernel/errors.ts";
import { createRandom } from "../../src/kernel/random.ts";
import { createEngine, parse, print, type Expr, type QueryResult } from "../../src/promql/index.ts";
import { createMemoryStore } from "../../src/series/store/memory-store.ts";
import { toLabelsKey } from "../../src/series/labels.ts";
import { createQueries } from "../promql/random-query.ts";
import { createSamples, SAMPLES, VOCABULARY } from "../promql/random-samples.ts";

/** Results of the queries of one run. */
interface PromqlCount {
  /** Strings that are PromQL, and were printed and parsed to the same expression. */
  parsed: number;
  refused: number;
  answered: number;
  /** Queries that ended with an error of Prometheus's kinds. */
  failed: number;
  /** Range queries that equal an instant query at each step. */
  agreed: number;
}

/** Time after which a query counts as hanging; its own limit is far below. */
const HANG_SECONDS = 10;
const PIECES = [
  "(",
  ")",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "@",
  "=",
  "==",
  "!=",
  "=~",
  "!~",
  ">",
  "<",
  ">=",
  "<=",
  "+",
  "-",
  "*",
  "/",
  "%",
  "^",
  '"a"',
  "'b'",
  "`c`",
  '"(x+x+)+y"',
  '"\\xff"',
  '"',
  "\\",
  "#",
  "\n",
  " ",
  "5m",
  "1h30m",
  "0x1f",
  "1e3",
  "1e999",
  "1_0",
  "5mm",
  "NaN",
  "inf",
  "-1",
  "9e18",
  "queue",
  "load",
  "temperature",
  '{job="api"}',
  "sum",
  "topk",
  "count_values",
  "quantile",
  "rate",
  "absent",
  "label_replace",
  "histogram_quantile",
  "time()",
  "step()",
  "by (job)",
  "without (job)",
  "on (job)",
  "ignoring ()",
  "group_left",
  "group_right (zone)",
  "bool",
  "offset",
  "offset 5m",
  "@ end()",
  "@ 1700000000",
  "and",
  "or",
  "unless",
  "atan2",
  "[5m]",
  "[1y:1ms]",
  "[10m:]",
  "\u{1f600}",
  "\ud800",
  "\ufffd",
  "\0",
];

const store = createMemoryStore();
for (const { labels, times, values } of createSamples(1)) store.add(labels, times, values);
const engine = createEngine({
  limits: { maxSamples: 200_000, timeoutSeconds: 2, maxLength: 5_000, maxDepth: 100 },
});

/**
 * Parses and evaluates random strings and queries. A string is rejected with a position, or printed and parsed to the
 * same expression; a query returns a result or an error of Prometheus's kinds, in bounded time; a range query equals
 * instant queries.
 */
export function fuzzPromql(runs: number, seed: number): PromqlCount {
  const count: PromqlCount = { parsed: 0, refused: 0, answered: 0, failed: 0, agreed: 0 };
  const parameters = { numRuns: runs, seed };
  const try_ = (query: string): void => tryQuery(query, count);
  const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((all) => all.join(" "));
  fc.assert(fc.property(fc.oneof(soup, fc.string({ unit: "grapheme" })), try_), parameters);
  fc.assert(fc.property(queries(), try_), parameters);
  fc.assert(
    fc.property(queries(), fc.nat(), fc.nat(), fc.constantFrom(...PIECES), (query, a, b, piece) => {
      const [from, to] = [a % (query.length + 1), b % (query.length + 1)];
      try_(query.slice(0, from) + piece + query.slice(Math.min(from + (b % 4), query.length)));
      try_(query.slice(0, Math.max(from, to)) + query.slice(Math.min(from, to)));
    }),
    parameters,
  );
  fc.assert(
    fc.property(queries(), fc.nat(5_000), fc.integer({ min: 1, max: 90 }), (query, at, step) => {
      compareSteps(query, SAMPLES.startMs + 500 + at * 1_000, step * 1_000, count);
    }),
    parameters,
  );
  return count;
}

function queries(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(2 ** 31 - 1), fc.integer({ min: 0, max: 5 }))
    .map(([seed, depth]) => createQueries(createRandom(seed), VOCABULARY).next(depth));
}

function tryQuery(query: string, count: PromqlCount): void {
  const begun = performance.now();
  let expr: Expr;
  try {
    expr = parse(query);
  } catch (thrown) {
    checkError(thrown, ["QUERY_INVALID"]);
    count.refused++;
    return;
  }
  const printed = print(expr);
  if (toShape(parse(printed)) !== toShape(expr)) throw new Error(`printed as ${printed}`);
  count.parsed++;
  const { startMs } = SAMPLES;
  const range = { startMs: startMs + 600_000, endMs: startMs + 1_200_000, stepMs: 60_000 };
  for (const ask of [
    () => engine.queryInstant(store, query, startMs + 1_000_000),
    () => engine.queryRange(store, query, range),
  ]) {
    const result = attempt(ask);
    if (result === undefined) count.failed++;
    else count.answered++;
  }
  const seconds = (performance.now() - begun) / 1_000;
  if (seconds > HANG_SECONDS) throw new Error(`took ${seconds} s`);
}

/** Undefined for an expected failure. */
function attempt(ask: () => QueryResult): QueryResult | undefined {
  try {
    return ask();
  } catch (thrown) {
    checkError(thrown, ["QUERY_INVALID", "QUERY_FAILED", "QUERY_TIMEOUT"]);
    return undefined;
  }
}

function checkError(thrown: unknown, codes: readonly string[]): void {
  if (!(thrown instanceof TepalError) || !codes.includes(thrown.code)) throw thrown;
}

/** The expression without source ranges. */
function toShape(expr: Expr): string {
  return JSON.stringify(expr, (key, value: unknown) => {
    if (key === "start" || key === "end") return undefined;
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  });
}

const STEPS = 4;

/** Each step of a range query equals the instant query of that time, unless it uses the edges of the range. */
function compareSteps(query: string, startMs: number, stepMs: number, count: PromqlCount): void {
  if (/start\(|end\(|sort/.test(query)) return;
  // These two sort the samples of an instant query, and sums in another order are rounded differently.
  const rounding = /topk|bottomk/.test(query) ? 1e-12 : 0;
  const endMs = startMs + (STEPS - 1) * stepMs;
  const whole = attempt(() => engine.queryRange(store, query, { startMs, endMs, stepMs }));
  if (whole === undefined || whole.value.type !== "matrix") return;
  for (let time = startMs; time <= endMs; time += stepMs) {
    const one = attempt(() => engine.queryInstant(store, query, time));
    if (one === undefined) throw new Error(`fails at ${time}, but not in a range`);
    const expected = whole.value.series.flatMap(({ labels, times, values }): Line[] => {
      const at = times.indexOf(time);
      return at < 0 ? [] : [[toLabelsKey(labels), values[at] ?? Number.NaN]];
    });
    const got = toLines(one);
    if (!areSame(got, expected, rounding)) {
      throw new Error(`at ${time} ${got.join("; ")}, in a range ${expected.join("; ")}`);
    }
  }
  count.agreed++;
}

type Line = readonly [labels: string, value: number];

function toLines({ value }: QueryResult): Line[] {
  if (value.type === "scalar") return [["", value.value]];
  if (value.type !== "vector") return [];
  return value.samples.map(({ labels, value: number }) => [toLabelsKey(labels), number]);
}

function areSame(got: readonly Line[], expected: readonly Line[], rounding: number): boolean {
  const others = expected.toSorted(compareLines);
  return (
    got.length === others.length &&
    got.toSorted(compareLines).every(([labels, value], i) => {
      const [otherLabels, other = Number.NaN] = others[i] ?? [];
      const isClose =
        Object.is(value, other) || Math.abs(value - other) <= rounding * Math.abs(other);
      return labels === otherLabels && isClose;
    })
  );
}

function compareLines([a, x]: Line, [b, y]: Line): number {
  return a === b ? x - y : a < b ? -1 : 1;
}

import * as fc from "fast-check";
import { TepalError } from "../../src/kernel/errors.ts";
import { createEngine, parse, print, type QueryResult } from "../../src/promql/index.ts";
import { MAX_LABEL_CHARACTERS } from "../../src/promql/evaluate/budget.ts";
import { countCharacters } from "../../src/series/labels.ts";
import { createMemoryStore } from "../../src/series/store/memory-store.ts";
import { createSamples, SAMPLES } from "../promql/random-samples.ts";

/** Results of the queries of one run. */
interface GrowthCount {
  answered: number;
  /** Queries that would hold too much. */
  tooLarge: number;
  /** Queries that failed for another reason, for example two series with the same labels. */
  failed: number;
}

/** Just below the limit of the parser. */
const MAX_LENGTH = 60_000;
const MAX_SAMPLES = 100_000;
/** Time after which a query counts as hanging; its own limit is far below. */
const HANG_SECONDS = 10;

const store = createMemoryStore();
for (const { labels, times, values } of createSamples(1)) store.add(labels, times, values);
const engine = createEngine({ limits: { maxSamples: MAX_SAMPLES, timeoutSeconds: 2 } });

/** Parts of a query that repeat: names, strings and lists as long as a query allows. */
const length = fc.oneof(fc.nat(20), fc.constantFrom(500, 4_000));
const list = (count: number): string => Array.from({ length: count }, (_, i) => `n${i}`).join(",");

/** Operations whose result may be larger than their input and their text. Each gets an expression and a length. */
const OPERATIONS: readonly ((vector: string, n: number) => string)[] = [
  (v) => `label_join(${v}, "a", "", "a", "a")`,
  (v, n) => `label_join(${v}, "a", "${"-".repeat(n)}", ${Array(50).fill('"a"').join()})`,
  (v) => `label_replace(${v}, "a", "$1$1", "a", "(.*)")`,
  (v, n) => `label_replace(${v}, "a", "${"${1}".repeat(n)}", "job", "(.*)")`,
  (v, n) => `label_replace(${v}, "a", "${"x".repeat(n)}", "", "")`,
  (v, n) => `label_replace(${v}, "l${"x".repeat(n)}", "1", "", "")`,
  (v, n) => `label_replace(${v}, "b", "$1", "a", "((x?){${n % 900}}z?)*.*")`,
  (v) => `count_values("a", ${v})`,
  (v) => `count_values without () ("a", ${v} * 1e300)`,
  (v, n) => `${v} * on (job) group_left (a,b,${list(n)}) count by (job, a) (${v})`,
  (v, n) => `count(${v} + on (a,job,${list(n)}) ${v})`,
  (v, n) => `sum without (${list(n)}) (${v})`,
  (v, n) => `sum by (a,job,${list(n)}) (${v})`,
  (v) => `max_over_time(${v}[10m:1s])`,
  (v) => `count_over_time(${v}[30m:1m])`,
  (v) => `last_over_time(count_values("a", ${v})[20m:5s])`,
  (v) => `topk(1e18, ${v})`,
  (v) => `${v} or label_replace(${v}, "c", "1", "", "")`,
  (v) => `histogram_quantile(0.9, label_replace(${v}, "le", "$1", "a", "(.*)"))`,
  (v, n) => `absent(label_none{${list(n + 1).replaceAll(",", '="1",')}="1"}) or ${v}`,
];

const BASES = ["queue", "load", '{__name__=~".+"}', "vector(time())", "latency_bucket"];

/**
 * Evaluates queries made of operations whose output can grow faster than their text. Each returns a result within the limits, or an
 * error of Prometheus's kinds, in bounded time. A process that is out of memory fails too.
 */
export function fuzzPromqlGrowth(runs: number, seed: number): GrowthCount {
  const count: GrowthCount = { answered: 0, tooLarge: 0, failed: 0 };
  const step = fc.record({ operation: fc.nat(OPERATIONS.length - 1), n: length });
  // Numbers, because a query of a counterexample may have 60,000 characters.
  const recipe = fc.record({
    base: fc.constantFrom(...BASES),
    steps: fc.array(step, { minLength: 1, maxLength: 4 }),
    // The same operation many times doubles a label with each.
    times: fc.constantFrom(1, 1, 30),
  });
  fc.assert(
    fc.property(recipe, (one) => tryQuery(toQuery(one), count)),
    { numRuns: runs, seed },
  );
  return count;
}

interface Recipe {
  readonly base: string;
  /** Indices of operations, each with a length. */
  readonly steps: readonly { readonly operation: number; readonly n: number }[];
  readonly times: number;
}

function toQuery({ base, steps, times }: Recipe): string {
  let promql = base;
  for (let i = 0; i < times; i++) {
    for (const { operation, n } of steps) {
      const next = OPERATIONS[operation]!(`(${promql})`, n);
      if (next.length > MAX_LENGTH) return promql;
      promql = next;
    }
  }
  return promql;
}

function tryQuery(promql: string, count: GrowthCount): void {
  const begun = performance.now();
  const printed = print(parse(promql));
  if (printed.length > 10 * promql.length) throw new Error(`printed with ${printed.length}`);
  const { startMs } = SAMPLES;
  const range = { startMs: startMs + 600_000, endMs: startMs + 1_200_000, stepMs: 10_000 };
  for (const run of [
    () => engine.queryInstant(store, promql, startMs + 1_000_500),
    () => engine.queryRange(store, promql, range),
  ]) {
    try {
      checkResult(run());
      count.answered++;
    } catch (error) {
      if (!(error instanceof TepalError) || !error.code.startsWith("QUERY_")) throw error;
      if (/too many samples|more than 16,384 characters/.test(error.message)) count.tooLarge++;
      else count.failed++;
      if (error.message.length > 10 * MAX_LABEL_CHARACTERS)
        throw new Error("a long error", { cause: error });
    }
  }
  const seconds = (performance.now() - begun) / 1_000;
  if (seconds > HANG_SECONDS) throw new Error(`took ${seconds} s`);
}

function checkResult({ value, warnings, infos }: QueryResult): void {
  let samples = 0;
  const check = (labels: ReadonlyMap<string, string>, points: number): void => {
    const characters = countCharacters(labels);
    if (characters > MAX_LABEL_CHARACTERS) throw new Error(`labels of ${characters} characters`);
    samples += points + characters / 8;
  };
  if (value.type === "vector") for (const { labels } of value.samples) check(labels, 1);
  if (value.type === "matrix") for (const one of value.series) check(one.labels, one.times.length);
  if (samples > MAX_SAMPLES) throw new Error(`a result of ${samples} samples`);
  const notes = [...warnings, ...infos].join("").length;
  if (notes > 40_000) throw new Error(`warnings of ${notes} characters`);
}

import { toMessage } from "../../src/kernel/errors.ts";
import type { Engine, QueryResult } from "../../src/promql/promql.ts";
import { toLabelsKey } from "../../src/series/labels.ts";
import { createMemoryStore } from "../../src/series/store/memory-store.ts";
import type { Labels, SeriesReader } from "../../src/series/series.ts";
import type { EvaluationCase, SeriesLine } from "./case-file.ts";
import { readCaseFile } from "./case-file.ts";
import { compareResult } from "./compare-result.ts";
import { pinSelectors } from "./pin-selectors.ts";

/** Result of one `eval`, with all of its repetitions. */
export interface CaseOutcome {
  readonly line: number;
  readonly query: string;
  /** Number of evaluated queries. */
  readonly queries: number;
  /** Problem of the first failure. */
  readonly failure: string | undefined;
}

/** Runs a file of cases. */
export function runCases(engine: Engine, text: string): CaseOutcome[] {
  const outcomes: CaseOutcome[] = [];
  let loaded = new Loaded();
  for (const command of readCaseFile(text)) {
    switch (command.kind) {
      case "clear":
        loaded = new Loaded();
        break;
      case "load":
        for (const line of command.series) loaded.add(line, command.stepMs);
        break;
      case "eval":
        outcomes.push(runCase(engine, loaded.toReader(), command.evaluation));
    }
  }
  return outcomes;
}

/** Several loads of the same series are concatenated. */
class Loaded {
  readonly #series = new Map<string, { labels: Labels; samples: Map<number, number | "stale"> }>();

  add({ labels, values }: SeriesLine, stepMs: number): void {
    const key = toLabelsKey(labels);
    const { samples } = this.#series.get(key) ?? { samples: new Map<number, number | "stale">() };
    for (const [i, value] of values.entries()) if (value !== null) samples.set(i * stepMs, value);
    this.#series.set(key, { labels, samples });
  }

  toReader(): SeriesReader {
    const store = createMemoryStore();
    for (const { labels, samples } of this.#series.values()) {
      const sorted = [...samples].toSorted(([a], [b]) => a - b);
      const times = Float64Array.from(sorted, ([time]) => time);
      const values = Float64Array.from(sorted, ([, value]) => (value === "stale" ? 0 : value));
      const stale = Uint8Array.from(sorted, ([, value]) => (value === "stale" ? 1 : 0));
      store.add(labels, times, values, stale);
    }
    return store;
  }
}

function runCase(engine: Engine, reader: SeriesReader, one: EvaluationCase): CaseOutcome {
  const { line, query } = one;
  let queries = 0;
  for (const { name, ask } of toRuns(engine, reader, one)) {
    queries++;
    const failure = judge(one, ask);
    if (failure !== undefined) return { line, query, queries, failure: `${name}: ${failure}` };
  }
  return { line, query, queries, failure: undefined };
}

interface Run {
  readonly name: string;
  readonly ask: () => QueryResult;
}

/** The case itself, and variants of an instant query that must return the same. */
function toRuns(engine: Engine, reader: SeriesReader, one: EvaluationCase): Run[] {
  const { at, expected, query } = one;
  if (!("timeMs" in at)) {
    return [{ name: "range", ask: () => engine.queryRange(reader, query, at) }];
  }
  const { timeMs } = at;
  const runs: Run[] = [{ name: "instant", ask: () => engine.queryInstant(reader, query, timeMs) }];
  if (expected.fails) return runs;
  const pinned = pinSelectors(query, timeMs);
  if (pinned !== undefined) {
    const times =
      timeMs === 0
        ? [-1_000, 0, 1_000]
        : [-10 * timeMs, 0, Math.trunc(timeMs / 5), timeMs, 10 * timeMs];
    for (const time of times) {
      const name = `${pinned} at ${time} ms`;
      runs.push({ name, ask: () => engine.queryInstant(reader, pinned, time) });
    }
  }
  const isText = expected.string !== undefined || expected.window !== undefined;
  if (!isText && !expected.ordered) {
    runs.push({ name: "middle of a range", ask: () => askMiddle(engine, reader, query, timeMs) });
  }
  return runs;
}

const MINUTE_MS = 60_000;

function askMiddle(
  engine: Engine,
  reader: SeriesReader,
  query: string,
  timeMs: number,
): QueryResult {
  const result = engine.queryRange(reader, query, {
    startMs: timeMs - MINUTE_MS,
    endMs: timeMs + MINUTE_MS,
    stepMs: MINUTE_MS,
  });
  if (result.value.type !== "matrix") return result;
  const samples = result.value.series.flatMap(({ labels, times, values }) => {
    const at = times.indexOf(timeMs);
    return at < 0 ? [] : [{ labels, value: values[at]! }];
  });
  return { ...result, value: { type: "vector", timeMs, samples } };
}

function judge(one: EvaluationCase, ask: () => QueryResult): string | undefined {
  const { expected } = one;
  let result: QueryResult;
  try {
    result = ask();
  } catch (error) {
    const message = toMessage(error);
    if (!(error instanceof Error && error.name === "TepalError")) return `crashed: ${message}`;
    if (!expected.fails) return `failed: ${message}`;
    const missing = expected.errors.find((wanted) =>
      wanted.kind === "regex" ? !new RegExp(wanted.text).test(message) : wanted.text !== message,
    );
    return missing === undefined ? undefined : `failed with: ${message}`;
  }
  return expected.fails ? "did not fail" : compareResult(one, result);
}

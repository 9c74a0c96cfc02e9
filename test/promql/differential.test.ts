import { describe, expect, it } from "vitest";
import { createRandom } from "../../src/kernel/random.ts";
import { createEngine } from "../../src/promql/index.ts";
import { createMemoryStore } from "../../src/series/store/memory-store.ts";
import { createFolder } from "../support/folders.ts";
import { hasProgram } from "../support/programs.ts";
import { startBackfilledPrometheus } from "./backfilled-prometheus.ts";
import { findDifference, toAnswer } from "./compare-answers.ts";
import { findKnownDifference } from "./known-differences.ts";
import { createQueries } from "./random-query.ts";
import { createSamples, SAMPLES, VOCABULARY } from "./random-samples.ts";

/** `TEPAL_PROMQL_QUERIES=20000 TEPAL_PROMQL_SEED=7 npx vitest run test/promql/differential.test.ts` runs more and other queries. */
const QUERIES = Number(process.env["TEPAL_PROMQL_QUERIES"] ?? 600);
const SEED = Number(process.env["TEPAL_PROMQL_SEED"] ?? 1);

describe.runIf(hasProgram("prometheus") && hasProgram("promtool"))("our engine", () => {
  it(
    `evaluates ${QUERIES} random queries like a real Prometheus, instant and range`,
    { timeout: 600_000 },
    async () => {
      await using folder = await createFolder();
      const series = createSamples(SEED);
      await using real = await startBackfilledPrometheus(folder.path, series);
      const store = createMemoryStore();
      for (const { labels, times, values } of series) store.add(labels, times, values);
      const engine = createEngine();
      const random = createRandom(SEED, 1);
      const queries = createQueries(random, VOCABULARY);
      const differences: string[] = [];
      const tally = { same: 0, failed: 0, empty: 0, known: {} as Record<string, number> };
      for (let i = 0; i < QUERIES; i++) {
        const query = queries.next(1 + random.below(4));
        const from = SAMPLES.startMs + 500 + 1_000 * random.below(7_000);
        const range = {
          startMs: from,
          endMs: from + 1_000 * random.below(1_800),
          stepMs: 1_000 * (1 + random.below(90)),
        };
        const instant = i % 2 === 0;
        const [ours, theirs] = instant
          ? [
              toAnswer(() => engine.queryInstant(store, query, from)),
              await real.queryInstant(query, from),
            ]
          : [
              toAnswer(() => engine.queryRange(store, query, range)),
              await real.queryRange(query, range),
            ];
        const difference = findDifference(ours, theirs);
        if (difference === undefined) {
          if (ours.error !== undefined) tally.failed++;
          else if (ours.series.length === 0) tally.empty++;
          else tally.same++;
          continue;
        }
        const known = findKnownDifference(query, ours);
        if (known !== undefined) tally.known[known] = (tally.known[known] ?? 0) + 1;
        else
          differences.push(
            `${instant ? `at ${from}` : JSON.stringify(range)}: ${query}\n  ${difference}`,
          );
      }
      if (QUERIES > 600) process.stdout.write(`${JSON.stringify(tally)}\n`);
      expect(differences.slice(0, 20)).toEqual([]);
      // Queries that all failed or returned nothing would prove nothing.
      expect(tally.same).toBeGreaterThan(QUERIES * 0.4);
      expect(tally.failed).toBeLessThan(QUERIES / 4);
    },
  );
});

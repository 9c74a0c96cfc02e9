import { expect, it } from "vitest";
import {
  toDistance,
  toEffectiveRows,
  toLimit,
  toReferenceError,
  toReleaseLimit,
} from "../../src/default-rules/drift-limits.ts";
import { toDriftSelector } from "../../console/src/model/drift.ts";
import { OBJECTIVES } from "../../dashboards/objectives.ts";
import { renderRules } from "../../dashboards/rules.ts";
import { createGroups, engine, evaluate } from "./evaluate.ts";
import { createTestStore, loadSeries } from "./store.ts";

const STEP_MS = 15_000;
/** Six hours, and a window before the end that no sample is missing from. */
const END_MS = 7 * 3_600_000;

const FEATURES = {
  length: { rows: [9, 1, 0, 2], reference: [0.25, 0.25, 0.25, 0.25] },
  // A bin that no training row was in, one that no live row is in, and missing values.
  width: { rows: [3, 0, 5, 4], reference: [0.5, 0.4, 0, 0.1] },
};
const OUTPUT = { rows: [4, 8], reference: [0.5, 0.5], referenceRows: 140 };
const REFERENCE_ROWS = 150;
const MATCH_RATIO = 0.03;
const REFERENCE_MATCH_RATIO = 0.01;
const MODEL = 'job="tepal",model="iris",version="1"';

it("is recorded as computed in drift-limits.ts, for each window", () => {
  const store = createTestStore();
  const steps = END_MS / STEP_MS;
  const growing = (each: number): string => `0+${each}x${steps}`;
  const series: Record<string, string> = {
    [`model_reference_rows{${MODEL}}`]: `${REFERENCE_ROWS}x${steps}`,
    [`model_output_reference_rows{${MODEL},output="prediction"}`]: `${OUTPUT.referenceRows}x${steps}`,
    [`model_row_comparisons_total{${MODEL}}`]: growing(1_000),
    [`model_row_matches_total{${MODEL}}`]: growing(1_000 * MATCH_RATIO),
    [`model_reference_match_ratio{${MODEL}}`]: `${REFERENCE_MATCH_RATIO}x${steps}`,
  };
  const add = (
    level: string,
    label: string,
    rows: readonly number[],
    shares: readonly number[],
  ) => {
    for (const [bin, each] of rows.entries()) {
      const labels = `${MODEL},${label},bin="${bin}"`;
      series[`model_${level}_bin_total{${labels}}`] = growing(each);
      series[`model_${level}_reference_ratio{${labels}}`] = `${shares[bin]}x${steps}`;
    }
  };
  for (const [name, { rows, reference }] of Object.entries(FEATURES)) {
    add("feature", `feature="${name}"`, rows, reference);
  }
  add("output", 'output="prediction"', OUTPUT.rows, OUTPUT.reference);
  loadSeries(store, series, STEP_MS);
  const files = [...renderRules()].filter(([path]) => path.endsWith("/model.yml"));
  const groups = createGroups(files, store);
  evaluate(groups, END_MS, END_MS, STEP_MS);

  const recorded = (name: string, label: string): number => {
    const { value } = engine.queryInstant(store, `${name}{${label}}`, END_MS);
    if (value.type !== "vector") throw new Error(value.type);
    expect(value.samples).toHaveLength(1);
    return value.samples[0]?.value ?? Number.NaN;
  };
  // The page Model shows these series.
  const selector = toDriftSelector('model="iris",version="1"');
  const names = /"([^"]+)"/.exec(selector)![1]!.split("|");
  const { value } = engine.queryInstant(store, `count by (__name__) (${selector})`, END_MS);
  if (value.type !== "vector") throw new Error(value.type);
  expect(value.samples).toHaveLength(names.length);
  expect(recorded("model:drift_effective_rows:min", MODEL)).toBe(OBJECTIVES.driftEffectiveRows);
  const subjects = [
    ...Object.entries(FEATURES).map(([name, { rows, reference }]) => {
      return ["feature", `feature="${name}"`, rows, reference, REFERENCE_ROWS] as const;
    }),
    ["output", 'output="prediction"', OUTPUT.rows, OUTPUT.reference, OUTPUT.referenceRows] as const,
  ];
  for (const [level, label, rows, reference, referenceRows] of subjects) {
    const freedom = rows.length - 1;
    const tests = 3;
    const referenceError = toReferenceError(freedom, tests, referenceRows);
    const test = { freedom, tests, referenceError };
    expect(recorded(`model_${level}:reference_error:bound`, label)).toBeCloseTo(referenceError, 10);
    for (const [window, minutes] of [
      ["5m", 5],
      ["30m", 30],
      ["1h", 60],
      ["6h", 360],
    ] as const) {
      const at = (name: string): number =>
        recorded(`model_${level}:${name}:increase${window}`, label);
      const count = rows.reduce((sum, each) => sum + each, 0) * 4 * minutes;
      const effective = toEffectiveRows(count, MATCH_RATIO - REFERENCE_MATCH_RATIO, OBJECTIVES);
      expect(at("samples") / count).toBeCloseTo(1, 10);
      expect(at("distance")).toBeCloseTo(toDistance(rows, reference), 10);
      if (window !== "1h") {
        expect(at("distance_limit")).toBeCloseTo(toLimit(test, window, effective, OBJECTIVES), 10);
      }
      if (window === "5m" || window === "1h") {
        expect(at("distance_release")).toBeCloseTo(toReleaseLimit(test, effective, OBJECTIVES), 10);
      }
    }
  }
  expect(recorded("model:row_matches:excess5m", 'model="iris"')).toBeCloseTo(0.02, 10);
});

it("counts rows as they are if a server does not compare them, and finds no distance without rows", () => {
  const store = createTestStore();
  const bin = `{${MODEL},feature="length",bin="0"}`;
  loadSeries(
    store,
    {
      [`model_feature_bin_total${bin}`]: "5x100",
      [`model_feature_reference_ratio${bin}`]: "1x100",
    },
    STEP_MS,
  );
  const files = [...renderRules()].filter(([path]) => path.endsWith("/model.yml"));
  evaluate(createGroups(files, store), 1_500_000, 1_500_000, STEP_MS);
  const query = (promql: string) => {
    const { value } = engine.queryInstant(store, promql, 1_500_000);
    return value.type === "vector" ? value.samples.map((sample) => sample.value) : [];
  };
  expect(query("model:row_matches:excess5m")).toEqual([0]);
  expect(query("model_feature:samples:increase5m")).toEqual([0]);
  expect(query("model_feature:distance:increase5m")).toEqual([]);
});

it.each([
  ["a share", "model_feature_reference_ratio"],
  ["a counter", "model_feature_bin_total"],
])("evaluates no feature of which %s is not stored", (_, dropped) => {
  const store = createTestStore();
  const series = Object.fromEntries(
    ["1", "2"].flatMap((bin) => {
      const labels = `{${MODEL},feature="length",bin="${bin}"}`;
      return [
        [`model_feature_bin_total${labels}`, "0+5x100"],
        [`model_feature_reference_ratio${labels}`, "0.5x100"],
      ];
    }),
  );
  const complete = createTestStore();
  loadSeries(complete, series, STEP_MS);
  delete series[`${dropped}{${MODEL},feature="length",bin="2"}`];
  loadSeries(store, series, STEP_MS);
  const files = [...renderRules()].filter(([path]) => path.endsWith("/model.yml"));
  const count = (from: typeof store): number => {
    evaluate(createGroups(files, from), 1_500_000, 1_500_000, STEP_MS);
    const { value } = engine.queryInstant(from, "model:drift_tests:count", 1_500_000);
    return value.type === "vector" ? value.samples.length : Number.NaN;
  };
  expect(count(complete)).toBe(1);
  expect(count(store)).toBe(0);
});

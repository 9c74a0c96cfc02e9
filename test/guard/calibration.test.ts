import { describe, expect, test } from "vitest";
import { createRandom } from "../../src/kernel/random.ts";
import {
  createFittedGuard,
  createIndependentSource,
  createNormalSource,
  readIris,
  toFolds,
  toPValues,
  toSubset,
  type Data,
} from "./data.ts";

const ALPHAS = [0.05, 0.01];

/** Returns the mean share of fresh rows with p ≤ α over many training sets, for each α. */
function toFalseAlarmRates(pValues: readonly Float64Array[]): number[] {
  return ALPHAS.map((alpha) => {
    const rates = pValues.map((set) => set.filter((p) => p <= alpha).length / set.length);
    return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  });
}

/** Formats the rates for the reporter "verbose". */
function toNote(rates: readonly number[]): string {
  return rates.map((rate, index) => `α ${ALPHAS[index]}: ${rate.toFixed(4)}`).join(", ");
}

describe("the rate of false alarms on rows like the training data", () => {
  const FRESH = 400;

  // The rate of one calibration set of n rows is Beta-distributed with variance about α(1 − α)/n
  // (Bates et al., 2023), and FRESH rows add α(1 − α)/FRESH; the mean over `sets` sets must lie within four standard
  // errors. Leave-one-out scores are only approximately exchangeable with fresh ones: that may move the mean by another
  // BIAS·α.
  const BIAS = 0.2;

  test.for([
    { rows: 150, width: 4, classes: 3, sets: 100, method: "knn" },
    { rows: 178, width: 13, classes: 3, sets: 60, method: "knn" },
    { rows: 100, width: 30, classes: 2, sets: 60, method: "knn" },
    { rows: 150, width: 4, classes: 3, sets: 100, method: "mahalanobis" },
    { rows: 100, width: 30, classes: 2, sets: 60, method: "mahalanobis" },
    { rows: 2_600, width: 20, classes: 2, sets: 20, method: undefined },
  ] as const)(
    "is α: $rows rows of $width features, method $method",
    async ({ rows, width, classes, sets, method }, { annotate }) => {
      const random = createRandom(20, rows * width);
      const pValues = Array.from({ length: sets }, () => {
        const draw = createNormalSource(width, classes, random);
        const guard = createFittedGuard(draw(rows), method === undefined ? {} : { method });
        return toPValues(guard, draw(FRESH));
      });
      const rates = toFalseAlarmRates(pValues);
      await annotate(toNote(rates));
      for (const [index, alpha] of ALPHAS.entries()) {
        // With n scores p takes only the values k/(n + 1), so the expected rate is the largest of them up to α.
        const expected = Math.floor(alpha * (rows + 1)) / (rows + 1);
        const error = Math.sqrt(((alpha * (1 - alpha)) / sets) * (1 / rows + 1 / FRESH));
        expect(Math.abs((rates[index] ?? 1) - expected)).toBeLessThan(4 * error + BIAS * alpha);
      }
    },
  );

  // Each training row is scored by a guard of n − 1 rows, a new row by one of n. That errs towards fewer alarms, more so
  // with fewer rows: measured were .9, .9, .75 and .35 to .45 of the expected rate. So the upper bound is the expected rate
  // and four standard errors; the lower bound, `least` of the expected rate, fails a guard that flags almost nothing.
  test.for([
    { rows: 40, width: 10, sets: 60, least: 0.6 },
    { rows: 40, width: 60, sets: 40, least: 0.6 },
    { rows: 30, width: 100, sets: 40, least: 0.4 },
    { rows: 20, width: 400, sets: 20, least: 0.15 },
  ] as const)(
    "is at most α with many features: $rows rows of $width features",
    async ({ rows, width, sets, least }, { annotate }) => {
      const alpha = 0.1;
      const fresh = 100;
      const random = createRandom(23, rows * width);
      const rates = { knn: 0, mahalanobis: 0 };
      for (let set = 0; set < sets; set++) {
        const draw = createIndependentSource(width, random);
        const training = draw(rows);
        const freshRows = draw(fresh);
        for (const method of ["knn", "mahalanobis"] as const) {
          const pValues = toPValues(createFittedGuard(training, { method }), freshRows);
          rates[method] += pValues.filter((p) => p <= alpha).length / fresh / sets;
        }
      }
      await annotate(`knn: ${rates.knn.toFixed(4)}, mahalanobis: ${rates.mahalanobis.toFixed(4)}`);
      const expected = Math.floor(alpha * (rows + 1)) / (rows + 1);
      const error = Math.sqrt(((alpha * (1 - alpha)) / sets) * (1 / rows + 1 / fresh));
      for (const rate of Object.values(rates)) {
        expect(rate).toBeLessThan(expected + 4 * error);
        expect(rate).toBeGreaterThan(least * expected);
      }
    },
  );

  test("is α for regression, without labels", async ({ annotate }) => {
    const random = createRandom(21);
    const pValues = Array.from({ length: 60 }, () => {
      const draw = createNormalSource(6, 1, random);
      const guard = createFittedGuard({ ...draw(200), labels: null, classCount: 0 });
      return toPValues(guard, draw(FRESH));
    });
    const rates = toFalseAlarmRates(pValues);
    await annotate(toNote(rates));
    const error = Math.sqrt(((0.05 * 0.95) / 60) * (1 / 200 + 1 / FRESH));
    expect(Math.abs((rates[0] ?? 1) - 10 / 201)).toBeLessThan(4 * error + BIAS * 0.05);
  });

  test("is α on Iris, fitted to four folds and evaluated on the fifth", async ({ annotate }) => {
    const iris = readIris();
    const pValues = Array.from({ length: 20 }, (_, seed): Float64Array => {
      const folds = toFolds(iris.count, 5, createRandom(seed));
      return Float64Array.from(
        folds.flatMap(({ training, test: fresh }) => {
          const guard = createFittedGuard(toSubset(iris, training));
          return Array.from(toPValues(guard, toSubset(iris, fresh)));
        }),
      );
    });
    const rates = toFalseAlarmRates(pValues);
    await annotate(toNote(rates));
    // 120 scores: the expected rates are 6/121 and 1/121. All seeds share the 150 flowers, whose own binomial error
    // √(α(1 − α)/150) = .018 and .008 does not shrink with more seeds, so the bound is 1.5 of them.
    expect(Math.abs((rates[0] ?? 1) - 6 / 121)).toBeLessThan(0.027);
    expect(Math.abs((rates[1] ?? 1) - 1 / 121)).toBeLessThan(0.012);
  });
});

test("two samples of one source have the PSI that χ² predicts", () => {
  // PSI of N reference and M fresh rows over B bins has the mean (B − 1)·(1/N + 1/M) when nothing has drifted
  // (Yurdakul, 2018). Shares of 10 bins of 500 rows: .09·(1/500 + 1/1000)·100 = .027.
  const random = createRandom(22);
  const draw = (count: number): Data => createNormalSource(1, 1, random)(count);
  const values = Array.from({ length: 200 }, () => {
    const all = draw(1_500);
    const rows = [...all.values.keys()];
    const guard = createFittedGuard(toSubset(all, rows.slice(0, 500)));
    const bins = guard.parameters.bins[0];
    if (bins === undefined) throw new Error("A feature has bins.");
    const counts = new Float64Array(bins.ratios.length);
    for (const row of rows.slice(500)) counts[guard.binOf(0, all.values[row] ?? 0)]! += 1;
    return bins.ratios.reduce((psi, expected, bin) => {
      const found = Math.max(1e-4, (counts[bin] ?? 0) / 1_000);
      return psi + (found - expected) * Math.log(found / expected);
    }, 0);
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  // Its standard deviation is √(2·9)·.003 = .013, that of the mean of 200 is .0009; the bound is 4 of them, and 5 % for
  // the approximation. The edges are quantiles of the reference itself, which makes its shares exact.
  expect(Math.abs(mean - 0.027)).toBeLessThan(0.0036 + 0.0014);
});

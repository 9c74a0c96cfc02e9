/**
 * Simulates the drift rule of src/default-rules/drift.ts in steps of 30 seconds, with its limits and the server's bins. Rows arrive at
 * random (Poisson). Each run draws its own training rows: edges are their deciles, so the reference is off by chance, too.
 */
import {
  WINDOWS,
  toDistance,
  toEffectiveRows,
  toLimit,
  toReferenceError,
  toReleaseLimit,
  type LimitWindow,
  type Window,
} from "../../src/default-rules/drift-limits.ts";
import { parseAlertSettings } from "../../src/default-rules/settings.ts";
import type { Random } from "../../src/kernel/random.ts";

const STEP_SECONDS = 30;
const SETTINGS = parseAlertSettings("", "{}");
const QUIET_ROWS = 600;
/** `for: 1m` and `keep_firing_for: 2m`, in steps. */
const FOR_STEPS = 2;
const KEEP_STEPS = 4;
const WINDOW_NAMES = Object.keys(WINDOWS) as Window[];

/** Counts of one distribution in each step, and what it is compared with. */
export interface Stream {
  /** Steps × bins. */
  readonly counts: Float64Array;
  readonly reference: readonly number[];
  readonly referenceRows: number;
  /** Distributions of the model. */
  readonly tests: number;
  /** Share of equal pairs beyond that of training. */
  readonly matchRatio?: number;
}

/** Returns 1 for each step in which the alert fires. */
export function evaluateRule(stream: Stream): Uint8Array {
  const { counts, reference, referenceRows, tests, matchRatio = 0 } = stream;
  const bins = reference.length;
  const steps = counts.length / bins;
  const freedom = bins - 1;
  const referenceError = toReferenceError(freedom, tests, referenceRows);
  const sums = WINDOW_NAMES.map(() => new Float64Array(bins));
  const rowsOf1h = new Float64Array(steps);
  const fires = new Uint8Array(steps);
  let held = 0;
  let kept = 0;
  let busyUntil = -1;
  for (let step = 0; step < steps; step++) {
    const states = {} as Record<Window, { rows: number; effective: number; sum: Float64Array }>;
    for (const [w, name] of WINDOW_NAMES.entries()) {
      const sum = sums[w]!;
      const length = WINDOWS[name] / STEP_SECONDS;
      let rows = 0;
      for (let b = 0; b < bins; b++) {
        sum[b]! += counts[step * bins + b]!;
        if (step >= length) sum[b]! -= counts[(step - length) * bins + b]!;
        rows += sum[b]!;
      }
      states[name] = { rows, effective: toEffectiveRows(rows, matchRatio, SETTINGS), sum };
    }
    const isOver = (name: LimitWindow): boolean => {
      const { effective, sum } = states[name];
      if (effective < SETTINGS.driftEffectiveRows) return false;
      const distance = toDistance(sum, reference);
      // Most steps are far below every limit.
      if (distance <= SETTINGS.driftDistance) return false;
      return distance > toLimit({ freedom, referenceError, tests }, name, effective, SETTINGS);
    };
    const continues = (name: Window): boolean => {
      const { rows, effective, sum } = states[name];
      if (rows === 0) return false;
      return (
        toDistance(sum, reference) >
        toReleaseLimit({ freedom, referenceError }, effective, SETTINGS)
      );
    };
    rowsOf1h[step] = states["1h"].rows;
    // Busy for the 65 minutes after an hour of 600 rows or more.
    if (rowsOf1h[step]! >= QUIET_ROWS) busyUntil = step + (65 * 60) / STEP_SECONDS;
    const isQuiet = step > busyUntil && states["30m"].rows >= states["1h"].rows / 4;
    const holds =
      isOver("5m") ||
      (isOver("30m") && continues("5m")) ||
      (isQuiet && isOver("6h") && continues("1h"));
    held = holds ? held + 1 : 0;
    if (held > FOR_STEPS) kept = KEEP_STEPS + 1;
    else if (kept > 0) kept -= 1;
    fires[step] = kept > 0 ? 1 : 0;
  }
  return fires;
}

/** Standard normal features of a model, of which training drew some rows. */
export interface Feature {
  /** Deciles of the training rows, as quantiles of the standard normal distribution. */
  readonly edges: readonly number[];
}

const BINS = 10;
export const DECILES: readonly number[] = Array.from({ length: BINS }, () => 1 / BINS);

export function drawFeature(rows: number, random: Random): Feature {
  const values = Float64Array.from({ length: rows }, random.normal).toSorted();
  const edges = Array.from(
    { length: BINS - 1 },
    (_, b) => values[Math.ceil(((b + 1) * rows) / BINS) - 1]!,
  );
  return { edges };
}

export type Change = "quiet" | "unit" | "dead" | "swap" | "+1" | "+0.5";

/** Returns the true shares of the bins under a change. */
export function toShares({ edges }: Feature, change: Change): number[] {
  if (change === "unit") return DECILES.map((_, b) => (b === BINS - 1 ? 1 : 0));
  if (change === "dead") return DECILES.map((_, b) => (b === 4 ? 1 : 0));
  // Sepal width read as sepal length: 3.5 standard deviations lower, and narrower.
  const [shift, scale] =
    change === "swap" ? [-3.5, 0.55] : [change === "quiet" ? 0 : Number(change), 1];
  const below = [...edges.map((edge) => toNormalCdf((edge - shift) / scale)), 1];
  return below.map((share, b) => share - (below[b - 1] ?? 0));
}

/** Abramowitz and Stegun 26.2.17: an error below 1e-7. */
function toNormalCdf(z: number): number {
  if (z < 0) return 1 - toNormalCdf(-z);
  const t = 1 / (1 + 0.231_641_9 * z);
  const powers = [0.319_381_53, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
  const sum = powers.reduceRight((all, c) => (all + c) * t, 0);
  return 1 - Math.exp((-z * z) / 2) * 0.398_942_280_4 * sum;
}

/** Draws the counts of steps: `rate` rows a second, at random in time and over the bins. */
export function drawCounts(
  phases: readonly { readonly shares: readonly number[]; readonly seconds: number }[],
  rate: number,
  random: Random,
): Float64Array {
  const bins = phases[0]!.shares.length;
  const lengths = phases.map(({ seconds }) => Math.round(seconds / STEP_SECONDS));
  const counts = new Float64Array(bins * lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const [i, { shares }] of phases.entries()) {
    const draws = shares.map((share) => createPoisson(share * rate * STEP_SECONDS, random));
    for (let step = 0; step < lengths[i]!; step++) for (const draw of draws) counts[at++] = draw();
  }
  return counts;
}

/** Inverts the distribution function by a table. */
function createPoisson(mean: number, random: Random): () => number {
  const table: number[] = [];
  let log = -mean;
  let below = 0;
  for (let k = 0; below < 1 - 1e-12 && k < 10 * mean + 100; k++) {
    if (k > 0) log += Math.log(mean / k);
    below += Math.exp(log);
    table.push(below);
  }
  if (mean === 0) return () => 0;
  const start = Math.max(0, Math.floor(mean));
  return () => {
    const u = random.uniform();
    let k = Math.min(start, table.length - 1);
    while (k > 0 && table[k - 1]! > u) k -= 1;
    while (k < table.length - 1 && table[k]! <= u) k += 1;
    return k;
  };
}

export interface Times {
  /** Minutes from the change to the alert; Infinity without one. */
  readonly toAlert: readonly number[];
  /** Minutes from the first ordinary row to the end of the alert. */
  readonly toClear: readonly number[];
}

const toMinutes = (steps: number): number => (steps * STEP_SECONDS) / 60;

/** Measures 40 ordinary minutes, an hour of a change, and an ordinary hour. */
export function measureTimes(
  runs: number,
  { rate, tests }: { readonly rate: number; readonly tests: number },
  draw: () => Pick<Stream, "reference" | "referenceRows"> & {
    readonly before: readonly number[];
    readonly after: readonly number[];
  },
  random: Random,
): Times {
  const toAlert: number[] = [];
  const toClear: number[] = [];
  for (let run = 0; run < runs; run++) {
    const { before, after, reference, referenceRows } = draw();
    const phases = [
      { shares: before, seconds: 2_400 },
      { shares: after, seconds: 3_600 },
      { shares: before, seconds: 3_600 },
    ];
    const counts = drawCounts(phases, rate, random);
    const fires = evaluateRule({ counts, reference, referenceRows, tests });
    const from = 2_400 / STEP_SECONDS;
    const to = 6_000 / STEP_SECONDS;
    const first = fires.indexOf(1, from);
    toAlert.push(first < 0 || first >= to ? Number.POSITIVE_INFINITY : toMinutes(first - from + 1));
    const last = fires.lastIndexOf(1);
    toClear.push(last < to ? 0 : toMinutes(last - to + 1));
  }
  return { toAlert, toClear };
}

/** Measures a change of features of a model that was trained on a number of rows. */
export function measureFeature(
  change: Change,
  runs: number,
  options: { readonly rows: number; readonly rate: number; readonly tests: number },
  random: Random,
): Times {
  const draw = () => {
    const feature = drawFeature(options.rows, random);
    return {
      before: toShares(feature, "quiet"),
      after: toShares(feature, change),
      reference: DECILES,
      referenceRows: options.rows,
    };
  };
  return measureTimes(runs, options, draw, random);
}

/** Measures a change of the shares of predicted classes, from thirds. */
export function measureClasses(
  after: readonly number[],
  runs: number,
  options: { readonly rows: number; readonly rate: number; readonly tests: number },
  random: Random,
): Times {
  const before = after.map(() => 1 / after.length);
  const draw = () => {
    const counts = before.map(() => 0);
    for (let row = 0; row < options.rows; row++) counts[random.below(before.length)]! += 1;
    const reference = counts.map((count) => count / options.rows);
    return { before, after, reference, referenceRows: options.rows };
  };
  return measureTimes(runs, options, draw, random);
}

/** Counts the alerts of quiet weeks: independent rows of one model a week. */
export function countFalseAlarms(
  weeks: number,
  options: { readonly rows: number; readonly rate: number; readonly features: number },
  random: Random,
): number {
  let alarms = 0;
  for (let week = 0; week < weeks; week++) {
    for (let f = 0; f < options.features; f++) {
      const shares = toShares(drawFeature(options.rows, random), "quiet");
      const counts = drawCounts([{ shares, seconds: 7 * 86_400 }], options.rate, random);
      const fires = evaluateRule({
        counts,
        reference: DECILES,
        referenceRows: options.rows,
        tests: options.features,
      });
      for (let step = 1; step < fires.length; step++) {
        if (fires[step]! > fires[step - 1]!) alarms += 1;
      }
    }
  }
  return alarms;
}

export function toQuantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1]!;
}

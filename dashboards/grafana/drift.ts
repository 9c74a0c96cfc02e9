import { METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import { increase, ofModel, sum } from "./queries.ts";

const FEATURE = ["model", "version", "feature"] as const;
const BIN = [...FEATURE, "bin"] as const;
/** Replaces an empty bin's share of 0, whose logarithm is −∞. */
const MIN_SHARE = "1e-4";

/** Number of binned rows in a window, by feature. */
export function driftRows(window: string): string {
  return sum(increase(ofModel(METRICS.featureBin.name), window), FEATURE);
}

/** Share of the rows of a window by bin; empty for features with fewer than `atLeast` rows. */
export function liveRatios(window: string, atLeast: number = OBJECTIVES.driftRows): string {
  const bins = sum(increase(ofModel(METRICS.featureBin.name), window), BIN);
  return `${bins} / on (${FEATURE.join(", ")}) group_left () (${driftRows(window)} >= ${atLeast})`;
}

/** Share of the training rows by bin. All replicas expose the same values. */
export function referenceRatios(): string {
  return `max by (${BIN.join(", ")}) (${ofModel(METRICS.featureReferenceRatio.name)})`;
}

/** Population stability index by feature: the sum of (live − reference) · ln(live / reference) over its bins. */
export function psi(window: string): string {
  const live = `clamp_min(${liveRatios(window)}, ${MIN_SHARE})`;
  const reference = `clamp_min(${referenceRatios()}, ${MIN_SHARE})`;
  return sum(`(${live} - ${reference}) * ln(${live} / ${reference})`, FEATURE);
}

const OUTPUT = ["model", "version", "output"] as const;

/** Distance of shares from reference shares, from 0 to 4; the drift alerts use it (docs/alerting.md). */
function distance(counter: string, reference: string, of: readonly string[]): string {
  const rows = sum(counter, of);
  const keys = of.join(", ");
  return `4 - 8 * sum by (${keys}) (1 / ((${rows} > 0) / on (${keys}) group_right () ${sum(counter, [...of, "bin"])} + 1 / max by (${keys}, bin) (${reference})))`;
}

/** Distance of predictions, confidence and p-values from training. */
export function outputDistance(window: string): string {
  const counter = increase(ofModel(METRICS.outputBin.name), window);
  return distance(counter, ofModel(METRICS.outputReferenceRatio.name), OUTPUT);
}

/**
 * The design effect of each model: the mean over features of their distance, divided by the distance that independent rows have by chance,
 * k (1/N + 1/M) for k = bins − 1, N rows and M training rows.
 */
export function designEffect(window: string): string {
  const counter = increase(ofModel(METRICS.featureBin.name), window);
  const reference = ofModel(METRICS.featureReferenceRatio.name);
  const freedom = `(count by (${FEATURE.join(", ")}) (max by (${BIN.join(", ")}) (${reference})) - 1 > 0)`;
  const training = `max by (model, version) (${ofModel(METRICS.referenceRows.name)})`;
  const chance = `${freedom} * (1 / ${driftRows(window)} + on (model, version) group_left () 1 / ${training})`;
  return `avg by (model, version) ((${distance(counter, reference, FEATURE)}) / (${chance}))`;
}

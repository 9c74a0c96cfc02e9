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

import { METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import { increase, ofModel, sum } from "./queries.ts";

const FEATURE = ["model", "version", "feature"] as const;
const BIN = [...FEATURE, "bin"] as const;
/** Stands for an empty bin, whose logarithm would be −∞. */
const SMALLEST_SHARE = "1e-4";

/** Rows by feature that were counted into bins in a window. */
export function driftRows(window: string): string {
  return sum(increase(ofModel(METRICS.featureBin.name), window), FEATURE);
}

/** Share of the rows of a window by bin; none where there are too few to say anything. */
export function liveRatios(window: string, atLeast: number = OBJECTIVES.driftRows): string {
  const bins = sum(increase(ofModel(METRICS.featureBin.name), window), BIN);
  return `${bins} / on (${FEATURE.join(", ")}) group_left () (${driftRows(window)} >= ${atLeast})`;
}

/** Share of the training rows by bin. Replicas say the same. */
export function referenceRatios(): string {
  return `max by (${BIN.join(", ")}) (${ofModel(METRICS.featureReferenceRatio.name)})`;
}

/** Population stability index by feature: Σ (live − reference) · ln(live / reference) over its bins. */
export function psi(window: string): string {
  const live = `clamp_min(${liveRatios(window)}, ${SMALLEST_SHARE})`;
  const reference = `clamp_min(${referenceRatios()}, ${SMALLEST_SHARE})`;
  return sum(`(${live} - ${reference}) * ln(${live} / ${reference})`, FEATURE);
}

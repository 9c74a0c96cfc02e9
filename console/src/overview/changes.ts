import { formatNumber, formatShare } from "../lib/format.ts";

/** An hour of traffic. Shares are from 0 to 1; undefined without requests or rows. */
export interface Hour {
  /** Seconds of the hour in which the server was measured. */
  readonly coveredSeconds: number;
  /** Per second of the hour. */
  readonly requestRate: number;
  readonly errorShare: number | undefined;
  readonly p95Seconds: number | undefined;
  /** Checked rows per second of the hour. */
  readonly rowRate: number;
  readonly outlierShare: number | undefined;
  /** Predicted rows per second of the hour, by class. */
  readonly classRates: ReadonlyMap<string, number>;
  readonly memoryBytes: number | undefined;
}

/** A significant difference between two hours, as a sentence. */
export interface Change {
  readonly text: string;
  readonly tone: "bad" | "good" | "plain";
  /** The number of the Overview that it is about. */
  readonly about: "requests" | "errors" | "p95" | "outliers" | "predictions" | "memory";
}

const HOUR_SECONDS = 3_600;
/** Less of an hour is too little to compare. */
const LEAST_COVERED = HOUR_SECONDS / 2;
/** Standard errors: by chance, a comparison exceeds them once in 370. */
const SIGNIFICANT = 3;
const LEAST_RATIO = 1.2;
const LEAST_LATENCY_RATIO = 1.25;
const LEAST_LATENCY_SECONDS = 0.001;
/** Requests from which a 95th percentile is stable enough to be compared. */
const LEAST_REQUESTS = 200;
const LEAST_CLASS_POINTS = 0.05;
const LISTED_CLASSES = 2;

/** Returns true if both hours were measured long enough to be compared. */
export function isComparable(hour: Hour, before: Hour): boolean {
  return Math.min(hour.coveredSeconds, before.coveredSeconds) >= LEAST_COVERED;
}

/** Returns what differs significantly between an hour and the one before, most urgent first. */
export function findChanges(hour: Hour, before: Hour): readonly Change[] {
  if (!isComparable(hour, before)) return [];
  return [
    ...compareShares("errors", "Errors", "of requests", "requestRate", "errorShare", hour, before),
    ...compareLatency(hour, before),
    ...compareShares("outliers", "Outliers", "of rows", "rowRate", "outlierShare", hour, before),
    ...compareRequests(hour, before),
    ...compareClasses(hour, before),
    ...compareMemory(hour, before),
  ];
}

/** Events per hour of full coverage would be `rate · HOUR_SECONDS`; gaps hold none. */
const toCount = (rate: number): number => rate * HOUR_SECONDS;

function compareRequests(hour: Hour, before: Hour): readonly Change[] {
  const [now, then] = [hour, before].map(
    ({ requestRate, coveredSeconds }) => toCount(requestRate) / coveredSeconds,
  ) as [number, number];
  const error = Math.sqrt(now / hour.coveredSeconds + then / before.coveredSeconds);
  if (error === 0 || Math.abs(now - then) < SIGNIFICANT * error) return [];
  const ratio = Math.max(now, then) / Math.min(now, then);
  if (ratio < LEAST_RATIO) return [];
  const verb = now > then ? "rose" : "fell";
  const text = `Requests ${verb} from ${formatNumber(then)} to ${formatNumber(now)} per second.`;
  return [{ text, tone: "plain", about: "requests" }];
}

function compareShares(
  about: "errors" | "outliers",
  name: string,
  whole: string,
  rate: "requestRate" | "rowRate",
  share: "errorShare" | "outlierShare",
  hour: Hour,
  before: Hour,
): readonly Change[] {
  const [now, then] = [hour[share], before[share]];
  if (now === undefined || then === undefined) return [];
  const isSignificant = differ(now, toCount(hour[rate]), then, toCount(before[rate]));
  if (!isSignificant) return [];
  const isWorse = now > then;
  const text = `${name} ${isWorse ? "rose" : "fell"} from ${formatShare(then)} to ${formatShare(now)} ${whole}.`;
  return [{ text, tone: isWorse ? "bad" : "good", about }];
}

/** Compares two shares by their standard error (two proportions, pooled). */
function differ(now: number, countNow: number, then: number, countThen: number): boolean {
  const pooled = (now * countNow + then * countThen) / (countNow + countThen);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / countNow + 1 / countThen));
  return error > 0 && Math.abs(now - then) >= SIGNIFICANT * error;
}

function compareLatency(hour: Hour, before: Hour): readonly Change[] {
  const [now, then] = [hour.p95Seconds, before.p95Seconds];
  if (now === undefined || then === undefined) return [];
  if (Math.min(toCount(hour.requestRate), toCount(before.requestRate)) < LEAST_REQUESTS) return [];
  const ratio = Math.max(now, then) / Math.min(now, then);
  if (!(ratio >= LEAST_LATENCY_RATIO) || Math.abs(now - then) < LEAST_LATENCY_SECONDS) return [];
  const isWorse = now > then;
  const text = `The p95 latency ${isWorse ? "rose" : "fell"} from ${formatNumber(then * 1_000)} to ${formatNumber(now * 1_000)} ms.`;
  return [{ text, tone: isWorse ? "bad" : "good", about: "p95" }];
}

function compareClasses(hour: Hour, before: Hour): readonly Change[] {
  const [all, allBefore] = [hour, before].map(({ classRates }) =>
    [...classRates.values()].reduce((total, rate) => total + rate, 0),
  ) as [number, number];
  if (all === 0 || allBefore === 0) return [];
  return [...new Set([...hour.classRates.keys(), ...before.classRates.keys()])]
    .map((name) => ({
      name,
      now: (hour.classRates.get(name) ?? 0) / all,
      earlier: (before.classRates.get(name) ?? 0) / allBefore,
    }))
    .filter(
      ({ now, earlier }) =>
        Math.abs(now - earlier) >= LEAST_CLASS_POINTS &&
        differ(now, toCount(all), earlier, toCount(allBefore)),
    )
    .toSorted((a, b) => Math.abs(b.now - b.earlier) - Math.abs(a.now - a.earlier))
    .slice(0, LISTED_CLASSES)
    .map(({ name, now, earlier }) => ({
      text: `Predictions of ${name}: ${formatShare(now)} of rows, ${formatShare(earlier)} before.`,
      tone: "plain",
      about: "predictions",
    }));
}

function compareMemory(hour: Hour, before: Hour): readonly Change[] {
  const [now, then] = [hour.memoryBytes, before.memoryBytes];
  if (now === undefined || then === undefined || now < then * LEAST_RATIO) return [];
  const [to, from] = [now, then].map((bytes) => formatNumber(bytes / 1_048_576));
  return [{ text: `Memory rose from ${from} to ${to} MiB.`, tone: "bad", about: "memory" }];
}

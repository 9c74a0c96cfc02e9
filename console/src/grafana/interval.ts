import type { TimeRange } from "./time-range.ts";

/** Upper bounds (exclusive) and the rounded interval, both in milliseconds. */
const ROUNDING: readonly (readonly [below: number, rounded: number])[] = [
  [10, 1],
  [15, 10],
  [35, 20],
  [75, 50],
  [150, 100],
  [350, 200],
  [750, 500],
  [1_500, 1_000],
  [3_500, 2_000],
  [7_500, 5_000],
  [12_500, 10_000],
  [17_500, 15_000],
  [25_000, 20_000],
  [45_000, 30_000],
  [90_000, 60_000],
  [210_000, 120_000],
  [450_000, 300_000],
  [750_000, 600_000],
  [1_050_000, 900_000],
  [1_500_000, 1_200_000],
  [2_700_000, 1_800_000],
  [5_400_000, 3_600_000],
  [9_000_000, 7_200_000],
  [16_200_000, 10_800_000],
  [32_400_000, 21_600_000],
  [86_400_000, 43_200_000],
  [604_800_000, 86_400_000],
  [1_814_400_000, 604_800_000],
  [3_628_800_000, 2_592_000_000],
];
const YEAR_MS = 31_536_000_000;
/** Prometheus returns at most this number of points for a series. */
const MAX_POINTS = 11_000;
/** Time between samples if neither target nor data source states it. */
const SCRAPE_MS = 15_000;

export function roundInterval(milliseconds: number): number {
  return ROUNDING.find(([below]) => milliseconds < below)?.[1] ?? YEAR_MS;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
  y: YEAR_MS,
};

/** Parses `30s`, `1m`, `1h30m`; a number alone is seconds. `>30s` is the same as `30s`. Returns undefined for anything else. */
export function parseInterval(text: string): number | undefined {
  const given = text.trim().replace(/^>\s*/, "");
  if (/^\d+(?:\.\d+)?$/.test(given)) return Number(given) * 1_000;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdwMy]))+$/.test(given)) return undefined;
  let total = 0;
  for (const [, count, unit = ""] of given.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwMy])/g)) {
    total += Number(count) * UNITS_MS[unit]!;
  }
  return total;
}

/** Formats an interval in its largest unit, without a rest: 90 s are `1m`. */
export function formatInterval(milliseconds: number): string {
  for (const unit of ["y", "d", "h", "m", "s"]) {
    const size = UNITS_MS[unit]!;
    if (milliseconds >= size) return `${Math.floor(milliseconds / size)}${unit}`;
  }
  return `${Math.max(1, Math.floor(milliseconds))}ms`;
}

export interface StepInput {
  readonly range: TimeRange;
  readonly maxDataPoints: number;
  /** Minimum interval of the panel. */
  readonly panelInterval?: number | undefined;
  /** Time between two scrapes, of the data source. */
  readonly timeInterval?: number | undefined;
  /** "Min step" of the target. */
  readonly minStep?: number | undefined;
  readonly intervalFactor?: number | undefined;
}

export interface Step {
  readonly stepMs: number;
  readonly rateIntervalMs: number;
}

/** Returns the step of a range query and the length of `$__rate_interval`, as Grafana computes both. */
export function findStep(input: StepInput): Step {
  const {
    timeInterval = SCRAPE_MS,
    panelInterval = timeInterval,
    minStep,
    intervalFactor = 1,
  } = input;
  const rangeMs = input.range.to - input.range.from;
  const raw = rangeMs / input.maxDataPoints;
  const intervalMs = Math.max(panelInterval, roundInterval(raw));
  const least = minStep ?? intervalMs;
  const wanted = raw < least ? least : roundInterval(raw);
  const step = Math.max(wanted, roundInterval(rangeMs / MAX_POINTS)) * intervalFactor;
  const scrape = minStep ?? timeInterval;
  return { stepMs: step, rateIntervalMs: Math.max(intervalMs + scrape, 4 * scrape) };
}

/** Moves a range to multiples of the step, in local time: points stay where they are while time passes. */
export function alignRange({ from, to }: TimeRange, stepMs: number, offsetMs: number): TimeRange {
  const align = (at: number): number => Math.floor((at + offsetMs) / stepMs) * stepMs - offsetMs;
  return { from: align(from), to: align(to) };
}

import type { Alert, Severity } from "./rule.ts";

interface BurnWindow {
  /** How many times faster than allowed the budget is used up. */
  readonly factor: number;
  readonly long: string;
  readonly longSeconds: number;
  /** A twelfth of the long one: ends the alert soon after the cause has ended. */
  readonly short: string;
  readonly for: string;
  readonly severity: Severity;
}

const HOUR_SECONDS = 3_600;

/**
 * Of a budget of 30 days: 2 % gone in an hour, 5 % in six, 10 % in a day, 10 % in three. Beyer et al., "The Site
 * Reliability Workbook", chapter 5.
 */
const WINDOWS: readonly BurnWindow[] = [
  {
    factor: 14.4,
    long: "1h",
    longSeconds: HOUR_SECONDS,
    short: "5m",
    for: "2m",
    severity: "critical",
  },
  {
    factor: 6,
    long: "6h",
    longSeconds: 6 * HOUR_SECONDS,
    short: "30m",
    for: "15m",
    severity: "critical",
  },
  {
    factor: 3,
    long: "1d",
    longSeconds: 24 * HOUR_SECONDS,
    short: "2h",
    for: "1h",
    severity: "warning",
  },
  {
    factor: 1,
    long: "3d",
    longSeconds: 72 * HOUR_SECONDS,
    short: "6h",
    for: "3h",
    severity: "warning",
  },
];

/** Fewer bad requests than this in the long window are chance, or a demonstration: they wake nobody. */
const LEAST_BAD = 10;

/**
 * The alerts of one objective: a share of bad requests that uses its budget up too fast, in a long window and still in
 * a short one.
 *
 * @param bad what is recorded as `job:BAD:rateWINDOW` and `job:BAD:ratio_rateWINDOW`
 * @param objective share of requests that must be good, such as 0.999
 * @param what reads on after a percentage, such as "of requests failed"
 */
export function createBurnAlerts(service: {
  readonly alert: string;
  readonly bad: string;
  readonly objective: number;
  readonly summary: string;
  readonly what: string;
}): Alert[] {
  const { alert, bad, objective, summary, what } = service;
  const budget = round(1 - objective);
  return WINDOWS.map(({ factor, long, longSeconds, short, for: duration, severity }) => {
    const limit = round(factor * budget);
    return {
      alert,
      expr: `job:${bad}:ratio_rate${long} > ${limit}
and on (job)
job:${bad}:ratio_rate${short} > ${limit}
and on (job)
job:${bad}:rate${long} * ${longSeconds} >= ${LEAST_BAD}`,
      for: duration,
      severity,
      labels: { window: long },
      summary,
      description: `{{ $value | humanizePercentage }} ${what} over the last ${long}. The objective allows ${round(budget * 100)}%: like this, the budget for 30 days is used up within ${Number((30 / factor).toFixed(1))} days.`,
      condition: `More than ${round(limit * 100)} % ${what}, over ${long} and over ${short}; at least ${LEAST_BAD} in ${long}`,
    };
  });
}

/** Without the last digits that binary fractions add. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}

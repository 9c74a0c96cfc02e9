import type { Alert, DashboardLink, Severity } from "./rule.ts";

interface BurnRateWindow {
  /** Burn rate: consumption of the error budget relative to the rate that the objective allows. */
  readonly factor: number;
  readonly long: string;
  readonly longSeconds: number;
  /** A twelfth of the long window: the alert resolves soon after its cause ends. */
  readonly short: string;
  readonly for: string;
  readonly severity: Severity;
}

const HOUR_SECONDS = 3_600;

/** Period of an error budget: 30 days. */
const BUDGET_SECONDS = 30 * 24 * HOUR_SECONDS;

/**
 * Multiwindow, multi-burn-rate alerts: 2 % of a 30-day budget consumed in 1 hour, 5 % in 6 hours, 10 % in 1 day, 10 % in
 * 3 days. Beyer et al., "The Site Reliability Workbook", chapter 5.
 */
const WINDOWS: readonly BurnRateWindow[] = [
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

/**
 * Creates the burn rate alerts of one objective. Each fires when bad requests consume the error budget too fast, both over a
 * long window and over a short one.
 *
 * @param bad name of the bad requests, recorded as `job:BAD:rateWINDOW` and `job:BAD:ratio_rateWINDOW`
 * @param objective minimum share of good requests, for example 0.999
 * @param minBadRequests minimum in the long window; fewer may be random, or one failed request in a demonstration
 * @param event text that follows a percentage, for example "of requests failed"
 * @param advice sentence at the end of the description: where to look
 */
export function createBurnRateAlerts(service: {
  readonly alert: string;
  readonly bad: string;
  readonly objective: number;
  readonly minBadRequests: number;
  readonly summary: string;
  readonly event: string;
  readonly advice: string;
  readonly dashboard: DashboardLink;
}): Alert[] {
  const { alert, bad, objective, minBadRequests, summary, event, advice, dashboard } = service;
  const budget = round(1 - objective);
  return WINDOWS.map(({ factor, long, longSeconds, short, for: duration, severity }) => {
    const limit = round(factor * budget);
    return {
      alert,
      expr: `job:${bad}:ratio_rate${long} > ${limit}
and on (job)
job:${bad}:ratio_rate${short} > ${limit}
and on (job)
job:${bad}:rate${long} * ${longSeconds} >= ${minBadRequests}`,
      for: duration,
      severity,
      labels: { window: long },
      dashboard,
      summary,
      description: `{{ $value | humanizePercentage }} ${event} over the last ${long}; the objective allows ${round(budget * 100)}%. {{ with printf "round(vector(${round(BUDGET_SECONDS * budget)} / %g), 60)" $value | query }}At this rate, an error budget of 30 days lasts {{ . | first | value | humanizeDuration }}. {{ end }}${advice}`,
      condition: `More than ${round(limit * 100)} % ${event}, both over ${long} and over ${short}; at least ${minBadRequests} in ${long}`,
    };
  });
}

/** Rounds away the digits that binary fractions add. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}

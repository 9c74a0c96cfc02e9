/** What users notice: whether it answers, how often it fails, how long it takes. */
import { METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import { bucketUpTo, foreign, histogram, metric, matching } from "../promql.ts";
import { createBurnAlerts } from "./burn.ts";
import type { RuleGroup } from "./rule.ts";
import { ASKED, JOB, SINGLE_PREDICTIONS } from "./selectors.ts";

/** Long windows cost more to compute and change slowly. */
const FAST_WINDOWS = ["5m", "30m", "1h", "2h", "6h"] as const;
const SLOW_WINDOWS = ["1d", "3d"] as const;

/** Of requests, the share that may be refused for overload before somebody is told; and how many there must be. */
const REJECTED_SHARE = 0.01;
const LEAST_REJECTED = 10;

function recordWindow(window: string) {
  const { apiRequests, apiRequestLatency } = METRICS;
  const failed = { ...ASKED, status: matching("5..") };
  const all = histogram(apiRequestLatency, "count", SINGLE_PREDICTIONS);
  const inTime = bucketUpTo(apiRequestLatency, OBJECTIVES.latencySeconds, SINGLE_PREDICTIONS);
  return [
    {
      record: `job:api_requests:rate${window}`,
      expr: `sum by (job) (rate(${metric(apiRequests, ASKED)}[${window}]))`,
    },
    {
      // Nothing has failed yet: 0, and not no answer.
      record: `job:api_request_errors:rate${window}`,
      expr: `sum by (job) (rate(${metric(apiRequests, failed)}[${window}]))
or
0 * job:api_requests:rate${window}`,
    },
    {
      record: `job:api_request_errors:ratio_rate${window}`,
      expr: `job:api_request_errors:rate${window} / job:api_requests:rate${window}`,
    },
    {
      record: `job:predictions:rate${window}`,
      expr: `sum by (job) (rate(${all}[${window}]))`,
    },
    {
      record: `job:slow_predictions:rate${window}`,
      expr: `job:predictions:rate${window}
- sum by (job) (rate(${inTime}[${window}]))`,
    },
    {
      record: `job:slow_predictions:ratio_rate${window}`,
      expr: `job:slow_predictions:rate${window} / job:predictions:rate${window}`,
    },
  ];
}

const sumOfLatency = histogram(METRICS.apiRequestLatency, "sum", ASKED);
const countOfLatency = histogram(METRICS.apiRequestLatency, "count", ASKED);
const up = foreign("up", { job: JOB });

export const SERVICE_GROUPS: readonly RuleGroup[] = [
  {
    name: "service",
    rules: [
      {
        record: "job:api_request_latency_seconds:mean_rate1m",
        expr: `sum by (job) (rate(${sumOfLatency}[1m]))
/
sum by (job) (rate(${countOfLatency}[1m]))`,
      },
      ...FAST_WINDOWS.flatMap(recordWindow),
    ],
  },
  {
    name: "service-long-windows",
    interval: "1m",
    rules: SLOW_WINDOWS.flatMap(recordWindow),
  },
  {
    name: "service-alerts",
    rules: [
      {
        alert: "ServerDown",
        expr: `${up} == 0
or
absent(${up})`,
        for: "1m",
        severity: "critical",
        condition: "Prometheus cannot scrape the server, or knows of none",
        summary: "{{ $labels.job }} does not answer",
        description:
          "Prometheus cannot scrape {{ or $labels.instance `any server` }} of job {{ $labels.job }} (up is {{ if $labels.instance }}{{ $value }}{{ else }}not there{{ end }}).",
      },
      {
        alert: "HighLatency",
        expr: `job:api_request_latency_seconds:mean_rate1m > ${OBJECTIVES.meanLatencySeconds}`,
        for: "1m",
        severity: "warning",
        condition: `The mean latency over 1 m is above ${OBJECTIVES.meanLatencySeconds} s`,
        summary: "{{ $labels.job }} is slow",
        description: `The mean latency over the last minute is {{ $value | humanizeDuration }}; the limit is ${OBJECTIVES.meanLatencySeconds} s.`,
      },
      ...createBurnAlerts({
        alert: "AvailabilityBudgetBurn",
        bad: "api_request_errors",
        objective: OBJECTIVES.availability,
        summary: "Requests to {{ $labels.job }} fail",
        what: "of requests failed (status 5xx)",
      }),
      ...createBurnAlerts({
        alert: "LatencyBudgetBurn",
        bad: "slow_predictions",
        objective: OBJECTIVES.latencyShare,
        summary: "Predictions of {{ $labels.job }} are slow",
        what: `of predictions of one row took longer than ${OBJECTIVES.latencySeconds} s`,
      }),
      {
        alert: "RequestsRejected",
        expr: `sum by (job) (rate(${metric(METRICS.apiOverload)}[5m])) / job:api_requests:rate5m > ${REJECTED_SHARE}
and on (job)
sum by (job) (increase(${metric(METRICS.apiOverload)}[5m])) >= ${LEAST_REJECTED}`,
        for: "5m",
        severity: "warning",
        condition: `More than ${REJECTED_SHARE * 100} % of requests, and at least ${LEAST_REJECTED} in 5 m, are refused for overload`,
        summary: "{{ $labels.job }} refuses work",
        description:
          "{{ $value | humanizePercentage }} of requests over the last 5 minutes were refused because the server has too much to do.",
      },
    ],
  },
];

/** Rules on the service that users experience: availability, errors, latency. */
import { METRICS } from "../metrics/names.ts";
import { bucketUpTo, external, histogram, metric, matching } from "./promql.ts";
import { createBurnRateAlerts } from "./burn-rate.ts";
import { toPercent, type RuleGroup } from "./rule.ts";
import { CLIENT_REQUESTS, JOB, PREDICTIONS, SINGLE_PREDICTIONS } from "./selectors.ts";
import type { AlertSettings } from "./settings.ts";

/** Slow windows are evaluated less often: they cost more to compute and change slowly. */
const FAST_WINDOWS = ["5m", "30m", "1h", "2h", "6h"] as const;
const SLOW_WINDOWS = ["1d", "3d"] as const;

function recordWindow(window: string, settings: AlertSettings) {
  const { apiRequests, apiRequestLatency } = METRICS;
  const failed = { ...CLIENT_REQUESTS, status: matching("5..") };
  const all = histogram(apiRequestLatency, "count", SINGLE_PREDICTIONS);
  const inTime = bucketUpTo(apiRequestLatency, settings.latencySeconds, SINGLE_PREDICTIONS);
  return [
    {
      record: `job:api_requests:rate${window}`,
      expr: `sum by (job) (rate(${metric(apiRequests, CLIENT_REQUESTS)}[${window}]))`,
    },
    {
      // 0 rather than no value before the first error.
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

const sumOfLatency = histogram(METRICS.apiRequestLatency, "sum", PREDICTIONS);
const countOfLatency = histogram(METRICS.apiRequestLatency, "count", PREDICTIONS);
/** Name of the recorded mean latency. */
function toMeanLatency({ meanLatencyMinutes }: AlertSettings): string {
  return `route:api_request_latency_seconds:mean_rate${meanLatencyMinutes}m`;
}

const up = external("up", { job: JOB });

export const createServiceGroups = (settings: AlertSettings): readonly RuleGroup[] => [
  {
    name: "service",
    rules: [
      {
        record: toMeanLatency(settings),
        expr: `sum by (job, instance, route) (rate(${sumOfLatency}[${settings.meanLatencyMinutes}m]))
/
sum by (job, instance, route) (rate(${countOfLatency}[${settings.meanLatencyMinutes}m]))`,
      },
      ...FAST_WINDOWS.flatMap((window) => recordWindow(window, settings)),
    ],
  },
  {
    name: "service-long-windows",
    interval: "1m",
    rules: SLOW_WINDOWS.flatMap((window) => recordWindow(window, settings)),
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
        condition: "Prometheus cannot scrape a server, or has no target for the job",
        dashboard: { uid: "tepal-overview", labels: ["job"] },
        summary: "Requests to {{ or $labels.instance $labels.job }} fail: it is down",
        description:
          "Prometheus cannot scrape {{ or $labels.instance `any server` }} of job {{ $labels.job }} (up is {{ if $labels.instance }}{{ $value }}{{ else }}absent{{ end }}). Check that the process runs and that the port accepts connections.",
      },
      {
        alert: "HighLatency",
        expr: `${toMeanLatency(settings)} > ${settings.meanLatencySeconds}`,
        for: "1m",
        severity: "warning",
        condition: `Mean latency of a prediction route of a server over ${settings.meanLatencyMinutes}m is above ${settings.meanLatencySeconds} s`,
        dashboard: { uid: "tepal-latency", labels: ["job", "instance"] },
        summary:
          "Clients of {{ $labels.route }} on {{ $labels.instance }} wait {{ $value | humanizeDuration }} for a reply",
        description: `The mean latency of {{ $labels.route }} on {{ $labels.instance }} over the last ${settings.meanLatencyMinutes === 1 ? "minute" : `${settings.meanLatencyMinutes} minutes`} is {{ $value | humanizeDuration }}; the limit is ${settings.meanLatencySeconds} s. The Latency Analysis dashboard shows queue, inference and large batches.`,
      },
      ...createBurnRateAlerts({
        alert: "AvailabilityBudgetBurn",
        bad: "api_request_errors",
        objective: settings.availability,
        minBadRequests: settings.minBadRequests,
        dashboard: { uid: "tepal-requests", labels: ["job"] },
        summary: "Requests to {{ $labels.job }} fail",
        event: "of requests failed with status 5xx",
        advice:
          "The Request Analysis dashboard shows status and route; the server log shows errors.",
      }),
      ...createBurnRateAlerts({
        alert: "LatencyBudgetBurn",
        bad: "slow_predictions",
        objective: settings.latencyShare,
        minBadRequests: settings.minBadRequests,
        dashboard: { uid: "tepal-latency", labels: ["job"] },
        summary: "Predictions of {{ $labels.job }} are slow",
        event: `of single-row predictions took longer than ${settings.latencySeconds} s`,
        advice:
          "The Latency Analysis dashboard shows route and model; Resources shows CPU and event loop.",
      }),
      {
        alert: "RequestsRejected",
        expr: `sum by (job) (rate(${metric(METRICS.apiOverload)}[5m])) / job:api_requests:rate5m > ${settings.rejectedShare}
and on (job)
sum by (job) (increase(${metric(METRICS.apiOverload)}[5m])) >= ${settings.minRejected}`,
        for: "5m",
        severity: "warning",
        condition: `More than ${toPercent(settings.rejectedShare)} % of requests over 5m are rejected for overload; at least ${settings.minRejected}`,
        dashboard: { uid: "tepal-load", labels: ["job"] },
        summary: "Clients of {{ $labels.job }} are rejected: it is overloaded",
        description:
          "{{ $value | humanizePercentage }} of requests over the last 5 minutes were rejected for overload. The Load Testing dashboard shows the reason; add processes with --workers, or replicas.",
      },
    ],
  },
];

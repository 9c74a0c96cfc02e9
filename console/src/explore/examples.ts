import { findMetadata, type Metadata } from "./metadata.ts";

export interface Example {
  readonly text: string;
  readonly expression: string;
}

const of = (
  text: string,
  expression: string,
  ...needs: string[]
): Example & { needs: string[] } => ({
  text,
  expression,
  needs,
});

/** Examples with the metrics that they need. */
const KNOWN = [
  of(
    "Requests per second by route",
    "sum by (route) (rate(api_requests_total[1m]))",
    "api_requests_total",
  ),
  of(
    "95th percentile of the latency",
    "histogram_quantile(0.95, sum by (le) (rate(api_request_latency_seconds_bucket[5m])))",
    "api_request_latency_seconds_bucket",
  ),
  of(
    "Share of requests with an error",
    'sum(rate(api_requests_total{status=~"5.."}[5m])) / sum(rate(api_requests_total[5m]))',
    "api_requests_total",
  ),
  of(
    "Predictions per second by class",
    "sum by (class) (rate(model_predictions_total[5m]))",
    "model_predictions_total",
  ),
  of(
    "CPU use of each machine",
    '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))',
    "node_cpu_seconds_total",
  ),
  of(
    "Free memory of each machine",
    "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
    "node_memory_MemAvailable_bytes",
    "node_memory_MemTotal_bytes",
  ),
  of("Targets that respond", "up", "up"),
  of(
    "Duration of the scrapes",
    "max by (job) (scrape_duration_seconds)",
    "scrape_duration_seconds",
  ),
];

/** The metrics with most series: an example for every server. */
const BIGGEST = of(
  "Metrics with the most series",
  'topk(10, count by (__name__) ({__name__!=""}))',
);
const MIN = 4;

/** Chooses examples whose metrics a server has; made from its own metrics, if it has few of the known ones. */
export function suggestExamples(names: readonly string[], metadata: Metadata): readonly Example[] {
  const all = new Set(names);
  const known = KNOWN.filter(({ needs }) => needs.every((name) => all.has(name)));
  const made = known.length >= MIN ? [] : makeExamples(names, metadata).slice(0, MIN);
  return [...known, ...made, BIGGEST].map(({ text, expression }) => ({ text, expression }));
}

function makeExamples(names: readonly string[], metadata: Metadata): readonly Example[] {
  const find = (type: string, suffix: RegExp): string | undefined =>
    names.find((name) => findMetadata(metadata, name)?.type === type && suffix.test(name));
  const counter = find("counter", /./) ?? names.find((name) => name.endsWith("_total"));
  const buckets = find("histogram", /_bucket$/) ?? names.find((name) => name.endsWith("_bucket"));
  const gauge = find("gauge", /./);
  return [
    ...(counter === undefined
      ? []
      : [of(`Increase per second of ${counter}`, `rate(${counter}[5m])`)]),
    ...(buckets === undefined
      ? []
      : [
          of(
            `95th percentile of ${buckets.slice(0, -"_bucket".length)}`,
            `histogram_quantile(0.95, sum by (le) (rate(${buckets}[5m])))`,
          ),
        ]),
    ...(gauge === undefined
      ? []
      : [of(`Average of ${gauge} in an hour`, `avg_over_time(${gauge}[1h])`)]),
  ];
}

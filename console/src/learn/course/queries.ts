import { openPage, predictRow, QUERIED, runQueries, SAMPLE_ROW, sendRequests } from "./build.ts";
import type { Mechanics } from "./mechanics.ts";

const PREDICT_ROUTES = 'route=~".*/predict.*"';
const ROWS = 20;
const TRAFFIC = 300;

/** Questions 2.4 to 2.7: targets, counters, percentiles. */
export const QUERIES: Readonly<Record<string, Mechanics>> = {
  "04-targets/targets": openPage(
    ["status", "targets"],
    "the targets",
    'main [data-section="targets"] table',
  ),
  "04-targets/configuration": openPage(
    ["status", "configuration"],
    "the configuration",
    'main [data-section="configuration"]',
  ),
  "04-targets/up": runQueries(["up"], ["query=up&"]),
  "05-requests/send": predictRow("predict five times", {}, 5),
  "05-requests/table": toCounter("table", "api/v1/query"),
  "05-requests/graph": toCounter("graph", "api/v1/query_range"),
  "05-requests/rate": runQueries(["rate(api_requests_total[1m])"]),
  "05-requests/increase": runQueries(
    [`sum(increase(api_requests_total{${PREDICT_ROUTES}}[5m]))`],
    ["increase(api_requests_total"],
  ),
  "06-rigged/singles": sendRequests(
    "send 20 requests from here",
    [{ type: "send", path: "predict", body: SAMPLE_ROW, times: ROWS }],
    [
      {
        type: "counted",
        metric: "api_requests_total",
        labels: { route: "/predict" },
        by: ROWS,
      },
    ],
  ),
  "06-rigged/batch": sendRequests(
    "send the batch from here",
    [
      {
        type: "send",
        path: "predict/batch",
        body: { instances: Array.from({ length: ROWS }, () => Object.values(SAMPLE_ROW)) },
      },
    ],
    [
      { type: "counted", metric: "api_requests_total", labels: { route: "/predict/batch" } },
      { type: "counted", metric: "model_predictions_total", by: ROWS },
    ],
  ),
  "06-rigged/compare": runQueries(
    [
      `sum by (route) (increase(api_requests_total{${PREDICT_ROUTES}}[5m]))`,
      "sum(increase(model_predictions_total[5m]))",
    ],
    ["increase(api_requests_total", "increase(model_predictions_total"],
    "table",
  ),
  "06-rigged/better": runQueries(
    [
      "sum(increase(model_batch_rows_sum[5m])) / sum(increase(model_batch_rows_count[5m]))",
      "max_over_time(api_unique_clients[5m])",
      `sum(increase(api_requests_total{${PREDICT_ROUTES}}[5m])) / sum(max_over_time(api_unique_clients[5m]))`,
    ],
    [
      "model_batch_rows_sum",
      "query=max_over_time(api_unique_clients",
      "sum(max_over_time(api_unique_clients",
    ],
    "table",
  ),
  "07-percentile/traffic": sendRequests(
    `send ${TRAFFIC} requests from here`,
    [{ type: "send", path: "predict", body: SAMPLE_ROW, times: TRAFFIC }],
    [
      {
        type: "counted",
        metric: "api_requests_total",
        labels: { route: "/predict" },
        by: TRAFFIC,
      },
    ],
  ),
  "07-percentile/query": runQueries([
    "histogram_quantile(0.95, rate(api_request_latency_seconds_bucket[1m]))",
  ]),
  "07-percentile/sum": runQueries(
    [
      `histogram_quantile(0.95, sum by (le) (rate(api_request_latency_seconds_bucket{${PREDICT_ROUTES}}[5m])))`,
    ],
    ["sum by (le) (rate(api_request_latency_seconds_bucket"],
  ),
  "07-percentile/tree": runQueries(
    [
      `histogram_quantile(0.95, sum by (le) (rate(api_request_latency_seconds_bucket{${PREDICT_ROUTES}}[5m])))`,
    ],
    ["stats=tree"],
    "tree",
  ),
  "07-percentile/buckets": runQueries(
    [`sum by (le) (increase(api_request_latency_seconds_bucket{${PREDICT_ROUTES}}[5m]))`],
    ["sum by (le) (increase(api_request_latency_seconds_bucket"],
    "table",
  ),
};

/** A step that runs the counter alone, in one of the views. */
function toCounter(view: "table" | "graph", path: string): Mechanics {
  return {
    ...runQueries(["api_requests_total"], [], view),
    done: [
      { ...QUERIED, path, query: "query=api_requests_total&" },
      { type: "shown", selector: `main .query-result.is-${view}` },
    ],
  };
}

import { changeFile, openPage, runLoad, runQueries, SAMPLE_ROW, sendRequests } from "./build.ts";
import type { Mechanics } from "./mechanics.ts";

const PREDICT_ROUTES = '{route=~".*/predict.*"}';
const MEAN = `sum(rate(api_request_latency_seconds_sum${PREDICT_ROUTES}[1m]))
  / sum(rate(api_request_latency_seconds_count${PREDICT_ROUTES}[1m]))`;
const MEDIAN = `histogram_quantile(0.5, sum by (le) (rate(api_request_latency_seconds_bucket${PREDICT_ROUTES}[1m])))`;
const TRAFFIC = 500;
const FORM = "application/x-www-form-urlencoded";
/** Queries of programs are forms; the console sends them in the URL. */
const API_QUERY = {
  type: "counted",
  metric: "api_requests_total",
  labels: { method: "POST", route: "/prometheus/*", status: "200" },
} as const;

/** The route of both kinds of queries is the same. Only the form of a range has two times and a step: that of `1+1` has 9 bytes. */
const RANGE_FORM = {
  type: "counted",
  metric: "api_request_size_bytes_sum",
  labels: { route: "/prometheus/*" },
  by: 40,
} as const;

/** Questions 2.8 to 2.10: data sources and dashboards. */
export const DASHBOARDS: Readonly<Record<string, Mechanics>> = {
  "08-grafana/source": openPage(["explore"], "Explore", "main .source:not(:empty)", [
    "main .source",
  ]),
  "08-grafana/api": sendRequests(
    "send the query from here",
    [
      {
        type: "send",
        path: "prometheus/api/v1/query",
        body: "query=1%2B1",
        contentType: FORM,
      },
    ],
    [API_QUERY],
  ),
  "08-grafana/range": sendRequests(
    "send the query from here",
    [
      {
        type: "send",
        path: "prometheus/api/v1/query_range",
        body: "query=up&start=1970-01-01T00:00:00Z&end=1970-01-01T00:01:00Z&step=15",
        contentType: FORM,
      },
    ],
    [API_QUERY, RANGE_FORM],
  ),
  "09-dashboards/restart": {
    page: "#/alerts?search=MeanLatencySpike",
    pointAt: ['main [data-rule="MeanLatencySpike"]', 'nav a[href="#/alerts"]'],
    // Servers of a class have the options already.
    done: [
      { type: "opened", path: ["alerts"] },
      { type: "contained", path: "prometheus/api/v1/rules", text: "MeanLatencySpike" },
    ],
  },
  "09-dashboards/import": changeFile('"name":"mine"'),
  "09-dashboards/open": openPage(["dashboards", "mine"], "the dashboard", "main .panel"),
  "09-dashboards/traffic": sendRequests(
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
    "#/dashboards/mine",
  ),
  "09-dashboards/edit": changeFile("My dashboard"),
  "09-dashboards/zoom": {
    page: "#/dashboards/mine",
    pointAt: ["main .page-controls", "main h1"],
    action: {
      label: "select five minutes",
      deeds: [{ type: "open", fragment: "#/dashboards/mine?from=now-5m&to=now" }],
    },
    done: [
      { type: "opened", path: ["dashboards", "mine"], parameters: { from: "" } },
      { type: "shown", selector: "main .panel" },
    ],
  },
  "10-mean-and-median/mean": runQueries(
    [MEAN],
    [`api_request_latency_seconds_count${PREDICT_ROUTES}`],
  ),
  "10-mean-and-median/median": runQueries(
    [MEAN, MEDIAN],
    // The mean may be there already, which is not queried again.
    ["histogram_quantile(0.5,"],
  ),
  "10-mean-and-median/file": changeFile('"name":"mean-and-median"'),
  "10-mean-and-median/open": openPage(
    ["dashboards", "mean-and-median"],
    "the dashboard",
    "main .panel",
  ),
  "10-mean-and-median/slow": addSingles(
    runLoad({ users: 1, userClass: "Importer", seconds: 20 }, "/predict/batch", 3, [
      { type: "send", path: "predict", body: SAMPLE_ROW, times: 100 },
    ]),
  ),
};

/** Single rows of other clients, beside the load test. */
function addSingles(mechanics: Mechanics): Mechanics {
  return {
    ...mechanics,
    done: [
      ...mechanics.done,
      { type: "counted", metric: "api_requests_total", labels: { route: "/predict" }, by: 100 },
    ],
  };
}

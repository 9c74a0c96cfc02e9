import { changeFile, INCH_ROW, openPage, runLoad, runQueries, sendRequests } from "./build.ts";
import type { Condition, Mechanics } from "./mechanics.ts";

const ALERT = "MeanLatencySpike";
const ALERT_PAGE = `#/alerts?search=${ALERT}`;
const RULE = `main [data-rule="${ALERT}"]`;
const IMPORTER = { users: 8, userClass: "Importer", seconds: 45 } as const;
const FIRING = `ALERTS{alertname="${ALERT}",alertstate="firing"}`;
/** The alert has fired since the step began. */
const FIRES: Condition = { type: "increased", expr: `sum(count_over_time(${FIRING}[2h]))` };
/** An earlier load test may still set it off: the rule must be inactive before the next one. */
const INACTIVE: Condition = { type: "queried", expr: `absent(${FIRING})`, atLeast: 1 };
const OTHER_ROUTES = '{route!~"/metrics|/health/.*|/prometheus/.*"}';
const INCH_REQUESTS = 300;

/** A step that follows the rule. The page may be open already. */
function followRule(label: string, done: readonly Condition[]): Mechanics {
  return {
    page: ALERT_PAGE,
    pointAt: [`${RULE} .rule-head`, "main .rule-head", 'nav a[href="#/alerts"]'],
    action: { label, deeds: [{ type: "open", fragment: ALERT_PAGE }] },
    done,
  };
}

/** Questions 2.11 to 2.14: alerts, failures that no request reports, golden signals, CPU. */
export const OPERATIONS: Readonly<Record<string, Mechanics>> = {
  "11-alert/test": {
    page: "#/alerts",
    pointAt: ["main .receiver button", "#receivers", 'nav a[href="#/alerts"]'],
    action: {
      label: "send a test",
      deeds: [
        { type: "open", fragment: "#/alerts" },
        { type: "press", selector: "main .receiver button" },
      ],
    },
    done: [
      { type: "requested", at: "alerts", method: "POST", path: "/test" },
      { type: "shown", selector: "main .receiver .notice.is-good" },
    ],
  },
  "11-alert/rule": {
    page: ALERT_PAGE,
    pointAt: [`${RULE} .rule-head`, "main .alert-search", 'nav a[href="#/alerts"]'],
    action: {
      label: "open the rule",
      deeds: [
        { type: "open", fragment: ALERT_PAGE },
        { type: "press", selector: `${RULE} .rule-head[aria-expanded="false"]` },
      ],
    },
    done: [
      { type: "pressed", selector: `${RULE} .rule-head` },
      { type: "shown", selector: `${RULE} .rule-head[aria-expanded="true"]` },
      INACTIVE,
    ],
  },
  "11-alert/load": runLoad(IMPORTER, "/predict/batch", 3),
  "11-alert/firing": followRule("watch the rule", [
    FIRES,
    { type: "queried", expr: `count(${FIRING})`, atLeast: 1 },
  ]),
  "11-alert/resolved": followRule("wait for the end", [FIRES, INACTIVE]),
  "12-why/by-hand": sendRequests(
    "request it from here",
    // Containers and balancers request the health checks all the time.
    [{ type: "send", method: "GET", path: "" }],
    [{ type: "counted", metric: "api_requests_total", labels: { route: "/", status: "200" } }],
  ),
  "12-why/inches": sendRequests(
    `send ${INCH_REQUESTS} rows from here`,
    [{ type: "send", path: "predict", body: INCH_ROW, times: INCH_REQUESTS }],
    [
      {
        type: "counted",
        metric: "model_ood_total",
        labels: { reason: "p_value" },
        by: INCH_REQUESTS / 2,
      },
    ],
  ),
  "12-why/errors": runQueries(
    [
      'sum(rate(api_requests_total{route=~".*/predict.*", status!="200"}[1m])) / sum(rate(api_requests_total{route=~".*/predict.*"}[1m]))',
    ],
    ['status!="200"'],
  ),
  "12-why/outliers": runQueries(
    ['sum(rate(model_ood_total{reason="p_value"}[1m])) / sum(rate(model_ood_p_value_count[1m]))'],
    ["model_ood_p_value_count"],
  ),
  "12-why/model": openPage(["model"], "Model", "main section"),
  "13-signals/load": runLoad({ users: 20, userClass: "Visitor", seconds: 60 }, "/predict", 20),
  "13-signals/latency": runQueries(
    [
      `histogram_quantile(0.95, sum by (le) (rate(api_request_latency_seconds_bucket${OTHER_ROUTES}[5m])))`,
    ],
    ["histogram_quantile(0.95,"],
  ),
  "13-signals/traffic": runQueries(
    [`sum(rate(api_requests_total${OTHER_ROUTES}[5m]))`],
    ["sum(rate(api_requests_total{route!~"],
  ),
  "13-signals/errors": runQueries(
    ['sum(rate(api_requests_total{status=~"5.."}[5m])) / sum(rate(api_requests_total[5m]))'],
    ['status=~"5.."'],
  ),
  "13-signals/saturation": runQueries(
    ["rate(nodejs_eventloop_active_seconds_total[5m]) / tepal_workers"],
    ["nodejs_eventloop_active_seconds_total"],
  ),
  "13-signals/overview": openPage(["dashboards", "tepal-overview"], "the dashboard", "main .panel"),
  "14-cpu/process": runQueries(["rate(process_cpu_seconds_total[1m])"]),
  "14-cpu/load": runLoad({ users: 4, userClass: "Importer", seconds: 45 }, "/predict/batch", 3),
  "14-cpu/event-loop": runQueries(
    ["rate(nodejs_eventloop_active_seconds_total[1m]) / tepal_workers"],
    ["nodejs_eventloop_active_seconds_total"],
  ),
  "14-cpu/resources": openPage(["dashboards", "tepal-resources"], "the dashboard", "main .panel"),
  "14-cpu/panel": changeFile("process_cpu_seconds_total", "mine"),
};

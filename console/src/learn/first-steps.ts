import type { Tour } from "./tour.ts";

const PREDICTIONS = "sum(model_predictions_total)";

/** From a prediction to its trace in queries, dashboards and alerts. */
export const FIRST_STEPS: Tour = {
  id: "first-steps",
  title: "First steps",
  about:
    "Send a prediction, and follow it through the Overview, a query, a dashboard and the alert rules.",
  minutes: 5,
  steps: [
    {
      id: "predict",
      title: "Make a prediction",
      text: [
        "The page Try it has a form for one row. Set the values, and read the predicted class, its probabilities and the warnings.",
        "A value outside the range of the training data gives a warning: try one.",
      ],
      page: "#/try",
      pointAt: ['main button[type="submit"]', "main form", 'nav a[href="#/try"]'],
      action: { label: "Send a prediction for me", run: "predict" },
      done: [{ type: "increased", expr: PREDICTIONS }],
    },
    {
      id: "overview",
      title: "See it in the Overview",
      text: [
        "The Overview shows on one screen whether the server is well: requests, latency, errors, outliers and alerts.",
        "Your prediction is counted there within ten seconds. Each number links to its panel.",
      ],
      page: "#/overview",
      pointAt: ["main .tiles", 'nav a[href="#/overview"]'],
      done: [
        { type: "at", path: ["overview"] },
        { type: "query", expr: PREDICTIONS, atLeast: 1 },
      ],
    },
    {
      id: "query",
      title: "Query it",
      text: [
        "Every number of the console is a PromQL query. `rate` is the increase of a counter per second; `sum by (route)` adds up what has the same route.",
        "Change the window `[1m]` to `[5m]`, and run the query again.",
      ],
      page: `#/explore?${new URLSearchParams({ q: "sum by (route) (rate(api_requests_total[1m]))" })}`,
      pointAt: ["main .query", "main textarea", 'nav a[href="#/explore"]'],
      done: [
        {
          type: "at",
          path: ["explore"],
          parameter: { name: "q", contains: "api_requests_total" },
        },
        { type: "query", expr: "count(rate(api_requests_total[5m]))", atLeast: 1 },
      ],
    },
    {
      id: "dashboard",
      title: "Open a dashboard",
      text: [
        "Dashboards are panels of such queries. These are the Grafana dashboards of the package, drawn without Grafana.",
        "Drag over a chart to zoom in. “Explore” on a panel opens its query.",
      ],
      page: "#/dashboards/tepal-overview",
      pointAt: ["main .panel", "main .card", 'nav a[href="#/dashboards"]'],
      done: [
        { type: "at", path: ["dashboards"], length: 2 },
        { type: "shows", selector: "main .panel" },
      ],
    },
    {
      id: "alert",
      title: "See an alert rule",
      text: [
        "An alert rule is a query with a limit and a duration. While its result is not empty, the alert is pending, then firing, and a notification is sent.",
        "Open a rule: it has a runbook that states what to check.",
      ],
      page: "#/alerts",
      pointAt: ["main .rule", "main table", 'nav a[href="#/alerts"]'],
      done: [{ type: "at", path: ["alerts"] }, { type: "rules" }],
    },
  ],
};

/** All tours, in the order of the page Learn. */
export const TOURS: readonly Tour[] = [FIRST_STEPS];

import type { Mechanics } from "./mechanics.ts";
import { predictRow, runQueries } from "./build.ts";

export const FIRST_STEPS: Readonly<Record<string, Mechanics>> = {
  "first-steps/predict": predictRow("predict the typical row", {}),
  "first-steps/overview": {
    page: "#/overview",
    pointAt: ["main .tiles", 'nav a[href="#/overview"]'],
    action: { label: "open the Overview", deeds: [{ type: "open", fragment: "#/overview" }] },
    done: [
      { type: "opened", path: ["overview"] },
      { type: "shown", selector: "main .tiles" },
      { type: "queried", expr: "sum(model_predictions_total)", atLeast: 1 },
    ],
  },
  "first-steps/query": runQueries(
    ["sum by (route) (rate(api_requests_total[5m]))"],
    ["api_requests_total[5m]"],
  ),
  "first-steps/dashboard": {
    page: "#/dashboards",
    pointAt: ['main a[href="#/dashboards/tepal-overview"]', 'nav a[href="#/dashboards"]'],
    action: {
      label: "open the dashboard",
      deeds: [{ type: "open", fragment: "#/dashboards/tepal-overview" }],
    },
    done: [
      { type: "opened", path: ["dashboards", "tepal-overview"] },
      { type: "shown", selector: "main .panel" },
    ],
  },
  "first-steps/alert": {
    page: "#/alerts",
    pointAt: ["main .rule-head", 'nav a[href="#/alerts"]'],
    action: {
      label: "open the first rule",
      deeds: [
        { type: "open", fragment: "#/alerts" },
        { type: "press", selector: 'main .rule-head[aria-expanded="false"]' },
      ],
    },
    done: [
      { type: "pressed", selector: "main .rule-head" },
      { type: "shown", selector: 'main .rule-head[aria-expanded="true"]' },
    ],
  },
};

import { openPage, predictRow, runQueries, SAMPLE_ROW, sendRequests } from "./build.ts";
import type { Condition, Mechanics } from "./mechanics.ts";

const OUTLIER: Condition = { type: "counted", metric: "model_ood_total" };
const TYPICAL_ROW = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const BATCH_ROWS = [10, 100, 1_000];
/** Requests of each size that "Do it" sends. */
const BATCH_REQUESTS = 20;
const SAMPLE_ROWS = 20;

const toBatch = (rows: number) => ({
  instances: Array.from({ length: rows }, () => Object.values(SAMPLE_ROW)),
});

/** A step that predicts the sample rows of Try it as CSV. */
const PREDICT_SAMPLE: Mechanics = {
  page: "#/try?view=csv",
  pointAt: ["main .try-card-controls button", "main form", 'nav a[href="#/try"]'],
  action: {
    label: "predict the sample rows",
    deeds: [
      { type: "open", fragment: "#/try?view=csv" },
      { type: "press", selector: "main .try-card-controls button" },
      { type: "press", selector: 'main form button[type="submit"]' },
    ],
  },
  done: [
    { type: "requested", at: "try", method: "POST", path: "/predict/batch" },
    { type: "counted", metric: "model_predictions_total", by: SAMPLE_ROWS },
  ],
};

/** Questions 2.1 to 2.3: predictions, trust, batches. */
export const PREDICTIONS: Readonly<Record<string, Mechanics>> = {
  "01-predict/send": predictRow("predict the typical row", {}),
  "01-predict/model": openPage(["model"], "Model", "main section"),
  "01-predict/outlier": predictRow("predict 100", { sepal_length: 100 }, 1, [OUTLIER]),
  "02-trust/typical": predictRow("predict the typical row", TYPICAL_ROW),
  "02-trust/move": predictRow("predict 7.9", { sepal_length: 7.9 }),
  "02-trust/combination": predictRow(
    "predict the row",
    { sepal_length: 4.5, sepal_width: 4.3, petal_length: 5, petal_width: 0.3 },
    1,
    [OUTLIER],
  ),
  "02-trust/rows": PREDICT_SAMPLE,
  "02-trust/count": runQueries(["sum by (reason) (model_ood_total)"], ["model_ood_total"], "table"),
  "03-batches/single": predictRow("predict three times", {}, 3),
  "03-batches/batch": PREDICT_SAMPLE,
  "03-batches/measure": sendRequests(
    "send requests of each size from here",
    [
      { type: "send", path: "predict", body: SAMPLE_ROW, times: BATCH_REQUESTS },
      ...BATCH_ROWS.map((rows) => ({
        type: "send" as const,
        path: "predict/batch",
        body: toBatch(rows),
        times: BATCH_REQUESTS,
      })),
    ],
    [
      {
        type: "counted",
        metric: "api_requests_total",
        labels: { route: "/predict/batch" },
        by: BATCH_ROWS.length * BATCH_REQUESTS,
      },
      { type: "counted", metric: "model_predictions_total", by: 20_000 },
    ],
  ),
  "03-batches/panel": openPage(["dashboards", "tepal-requests"], "the dashboard", "main .panel"),
};

import { METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import type { DashboardDefinition, Limit } from "./dashboard-definition.ts";
import {
  designEffect,
  driftRows,
  liveRatios,
  outputDistance,
  psi,
  referenceRatios,
} from "./drift.ts";
import {
  CONFIDENCE,
  INFERENCE,
  P_VALUE,
  WARNINGS,
  above,
  flaggedShare,
  modelVersions,
  predictionsByClass,
} from "./panel-parts.ts";
import {
  RANGE,
  RATE_INTERVAL,
  bucketTotals,
  buckets,
  roundCount,
  increase,
  mean,
  occurring,
  ofApi,
  ofModel,
  quantile,
  rate,
  sum,
  type Histogram,
} from "./queries.ts";

const PSI_LIMITS: readonly Limit[] = above(WARNINGS.psi, OBJECTIVES.psi);
const PSI_MEANING = `Yellow from ${WARNINGS.psi}, red from ${OBJECTIVES.psi}. With few rows the index is high by chance: values below ${OBJECTIVES.driftRows} rows are hidden, and the alert raises its limit when rows are few.`;
const FEW_ROWS = `Empty until a feature has ${OBJECTIVES.driftRows} rows.`;

const predictions = ofModel(METRICS.predictions.name);
/** A p-value is at most 1, so the last bucket is empty. */
const FINITE_P_VALUE: Histogram = {
  ...P_VALUE,
  select: (name, ...matchers) => P_VALUE.select(name, 'le!="+Inf"', ...matchers),
};
const REQUEST_DURATION: Histogram = {
  declaration: METRICS.modelRequestDuration,
  select: ofModel,
};
/** From the bottom of a stack to its top. */
const RESULTS = [
  ["error", "red"],
  ["input_error", "yellow"],
  ["success", "green"],
] as const;
/** Drift has a value for each feature of each version. */
const FEATURE_NAME = "{{model}} v{{version}} {{feature}}";
const byClass = ["model", "version", "class"];

export const MODEL: DashboardDefinition = {
  uid: "tepal-model",
  title: "Model",
  description:
    "What does the model predict, how confident is it, and do the rows still resemble its training data?",
  rows: [
    {
      title: "Selected time range",
      panels: [
        {
          kind: "stat",
          title: "Rows predicted",
          description:
            "Rows predicted in the selected time range, extrapolated to its bounds between scrapes.",
          unit: "short",
          queries: [{ expr: roundCount(sum(increase(predictions))), legend: "rows" }],
        },
        {
          kind: "stat",
          title: "Mean confidence",
          description:
            "Mean probability of the predicted class. Not colored, because normal values depend on the model. Classifiers only.",
          unit: "percentunit",
          decimals: 1,
          queries: [{ expr: mean(CONFIDENCE, RANGE), legend: "confidence" }],
        },
        {
          kind: "stat",
          title: "Out-of-distribution rows",
          description:
            "Share of checked rows whose p-value is at or below --ood-alpha. For rows like the training data this is --ood-alpha itself (default 1 %). Yellow from 5 %, red from 20 %.",
          unit: "percentunit",
          decimals: 1,
          limits: above(0.05, 0.2),
          queries: [
            { expr: flaggedShare("p_value", (selector) => increase(selector)), legend: "flagged" },
          ],
        },
        {
          kind: "stat",
          title: "Highest drift (PSI)",
          description: `Population stability index of the feature that differs most from the training data, over the selected time range. ${PSI_MEANING}`,
          unit: "short",
          decimals: 2,
          limits: PSI_LIMITS,
          queries: [{ expr: `max(${psi(RANGE)})`, legend: "PSI", mayBeEmpty: FEW_ROWS }],
        },
      ],
    },
    {
      title: "Predictions",
      panels: [
        predictionsByClass("Predictions by class"),
        {
          kind: "table",
          title: "Predicted classes and training data",
          description:
            "Share of each class among predictions of the selected time range, and in the training data. They differ if the mix of rows has changed or the model is wrong.",
          unit: "percentunit",
          decimals: 1,
          labels: { model: "Model", version: "Version", class: "Class" },
          queries: [
            {
              expr: `${sum(increase(predictions), byClass)} / on (model, version) group_left () (${sum(increase(predictions), ["model", "version"])} > 0)`,
              legend: "Predicted",
            },
            {
              expr: `max by (${byClass.join(", ")}) (${ofModel(METRICS.classReferenceRatio.name)})`,
              legend: "Training",
            },
          ],
          bars: ["Predicted", "Training"],
          widths: { Model: 90, Version: 70, Class: 110 },
          sortBy: [
            ["Model", "ascending"],
            ["Version", "ascending"],
            ["Class", "ascending"],
          ],
        },
        {
          kind: "graph",
          title: "Confidence",
          description:
            "Probability of the predicted class: mean, median and 10th percentile. The 10th percentile shows problems first. Percentiles are interpolated within buckets.",
          unit: "percentunit",
          max: 1,
          queries: [
            { expr: mean(CONFIDENCE), legend: "mean" },
            ...[0.1, 0.5].map((q) => ({
              expr: quantile(q, CONFIDENCE),
              legend: q === 0.5 ? "median" : `p${q * 100}`,
            })),
          ],
        },
        {
          kind: "heatmap",
          title: "Confidence heatmap",
          description:
            "Distribution of the predicted class's probability over time. A second band at low values is a group of uncertain rows.",
          unit: "percentunit",
          queries: [{ expr: buckets(CONFIDENCE), legend: "{{le}}" }],
        },
      ],
    },
    {
      title: "Out of distribution",
      panels: [
        {
          kind: "graph",
          title: "Rows flagged by reason",
          description:
            "Share of rows with each warning of the trust check. Out of distribution: the p-value is at or below --ood-alpha. Out of range: a feature is outside its training range. Missing: a value is missing. Not checked: the row has no p-value, because a value is missing; such rows are no part of the share of out-of-distribution rows. A gap means no rows.",
          unit: "percentunit",
          softMax: 0.05,
          queries: (
            [
              ["p_value", "out of distribution"],
              ["range", "out of range"],
              ["missing", "missing"],
              ["unchecked", "not checked"],
            ] as const
          ).map(([reason, legend]) => ({
            expr: flaggedShare(reason, (selector) => rate(selector, RATE_INTERVAL)),
            legend,
          })),
        },
        {
          kind: "bars",
          title: "p-value distribution",
          description:
            "p-values of the rows in the selected time range, by bucket. Rows like the training data are uniform: each bucket's count is proportional to its width. An excess below 0.01 is out-of-distribution rows.",
          unit: "short",
          buckets: METRICS.pValue.buckets.map((bound) => [bound, `≤ ${bound}`] as const),
          queries: [{ expr: bucketTotals(FINITE_P_VALUE), legend: "{{le}}" }],
        },
      ],
    },
    {
      title: "Drift",
      panels: [
        {
          kind: "bars",
          title: "Drift by feature",
          description: `Population stability index of each feature against the training data, over the selected time range. ${PSI_MEANING}`,
          unit: "short",
          decimals: 2,
          min: 0,
          max: 1,
          limits: PSI_LIMITS,
          queries: [
            { expr: `sort_desc(${psi(RANGE)})`, legend: FEATURE_NAME, mayBeEmpty: FEW_ROWS },
          ],
        },
        {
          kind: "graph",
          title: "Drift over time",
          description: `Population stability index of each feature. Each point covers the hour before it. Dashed lines at ${WARNINGS.psi} and ${OBJECTIVES.psi}.`,
          unit: "short",
          decimals: 2,
          softMax: OBJECTIVES.psi,
          limits: PSI_LIMITS,
          queries: [
            {
              expr: psi("1h"),
              legend: FEATURE_NAME,
              mayBeEmpty: FEW_ROWS,
              fixedWindow: "The index needs many rows",
            },
          ],
        },
        {
          kind: "graph",
          title: "Drift of predictions, confidence and p-values",
          description: `Distance from training (0 to 4) of what the model predicts, of its confidence, and of the p-values of the trust check. Each point covers the 30 minutes before it. Dashed line at ${OBJECTIVES.driftDistance}, the smallest limit of the alerts; with few rows their limit is higher.`,
          unit: "short",
          decimals: 2,
          min: 0,
          softMax: OBJECTIVES.driftDistance,
          limits: [
            { from: Number.NEGATIVE_INFINITY, color: "green" },
            { from: OBJECTIVES.driftDistance, color: "red" },
          ],
          queries: [
            {
              expr: outputDistance("30m"),
              legend: "{{model}} {{version}} {{output}}",
              fixedWindow: "The alerts use the same 30 minutes",
            },
          ],
        },
        {
          kind: "graph",
          title: "Design effect",
          description:
            "Number of consecutive rows that are worth one independent row, by model: the distance of features from training, divided by what chance explains. About 1 for independent rows. Above 3 on a quiet day, set designEffect in the alert settings to twice the highest value of that day. Real drift and repeated rows raise it too.",
          unit: "short",
          decimals: 1,
          min: 0,
          queries: [
            {
              expr: designEffect("5m"),
              legend: "{{model}} {{version}}",
              fixedWindow: "The alerts use the same 5 minutes",
            },
          ],
        },
        {
          kind: "table",
          title: "Feature bins and training data",
          description:
            "Share of rows in each bin of a feature, over the selected time range and in the training data. Bins are quantiles of the training data.",
          unit: "percentunit",
          decimals: 1,
          height: 12,
          labels: { model: "Model", version: "Version", feature: "Feature", bin: "Bin" },
          queries: [
            { expr: liveRatios(RANGE, 1), legend: "Live" },
            { expr: referenceRatios(), legend: "Training" },
          ],
          bars: ["Live", "Training"],
          widths: { Model: 70, Version: 70, Feature: 120, Bin: 130 },
          sortBy: [
            ["Model", "ascending"],
            ["Version", "ascending"],
            ["Feature", "ascending"],
            ["Bin", "ascending"],
          ],
        },
        {
          kind: "bars",
          title: "Rows by feature",
          description: `Rows from which the drift of the selected time range is computed. Red below ${OBJECTIVES.driftRows}: too few for a result.`,
          unit: "short",
          height: 12,
          min: 0,
          limits: [
            { from: Number.NEGATIVE_INFINITY, color: "red" },
            { from: OBJECTIVES.driftRows, color: "green" },
          ],
          queries: [{ expr: `sort(${roundCount(driftRows(RANGE))})`, legend: FEATURE_NAME }],
        },
      ],
    },
    {
      title: "Inputs and versions",
      panels: [
        {
          kind: "graph",
          title: "Requests by version and result",
          description:
            "Prediction requests per second by model, version and result. Red: errors of the server; yellow: errors in the input; green: success. Results without a request in the selected time range are left out.",
          unit: "reqps",
          stacked: true,
          colors: RESULTS.map(([result, color]) => [` ${result}$`, color] as const),
          queries: RESULTS.map(([result]) => ({
            expr: occurring(ofModel(METRICS.modelRequests.name, `result="${result}"`), [
              "model",
              "version",
              "result",
            ]),
            legend: "{{model}} v{{version}} {{result}}",
            ...(result !== "success" && { mayBeEmpty: "There may be no errors." }),
          })),
        },
        {
          kind: "graph",
          title: "p95 latency by version",
          description:
            "95th percentile of the duration of successful prediction requests, by model and version.",
          unit: "s",
          queries: [
            {
              expr: quantile(0.95, REQUEST_DURATION, RATE_INTERVAL, ["model", "version"]),
              legend: "{{model}} v{{version}}",
            },
          ],
        },
        {
          kind: "graph",
          title: "Input errors by reason",
          description:
            "Prediction requests rejected for invalid input per second, by reason. All models together.",
          unit: "reqps",
          width: 8,
          stacked: true,
          empty: "No input was rejected",
          queries: [
            {
              expr: occurring(ofApi(METRICS.inputErrors.name), ["reason"]),
              legend: "{{reason}}",
              mayBeEmpty: "Empty if none was rejected.",
            },
          ],
        },
        {
          kind: "graph",
          title: "Inference time",
          description: "Mean duration of a model call, without HTTP and JSON.",
          unit: "s",
          width: 8,
          softMax: 0.000_01,
          queries: [
            {
              expr: mean(INFERENCE, RATE_INTERVAL, ["model", "version"]),
              legend: "{{model}} v{{version}}",
            },
          ],
        },
        {
          kind: "graph",
          title: "Model loads",
          description: "Model versions loaded, and failed loads, since the server started.",
          unit: "short",
          decimals: 0,
          width: 8,
          colors: [
            ["failed", "red"],
            ["ready", "green"],
          ],
          queries: [
            {
              expr: `${sum(ofApi(METRICS.modelLoads.name), ["result"])} > 0`,
              legend: "{{result}}",
              total: "Loads are rare; each step of the total is one load",
            },
          ],
        },
        { ...modelVersions("Model versions"), width: 24, height: 6 },
      ],
    },
  ],
};

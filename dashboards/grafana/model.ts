import { METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import type { DashboardDefinition, Limit } from "./definition.ts";
import { driftRows, liveRatios, psi, referenceRatios } from "./drift.ts";
import {
  CONFIDENCE,
  INFERENCE,
  P_VALUE,
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
  increase,
  mean,
  ofApi,
  ofModel,
  quantile,
  rate,
  sum,
} from "./queries.ts";

const PSI_LIMITS: readonly Limit[] = above(0.1, OBJECTIVES.psi);
const PSI_MEANING = `Yellow from 0.1, red from ${OBJECTIVES.psi}. With few rows the index is high by chance: nothing is shown below ${OBJECTIVES.driftRows} rows, and the alert asks for more where rows are few.`;
const FEW_ROWS = `Nothing while a feature has fewer than ${OBJECTIVES.driftRows} rows.`;

const predictions = ofModel(METRICS.predictions.name);
const byClass = ["model", "version", "class"];

export const MODEL: DashboardDefinition = {
  uid: "tepal-model",
  title: "Model",
  description:
    "What does the model answer, how sure is it, and do the rows still look like those it has learnt from?",
  rows: [
    {
      title: "The selected range",
      panels: [
        {
          kind: "stat",
          title: "Rows predicted",
          description:
            "How many rows were predicted in the selected range? Estimated to its ends between scrapes.",
          unit: "short",
          decimals: 0,
          queries: [{ expr: sum(increase(predictions)), legend: "rows" }],
        },
        {
          kind: "stat",
          title: "Mean confidence",
          description:
            "How probable is the class that the model chooses, on average? Without colours: what is usual depends on the model. Classifiers only.",
          unit: "percentunit",
          decimals: 1,
          queries: [{ expr: mean(CONFIDENCE, RANGE), legend: "confidence" }],
        },
        {
          kind: "stat",
          title: "Rows unlike the training data",
          description:
            "Which share of rows does the guard flag? Ordinary rows are flagged at the rate of --ood-alpha, 1 % unless told otherwise: yellow from 5 %, red from 20 %.",
          unit: "percentunit",
          decimals: 1,
          limits: above(0.05, 0.2),
          queries: [
            { expr: flaggedShare("p_value", (selector) => increase(selector)), legend: "flagged" },
          ],
        },
        {
          kind: "stat",
          title: "Highest drift",
          description: `How far has the feature that drifted most moved away from the training data (population stability index)? ${PSI_MEANING}`,
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
          title: "Classes against training",
          description:
            "Are classes predicted as often as they occur in the training data, over the selected range? Another mix of rows, or a model that errs, makes a difference.",
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
              legend: "In training",
            },
          ],
          bars: ["Predicted", "In training"],
        },
        {
          kind: "graph",
          title: "Confidence",
          description:
            "How sure is the model? The tenth of rows of which it is least sure shows trouble first. Estimated within buckets.",
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
            "Are there rows of which the model is unsure, beside those of which it is sure?",
          unit: "percentunit",
          queries: [{ expr: buckets(CONFIDENCE), legend: "{{le}}" }],
        },
      ],
    },
    {
      title: "Unlike the training data",
      panels: [
        {
          kind: "graph",
          title: "Rows flagged by reason",
          description:
            "Why does the guard flag rows? Out of distribution: the p-value is at or below --ood-alpha; out of range: a feature is outside of the training data; missing: a value lacks. A gap means no rows.",
          unit: "percentunit",
          queries: (
            [
              ["p_value", "out of distribution"],
              ["range", "out of range"],
              ["missing", "missing"],
            ] as const
          ).map(([reason, legend]) => ({
            expr: flaggedShare(reason, (selector) => rate(selector, RATE_INTERVAL)),
            legend,
          })),
        },
        {
          kind: "bars",
          title: "Distribution of p-values",
          description:
            "How unlike the training data were the rows of the selected range? Ordinary rows spread evenly, so that a bucket has as many as it is wide: more below 0.01 than above are rows that do not belong.",
          unit: "short",
          decimals: 0,
          isHistogram: true,
          queries: [{ expr: bucketTotals(P_VALUE), legend: "{{le}}" }],
        },
      ],
    },
    {
      title: "Drift",
      panels: [
        {
          kind: "bars",
          title: "Drift by feature",
          description: `Which features have moved away from the training data in the selected range? ${PSI_MEANING}`,
          unit: "short",
          decimals: 2,
          min: 0,
          max: 1,
          limits: PSI_LIMITS,
          queries: [{ expr: psi(RANGE), legend: "{{model}} {{feature}}", mayBeEmpty: FEW_ROWS }],
        },
        {
          kind: "graph",
          title: "Drift over time",
          description: `Since when? Each point looks at the hour before it. The dashed lines: 0.1 and ${OBJECTIVES.psi}.`,
          unit: "short",
          decimals: 2,
          limits: PSI_LIMITS,
          queries: [
            {
              expr: psi("1h"),
              legend: "{{model}} {{feature}}",
              mayBeEmpty: FEW_ROWS,
              fixedWindow: "Drift needs many rows: the alert looks at the same hour",
            },
          ],
        },
        {
          kind: "table",
          title: "Bins against training",
          description:
            "Where do the values of the selected range lie, and where did those of the training data? Bins are quantiles of the training data.",
          unit: "percentunit",
          decimals: 1,
          height: 12,
          labels: { model: "Model", version: "Version", feature: "Feature", bin: "Bin" },
          queries: [
            { expr: liveRatios(RANGE, 1), legend: "Now" },
            { expr: referenceRatios(), legend: "In training" },
          ],
          bars: ["Now", "In training"],
        },
        {
          kind: "bars",
          title: "Rows compared",
          description: `How many rows does the drift of the selected range rest on? Red below ${OBJECTIVES.driftRows}: too few to say anything.`,
          unit: "short",
          decimals: 0,
          height: 12,
          min: 0,
          limits: [
            { from: Number.NEGATIVE_INFINITY, color: "red" },
            { from: OBJECTIVES.driftRows, color: "green" },
          ],
          queries: [{ expr: driftRows(RANGE), legend: "{{model}} {{feature}}" }],
        },
      ],
    },
    {
      title: "Inputs and versions",
      panels: [
        {
          kind: "graph",
          title: "Input errors by reason",
          description:
            "Why are requests for predictions refused for their input? For all models together.",
          unit: "reqps",
          width: 8,
          stacked: true,
          queries: [
            { expr: sum(rate(ofApi(METRICS.inputErrors.name)), ["reason"]), legend: "{{reason}}" },
          ],
        },
        {
          kind: "graph",
          title: "Time in the model",
          description: "How long does a call take on average?",
          unit: "s",
          width: 8,
          queries: [
            {
              expr: mean(INFERENCE, RATE_INTERVAL, ["model", "version"]),
              legend: "{{model}} {{version}}",
            },
          ],
        },
        {
          kind: "graph",
          title: "Versions loaded",
          description:
            "How often has a version been loaded, or failed to load, since the server started?",
          unit: "short",
          width: 8,
          colors: [["failed", "red"]],
          queries: [
            {
              expr: sum(ofApi(METRICS.modelLoads.name), ["result"]),
              legend: "{{result}}",
              total: "Loads are rare: each step of the total is one",
            },
          ],
        },
        { ...modelVersions("Model versions"), width: 24, height: 6 },
      ],
    },
  ],
};

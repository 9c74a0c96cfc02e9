/** Whether there is a model, and whether rows are still like those that it was trained on (docs/trust.md). */
import { METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import { foreign, histogram, metric } from "../promql.ts";
import type { RuleGroup } from "./rule.ts";
import { JOB } from "./selectors.ts";

/** Ten times what --ood-alpha 0.01 flags of ordinary rows. */
const OUTLIER_SHARE = 0.1;

/** Standard normal distribution's 99 % quantile. */
const Z_99 = 2.3263;

/** A share of nothing has no logarithm. */
const LEAST_SHARE = "1e-4";

const MODEL = "job, model, version";
const FEATURE = `${MODEL}, feature`;
const BIN = `${FEATURE}, bin`;

const referenceRatio = `max by (${BIN}) (${metric(METRICS.featureReferenceRatio)})`;
const live = `clamp_min(model_feature_bin:ratio:increase1h, ${LEAST_SHARE})`;
const reference = `clamp_min(${referenceRatio}, ${LEAST_SHARE})`;
const freedom = "model_feature:degrees_of_freedom:count";

export const MODEL_GROUPS: readonly RuleGroup[] = [
  {
    name: "model-drift",
    interval: "30s",
    rules: [
      {
        record: "model_feature:samples:increase1h",
        expr: `sum by (${FEATURE}) (increase(${metric(METRICS.featureBin)}[1h]))`,
      },
      {
        record: "model_feature_bin:ratio:increase1h",
        expr: `sum by (${BIN}) (increase(${metric(METRICS.featureBin)}[1h]))
/ on (${FEATURE}) group_left ()
(model_feature:samples:increase1h > 0)`,
      },
      {
        // The population stability index: Σ (live − reference) · ln(live / reference) over the bins.
        record: "model_feature:psi:increase1h",
        expr: `sum by (${FEATURE}) (
  (
    ${live}
    - ${reference}
  )
  * ln(
    ${live}
    / ${reference}
  )
)`,
      },
      {
        record: freedom,
        expr: `count by (${FEATURE}) (${referenceRatio}) - 1`,
      },
      {
        // Wilson and Hilferty (1931): within 1 % of the exact quantile from one degree on.
        record: "model_feature:chi_squared:quantile99",
        expr: `${freedom}
* (
  1 - 2 / (9 * ${freedom})
  + ${Z_99} * sqrt(2 / (9 * ${freedom}))
) ^ 3`,
      },
      {
        // Without drift PSI is distributed as χ² with B − 1 degrees of freedom, times (1/N + 1/M).
        record: "model_feature:psi_threshold:increase1h",
        expr: `clamp_min(
  model_feature:chi_squared:quantile99
  * (
    1 / model_feature:samples:increase1h
    + on (${MODEL}) group_left ()
    1 / max by (${MODEL}) (${metric(METRICS.referenceRows)})
  ),
  ${OBJECTIVES.psi}
)`,
      },
    ],
  },
  {
    name: "model",
    rules: [
      {
        record: "model:outliers:ratio_rate30m",
        expr: `sum by (${MODEL}) (rate(${metric(METRICS.outOfDistribution, { reason: "p_value" })}[30m]))
/
sum by (${MODEL}) (rate(${histogram(METRICS.pValue, "count")}[30m]))`,
      },
      {
        alert: "ModelNotLoaded",
        expr: `(
  sum by (job, instance) (${metric(METRICS.modelDefault)})
  or on (job, instance)
  0 * ${foreign("up", { job: JOB })}
) < 1
and on (job, instance)
${foreign("up", { job: JOB })} == 1`,
        for: "1m",
        severity: "critical",
        condition: "The server answers, and no model is ready to answer /predict",
        summary: "{{ $labels.instance }} has no model",
        description:
          "{{ $labels.instance }} answers, and {{ $value }} models are ready to answer /predict: every prediction gets status 503.",
      },
      {
        alert: "OutOfDistribution",
        expr: `model:outliers:ratio_rate30m > ${OUTLIER_SHARE}
and on (${MODEL})
sum by (${MODEL}) (increase(${histogram(METRICS.pValue, "count")}[30m])) >= ${OBJECTIVES.driftRows}`,
        for: "10m",
        severity: "warning",
        condition: `More than ${OUTLIER_SHARE * 100} % of rows over 30 m are flagged by their p-value; at least ${OBJECTIVES.driftRows} rows`,
        summary: "Rows are unlike the training data of {{ $labels.model }} {{ $labels.version }}",
        description: `{{ $value | humanizePercentage }} of the rows over the last 30 minutes are out of distribution; of ordinary rows it is 1% (--ood-alpha), and the limit is ${OUTLIER_SHARE * 100}%.`,
      },
      {
        alert: "FeatureDrift",
        expr: `model_feature:psi:increase1h > model_feature:psi_threshold:increase1h
and on (${FEATURE})
model_feature:samples:increase1h >= ${OBJECTIVES.driftRows}`,
        for: "1h",
        severity: "warning",
        condition: `A feature's PSI over 1 h is above max(${OBJECTIVES.psi}, χ²₀.₉₉(B − 1) · (1/N + 1/M)); at least ${OBJECTIVES.driftRows} rows`,
        summary:
          "{{ $labels.feature }} has drifted from the training data of {{ $labels.model }} {{ $labels.version }}",
        description:
          'The population stability index of {{ $labels.feature }} over the last hour is {{ $value | printf "%.2f" }}, above what chance explains for this number of rows.',
      },
    ],
  },
];

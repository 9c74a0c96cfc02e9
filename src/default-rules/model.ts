/** Rules on the model: loaded versions, out-of-distribution rows, feature drift (docs/trust.md). */
import { METRICS } from "../metrics/names.ts";
import { histogram, metric } from "./promql.ts";
import { toPercent, type RuleGroup } from "./rule.ts";
import type { AlertSettings } from "./settings.ts";

/** 0.99 quantile of the standard normal distribution. */
const Z_99 = 2.3263;

/** Replaces an empty bin's share of 0, whose logarithm is −∞. */
const MIN_SHARE = "1e-4";

const MODEL = "job, model, version";
const FEATURE = `${MODEL}, feature`;
const BIN = `${FEATURE}, bin`;

const referenceRatio = `max by (${BIN}) (${metric(METRICS.featureReferenceRatio)})`;
const live = `clamp_min(model_feature_bin:ratio:increase1h, ${MIN_SHARE})`;
const reference = `clamp_min(${referenceRatio}, ${MIN_SHARE})`;
const degreesOfFreedom = "model_feature:degrees_of_freedom:count";

export const createModelGroups = (settings: AlertSettings): readonly RuleGroup[] => [
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
        record: degreesOfFreedom,
        expr: `count by (${FEATURE}) (${referenceRatio}) - 1`,
      },
      {
        // Wilson and Hilferty (1931): within 1 % of the exact quantile for one or more degrees of freedom.
        record: "model_feature:chi_squared:quantile99",
        expr: `${degreesOfFreedom}
* (
  1 - 2 / (9 * ${degreesOfFreedom})
  + ${Z_99} * sqrt(2 / (9 * ${degreesOfFreedom}))
) ^ 3`,
      },
      {
        // Without drift, PSI follows χ² with B − 1 degrees of freedom, scaled by (1/N + 1/M).
        record: "model_feature:psi_threshold:increase1h",
        expr: `clamp_min(
  model_feature:chi_squared:quantile99
  * (
    1 / model_feature:samples:increase1h
    + on (${MODEL}) group_left ()
    1 / max by (${MODEL}) (${metric(METRICS.referenceRows)})
  ),
  ${settings.psi}
)`,
      },
    ],
  },
  {
    name: "model",
    rules: [
      {
        record: `model:outliers:ratio_rate${settings.outlierMinutes}m`,
        expr: `sum by (${MODEL}) (rate(${metric(METRICS.outOfDistribution, { reason: "p_value" })}[${settings.outlierMinutes}m]))
/
sum by (${MODEL}) (rate(${histogram(METRICS.pValue, "count")}[${settings.outlierMinutes}m]))`,
      },
      {
        alert: "ModelNotLoaded",
        // A value, and not the absence of a series, which would have other causes too.
        expr: `${metric(METRICS.defaultModelReady)} == 0`,
        for: "1m",
        severity: "critical",
        condition: "The server is up, but no model is ready to serve /predict",
        dashboard: { uid: "tepal-model", labels: ["job", "instance"] },
        summary: "All predictions of {{ $labels.instance }} fail: no model is ready",
        description:
          "{{ $labels.instance }} is up with {{ $value }} models ready to serve /predict; requests get status 503. Look at GET /models and at the server log for models that failed to load.",
      },
      {
        alert: "OutOfDistribution",
        expr: `model:outliers:ratio_rate${settings.outlierMinutes}m > ${settings.outlierShare}
and on (${MODEL})
sum by (${MODEL}) (increase(${histogram(METRICS.pValue, "count")}[${settings.outlierMinutes}m])) >= ${settings.outlierRows}`,
        for: "10m",
        severity: "warning",
        condition: `More than ${toPercent(settings.outlierShare)} % of rows over ${settings.outlierMinutes}m have a p-value at or below --ood-alpha; at least ${settings.outlierRows} rows`,
        dashboard: { uid: "tepal-model", labels: ["job", "model"] },
        summary:
          "Predictions of {{ $labels.model }} version {{ $labels.version }} are less reliable: many rows are unlike its training data",
        description: `{{ $value | humanizePercentage }} of the rows over the last ${settings.outlierMinutes} minutes are out of distribution; the limit is ${toPercent(settings.outlierShare)}%, and 1% is normal with the default --ood-alpha. Look at "Rows flagged by reason" and "Drift by feature" on the Model dashboard.`,
      },
      {
        alert: "FeatureDrift",
        expr: `model_feature:psi:increase1h > model_feature:psi_threshold:increase1h
and on (${FEATURE})
model_feature:samples:increase1h >= ${settings.driftRows}`,
        for: "1h",
        severity: "warning",
        condition: `PSI of a feature over 1h is above max(${settings.psi}, χ²₀.₉₉(B − 1) · (1/N + 1/M)); at least ${settings.driftRows} rows`,
        dashboard: { uid: "tepal-model", labels: ["job", "model"] },
        summary:
          "Feature {{ $labels.feature }} has drifted from the training data of {{ $labels.model }} version {{ $labels.version }}",
        description:
          'The population stability index of {{ $labels.feature }} over the last hour is {{ $value | printf "%.2f" }}, higher than random variation explains for this number of rows. Compare the bins of the feature with training on the Model dashboard.',
      },
    ],
  },
];

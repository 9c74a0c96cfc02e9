/** Rules on the model: loaded versions, out-of-distribution rows, feature drift (docs/trust.md). */
import { METRICS } from "../metrics/names.ts";
import { createDriftAlerts, createDriftGroups } from "./drift.ts";
import { histogram, metric } from "./promql.ts";
import { toPercent, type RuleGroup } from "./rule.ts";
import type { AlertSettings } from "./settings.ts";

const MODEL = "job, model, version";

export const createModelGroups = (settings: AlertSettings): readonly RuleGroup[] => [
  ...createDriftGroups(settings),
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
      ...createDriftAlerts(settings),
    ],
  },
];

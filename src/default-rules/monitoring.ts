/** Rules on the monitoring itself. */
import { METRICS } from "../metrics/names.ts";
import { external, matching, metric, notMatching } from "./promql.ts";
import type { RuleGroup } from "./rule.ts";
import { JOB } from "./selectors.ts";

/** Jobs whose targets may be absent: cAdvisor belongs to an optional Compose profile, and load tests end. */
const OPTIONAL_JOBS = ["cadvisor", "loadtest"] as const;

export const MONITORING_GROUPS: readonly RuleGroup[] = [
  {
    name: "monitoring",
    rules: [
      {
        alert: "ScrapeFailing",
        expr: `${external("up", { job: notMatching([JOB, ...OPTIONAL_JOBS].join("|")) })} == 0`,
        for: "5m",
        severity: "warning",
        condition: `Prometheus cannot scrape a target of a job other than ${[JOB, ...OPTIONAL_JOBS].join(", ")}`,
        dashboard: { uid: "tepal-overview", labels: [] },
        summary:
          "Predictions continue, but metrics of {{ $labels.job }} are missing: {{ $labels.instance }} cannot be scraped",
        description:
          "Prometheus cannot scrape {{ $labels.instance }} of job {{ $labels.job }} (up is {{ $value }}). The error is on the Targets page of Prometheus.",
      },
      {
        alert: "ClockSetBack",
        expr: `sum by (job, instance) (increase(${metric(METRICS.monitorSamplesDropped, { reason: "ahead" })}[1h])) > 0`,
        severity: "warning",
        condition:
          "The clock was ahead, and the built-in monitor has set samples of the future aside in 1h",
        dashboard: { uid: "tepal-overview", labels: ["job", "instance"] },
        summary:
          "Predictions continue, but the clock of {{ $labels.instance }} was ahead and was set back",
        description:
          'The built-in monitor of {{ $labels.instance }} has set {{ $value | printf "%.0f" }} samples of the future aside. The server log states how far the clock was ahead. History and alerts of that time are missing.',
      },
      {
        alert: "SeriesDropped",
        // Metrics drop series when they are first needed, mostly at the start and before any scrape, which an increase would not see.
        expr: `sum by (job, instance) (
  ${metric(METRICS.seriesDropped)}
  or
  increase(${metric(METRICS.monitorSamplesDropped, { reason: matching("series_limit|drift_limit") })}[15m])
) > 0`,
        severity: "warning",
        condition:
          "A metric has dropped series since the start of the server, or the built-in monitor has dropped samples in 15m, because of a limit",
        dashboard: { uid: "tepal-overview", labels: ["job", "instance"] },
        summary:
          "Predictions continue, but {{ $labels.instance }} drops series: dashboards and alerts lack a part of the data",
        description:
          'A limit on series is reached on {{ $labels.instance }}: {{ $value | printf "%.0f" }} series or samples were dropped. The server log names the limit. Series that the rules need come first and are kept.',
      },
      {
        alert: "RemoteWriteBehind",
        expr: `${metric(METRICS.remoteWriteLag)} > 120`,
        for: "5m",
        severity: "warning",
        condition: "The receiver of --remote-write has not acknowledged samples of 2m ago",
        dashboard: { uid: "tepal-overview", labels: ["job", "instance"] },
        summary:
          "History outside of {{ $labels.instance }} is {{ $value | humanizeDuration }} behind",
        description:
          "The receiver of --remote-write has not acknowledged samples of {{ $value | humanizeDuration }} ago. They are sent again until they leave the history (--retention). The server log states the reason.",
      },
      {
        alert: "RemoteWriteLost",
        expr: `sum by (job, instance, reason) (increase(${metric(METRICS.remoteWriteSamplesLost)}[15m])) > 0`,
        severity: "warning",
        condition:
          "The receiver of --remote-write has rejected samples in 15m, or samples have left the history before it got them",
        dashboard: { uid: "tepal-overview", labels: ["job", "instance"] },
        summary: "History outside of {{ $labels.instance }} has gaps: samples are lost",
        description:
          'The receiver of --remote-write never gets {{ $value | printf "%.0f" }} samples of the last 15 minutes; reason: {{ $labels.reason }} (failed: it rejected them; dropped: they left the history first). The server log states its status.',
      },
      {
        alert: "Watchdog",
        expr: "vector(1)",
        severity: "info",
        condition: "Always. If it stops, alerts are no longer delivered",
        dashboard: { uid: "tepal-overview", labels: [] },
        summary: "Alert delivery works",
        description:
          "This alert always fires (value {{ $value }}). If it stops arriving, Prometheus or Alertmanager has failed.",
      },
    ],
  },
];

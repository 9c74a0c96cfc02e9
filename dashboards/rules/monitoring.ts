/** Whether the monitoring itself works. */
import { foreign, notMatching } from "../promql.ts";
import type { RuleGroup } from "./rule.ts";
import { JOB } from "./selectors.ts";

/** Jobs whose targets come and go: containers are watched with a profile of Compose, load tests end. */
const OPTIONAL_JOBS = ["cadvisor", "loadtest"] as const;

export const MONITORING_GROUPS: readonly RuleGroup[] = [
  {
    name: "monitoring",
    rules: [
      {
        alert: "ScrapeFailing",
        expr: `${foreign("up", { job: notMatching([JOB, ...OPTIONAL_JOBS].join("|")) })} == 0`,
        for: "5m",
        severity: "warning",
        condition: `Prometheus cannot scrape a target other than the server, ${OPTIONAL_JOBS.join(" and ")}`,
        summary: "{{ $labels.job }} is not measured",
        description:
          "Prometheus cannot scrape {{ $labels.instance }} of job {{ $labels.job }} (up is {{ $value }}).",
      },
      {
        alert: "Watchdog",
        expr: "vector(1)",
        severity: "info",
        condition: "Always: that it is gone means that alerts no longer get through",
        summary: "Alerts get through",
        description:
          "This alert always fires (its value is {{ $value }}). When it stops, Prometheus or Alertmanager does not work.",
      },
    ],
  },
];

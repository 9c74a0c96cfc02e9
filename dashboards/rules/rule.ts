/** A recording rule. Its name has the form `level:metric:operations`. */
export interface Recording {
  readonly record: string;
  readonly expr: string;
}

/** `critical`: users are affected, act now. `warning`: act today. `info`: does not notify a person. */
export type Severity = "critical" | "warning" | "info";

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  /** Duration for which the expression must hold, for example "5m": at least four scrapes. By default the alert fires at once. */
  readonly for?: string;
  readonly severity: Severity;
  /** Labels in addition to `severity` that distinguish alerts of the same name. */
  readonly labels?: Readonly<Record<string, string>>;
  /** One line: what users or operators experience. May contain Prometheus templates. */
  readonly summary: string;
  /** The value, its source, and where to look. May contain Prometheus templates. */
  readonly description: string;
  /** Condition in words, for docs/alerting.md. */
  readonly condition: string;
}

export interface RuleGroup {
  readonly name: string;
  /** Evaluation interval. Default: `evaluation_interval` in deploy/prometheus/prometheus.yml. */
  readonly interval?: string;
  /** Evaluated in order: a rule sees the series that earlier rules recorded. */
  readonly rules: readonly (Recording | Alert)[];
}

/** Returns the path of an alert's runbook. Prefix it with the URL of your repository. */
export function toRunbookUrl(alert: string): string {
  return `docs/runbooks/${alert}.md`;
}

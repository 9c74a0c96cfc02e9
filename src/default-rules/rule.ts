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
  /** Duration for which the alert continues after the expression has become false. By default it ends at once. */
  readonly keepFiringFor?: string;
  readonly severity: Severity;
  /** Labels in addition to `severity` that distinguish alerts of the same name. */
  readonly labels?: Readonly<Record<string, string>>;
  /** One line: what users or operators experience. May contain Prometheus templates. */
  readonly summary: string;
  /** The value, its source, and where to look. May contain Prometheus templates. */
  readonly description: string;
  /** Condition in words, for docs/alerting.md. */
  readonly condition: string;
  readonly dashboard: DashboardLink;
}

/** The Grafana dashboard that shows the cause of an alert. */
export interface DashboardLink {
  readonly uid: DashboardUid;
  /** Labels of the alert that select what the dashboard shows; it has a variable for each. */
  readonly labels: readonly ("job" | "instance" | "model")[];
}

type DashboardUid =
  | "tepal-overview"
  | "tepal-requests"
  | "tepal-latency"
  | "tepal-model"
  | "tepal-resources"
  | "tepal-load";

export interface RuleGroup {
  readonly name: string;
  /** Evaluation interval. Default: `evaluation_interval` in deploy/prometheus/prometheus.yml. */
  readonly interval?: string;
  /** Evaluated in order: a rule sees the series that earlier rules recorded. */
  readonly rules: readonly (Recording | Alert)[];
}

/** Base URLs of the links in alerts, without a trailing slash. */
export interface LinkUrls {
  /** URL of a Tepal server, which serves the runbooks. */
  readonly serverUrl: string;
  /** URL to which the path of a dashboard is appended: that of Grafana or of the server's console. */
  readonly dashboardsUrl: string;
}

/** Returns a share in percent without the digits that binary fractions add. */
export function toPercent(share: number): number {
  return Number((share * 100).toPrecision(6));
}

/** Returns the URL of an alert's runbook. */
export function toRunbookUrl(alert: string, { serverUrl }: Pick<LinkUrls, "serverUrl">): string {
  return `${serverUrl}/runbooks/${alert}`;
}

/** Returns the template of the URL of an alert's dashboard. */
export function toDashboardUrl(
  { uid, labels }: DashboardLink,
  { dashboardsUrl }: LinkUrls,
): string {
  const query = labels.map((label) => `var-${label}={{ urlquery $labels.${label} }}`).join("&");
  return `${dashboardsUrl}/${uid}${query === "" ? "" : `?${query}`}`;
}

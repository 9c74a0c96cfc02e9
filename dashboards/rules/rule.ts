/** A series that Prometheus computes; its name is `level:metric:operations`. */
export interface Recording {
  readonly record: string;
  readonly expr: string;
}

/**
 * critical: users notice, look now; warning: look today; info: not for people.
 */
export type Severity = "critical" | "warning" | "info";

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  /** How long the expression must hold, such as "5m"; at least four scrapes. Without it at once. */
  readonly for?: string;
  readonly severity: Severity;
  /** Labels beside the severity, which tell alerts of one name apart. */
  readonly labels?: Readonly<Record<string, string>>;
  /** One line, with Prometheus's templates. */
  readonly summary: string;
  /** Says the value. */
  readonly description: string;
  /** What makes it fire, for docs/alerting.md. */
  readonly condition: string;
}

export interface RuleGroup {
  readonly name: string;
  /** How often it is evaluated; without it as deploy/prometheus/prometheus.yml says. */
  readonly interval?: string;
  /** In order: a rule sees what those before it have recorded. */
  readonly rules: readonly (Recording | Alert)[];
}

/** Where the page of an alert is. The repository has no public address yet: when it has, put it in front. */
export function toRunbookUrl(alert: string): string {
  return `docs/runbooks/${alert}.md`;
}

import type { Labels } from "../prometheus/client.ts";

export type AlertState = "firing" | "pending" | "inactive";

/** An alert of `/api/v1/rules`. A Prometheus has no `silencedBy`. */
export interface ActiveAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly state: string;
  readonly activeAt?: string;
  readonly value: string;
  readonly silencedBy?: readonly string[];
}

/** A rule of `/api/v1/rules`. Old versions of Prometheus lack some fields. */
export interface Rule {
  readonly type: string;
  readonly name: string;
  readonly query: string;
  readonly state?: string;
  readonly duration?: number;
  readonly keepFiringFor?: number;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly alerts?: readonly ActiveAlert[];
  readonly health?: string;
  readonly lastError?: string;
  readonly evaluationTime?: number;
  readonly lastEvaluation?: string;
}

export interface RuleGroup {
  readonly name: string;
  readonly file: string;
  readonly interval?: number;
  readonly evaluationTime?: number;
  readonly lastEvaluation?: string;
  readonly rules: readonly Rule[];
}

/** A matcher of a silence, as in Alertmanager's API v2. */
export interface SilenceMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual?: boolean;
}

export interface Silence {
  readonly id: string;
  readonly status: { readonly state: "active" | "pending" | "expired" };
  readonly matchers: readonly SilenceMatcher[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

export interface Receiver {
  readonly id: string;
  readonly kind: "webhook" | "alertmanager";
  readonly format: "alertmanager" | "slack";
  readonly origin: string;
  readonly sent: number;
  readonly send_failures: number;
  readonly dropped: number;
  readonly last_delivery: { readonly time: string; readonly error: string | null } | null;
}

export interface TestReport {
  readonly accepted: boolean;
  readonly status: number | null;
  readonly error: string | null;
  readonly reply: string;
}

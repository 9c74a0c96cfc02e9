import type { Labels } from "../../series/series.ts";

/** An alert of a rule: one for each series of its expression. Times are milliseconds since 1970. */
export interface Alert {
  /** Includes `alertname`. */
  readonly labels: Labels;
  annotations: Labels;
  /** `inactive` is a resolved alert. */
  state: "pending" | "firing" | "inactive";
  /** The last value of the expression. */
  value: number;
  activeAtMs: number;
  firedAtMs: number | undefined;
  resolvedAtMs: number | undefined;
  keepFiringSinceMs: number | undefined;
  lastSentAtMs: number | undefined;
}

import { TepalError } from "../../kernel/errors.ts";
import type { VectorSample } from "../../promql/promql.ts";
import { createLabels, toLabelsKey, withoutName } from "../../series/labels.ts";
import { METRIC_NAME, type Labels } from "../../series/series.ts";
import type { RecordedSample } from "../alerts.ts";
import type { AlertDefinition } from "../rules/rules.ts";
import { TemplateError } from "../templates/ast.ts";
import type { Template } from "../templates/template.ts";
import { LabelMap, SampleValue } from "../templates/values.ts";
import type { Alert } from "./alert.ts";
import { queryVector, type RuleContext } from "./rule-query.ts";

/** Prometheus repeats resolved notifications for 15 minutes, for receivers that missed them. */
const RESOLVED_RETENTION_MS = 900_000;
export const ALERT_METRIC = "ALERTS";
export const FOR_STATE_METRIC = "ALERTS_FOR_STATE";

/** The alerts of one rule, kept between evaluations. */
export class AlertStates {
  readonly rule: AlertDefinition;
  /** By labels. Includes alerts that were resolved recently. */
  readonly alerts: Map<string, Alert>;
  /**
   * True if ALERTS_FOR_STATE may be written: after the values of the previous process have been read. Otherwise alerts of
   * unknown start would overwrite them as new ones.
   */
  restored: boolean;

  /** @param restore true if a previous process may have left state; false for a rule that a reload added */
  constructor(rule: AlertDefinition, earlier: AlertStates | undefined, restore: boolean) {
    this.rule = rule;
    this.alerts = earlier?.alerts ?? new Map();
    this.restored = earlier?.restored ?? !restore;
  }

  /**
   * Updates the alerts for a time.
   *
   * @param queryTimeMs the time minus the group's `query_offset`
   * @param limit maximum number of alerts; 0 = no limit
   * @returns the samples of ALERTS and ALERTS_FOR_STATE
   * @throws TepalError if the query fails, two alerts get the same labels, or the limit is exceeded
   */
  evaluate(
    context: RuleContext,
    timeMs: number,
    queryTimeMs: number,
    limit: number,
    warn: (message: string) => void,
  ): readonly RecordedSample[] {
    const vector = queryVector(context, this.rule.expr, queryTimeMs);
    const seen = new Set<string>();
    const found: (readonly [key: string, alert: Alert])[] = [];
    for (const sample of vector) {
      const alert = this.#toAlert(sample, context, timeMs, warn);
      const key = toLabelsKey(alert.labels);
      if (seen.has(key)) {
        throw new TepalError(
          "QUERY_FAILED",
          "vector contains metrics with the same labelset after applying alert labels",
        );
      }
      seen.add(key);
      found.push([key, alert]);
    }
    for (const [key, alert] of found) {
      const known = this.alerts.get(key);
      if (known === undefined || known.state === "inactive") {
        this.alerts.set(key, alert);
        continue;
      }
      known.value = alert.value;
      known.annotations = alert.annotations;
    }
    return this.#advance(seen, timeMs, limit);
  }

  /** Changes the state of every alert. @param seen keys of the alerts in the result of the expression */
  #advance(seen: ReadonlySet<string>, timeMs: number, limit: number): readonly RecordedSample[] {
    const samples: RecordedSample[] = [];
    let active = 0;
    for (const [key, alert] of this.alerts) {
      if (seen.has(key)) alert.keepFiringSinceMs = undefined;
      else if (!this.#keepsFiring(alert, timeMs)) {
        this.#end(key, alert, timeMs);
        continue;
      }
      active += 1;
      // If the clock was set back, the alert does not wait for the difference in addition.
      alert.activeAtMs = Math.min(alert.activeAtMs, timeMs);
      if (alert.firedAtMs !== undefined) alert.firedAtMs = Math.min(alert.firedAtMs, timeMs);
      if (alert.state === "pending" && timeMs - alert.activeAtMs >= this.rule.forMs) {
        alert.state = "firing";
        alert.firedAtMs = timeMs;
      }
      if (this.restored) samples.push(toStateSample(alert), toForStateSample(alert));
    }
    if (limit > 0 && active > limit) {
      this.alerts.clear();
      throw new TepalError("QUERY_FAILED", `exceeded limit of ${limit} with ${active} alerts`);
    }
    return samples;
  }

  #keepsFiring(alert: Alert, timeMs: number): boolean {
    if (alert.state !== "firing" || this.rule.keepFiringForMs === 0) return false;
    alert.keepFiringSinceMs ??= timeMs;
    return timeMs - alert.keepFiringSinceMs < this.rule.keepFiringForMs;
  }

  #end(key: string, alert: Alert, timeMs: number): void {
    const isExpired =
      alert.resolvedAtMs !== undefined && timeMs - alert.resolvedAtMs > RESOLVED_RETENTION_MS;
    if (alert.state === "pending" || isExpired) this.alerts.delete(key);
    if (alert.state === "inactive") {
      // Receivers treat an alert that ends in the future as firing.
      alert.resolvedAtMs = Math.min(alert.resolvedAtMs ?? timeMs, timeMs);
      return;
    }
    alert.state = "inactive";
    alert.resolvedAtMs = timeMs;
  }

  #toAlert(
    { labels, value }: VectorSample,
    context: RuleContext,
    timeMs: number,
    warn: (message: string) => void,
  ): Alert {
    const data = { labels, externalLabels: context.externalLabels, value };
    const environment = {
      externalUrl: context.externalUrl,
      timeMs,
      query: (promql: string) =>
        queryVector(context, promql, timeMs).map(
          (sample) => new SampleValue(new LabelMap(sample.labels), sample.value),
        ),
    };
    const expand = (name: string, template: Template): [string, string] => {
      try {
        return [name, template.expand(data, environment)];
      } catch (error) {
        if (!(error instanceof TemplateError) && !(error instanceof TepalError)) throw error;
        warn(`Cannot expand ${name} of alert ${this.rule.name}: ${error.message}`);
        return [name, `<error expanding template: ${error.message}>`];
      }
    };
    return {
      labels: createLabels([
        ...withoutName(labels),
        ...[...this.rule.labelTemplates].map(([name, template]) => expand(name, template)),
        ["alertname", this.rule.name],
      ]),
      annotations: new Map(
        [...this.rule.annotationTemplates].map(([name, template]) => expand(name, template)),
      ),
      state: "pending",
      value,
      activeAtMs: timeMs,
      firedAtMs: undefined,
      resolvedAtMs: undefined,
      keepFiringSinceMs: undefined,
      lastSentAtMs: undefined,
    };
  }
}

function toStateSample({ labels, state }: Alert): RecordedSample {
  const named: Labels = createLabels([
    ...labels,
    [METRIC_NAME, ALERT_METRIC],
    ["alertstate", state],
  ]);
  return { labels: named, value: 1 };
}

function toForStateSample({ labels, activeAtMs }: Alert): RecordedSample {
  const named: Labels = createLabels([...labels, [METRIC_NAME, FOR_STATE_METRIC]]);
  return { labels: named, value: Math.trunc(activeAtMs / 1_000) };
}

import { compareUtf8 } from "../series/labels.ts";
import type { Labels } from "../series/series.ts";
import type { Alert } from "./alerts.ts";
import type { RuleGroup, RuleState } from "./evaluate/group.ts";
import { formatScientific } from "./templates/format-float.ts";
import { formatGoTime } from "./time.ts";

/** Groups, rules and alerts as Prometheus's HTTP API spells them; optional fields are missing where there is nothing. */
export interface GroupDescription {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly RuleDescription[];
  /** Seconds. */
  readonly interval: number;
  readonly limit: number;
  /** Seconds. */
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
}

type Texts = Readonly<Record<string, string>>;

export type RuleDescription = AlertingDescription | RecordingDescription;

interface AlertingDescription {
  readonly state: "inactive" | "pending" | "firing";
  readonly name: string;
  readonly query: string;
  /** Seconds of `for`. */
  readonly duration: number;
  readonly keepFiringFor: number;
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly alerts: readonly AlertDescription[];
  readonly health: string;
  readonly lastError?: string;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
  readonly type: "alerting";
}

interface RecordingDescription {
  readonly name: string;
  readonly query: string;
  readonly labels?: Texts;
  readonly health: string;
  readonly lastError?: string;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
  readonly type: "recording";
}

export interface AlertDescription {
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly state: string;
  readonly activeAt: string;
  readonly keepFiringSince?: string;
  readonly value: string;
}

/** As the parameters of `/api/v1/rules`; a list that is empty or not there takes everything. */
export interface RuleFilter {
  readonly type?: "alert" | "record" | undefined;
  readonly ruleNames?: readonly string[];
  readonly groupNames?: readonly string[];
  readonly files?: readonly string[];
  /** Leaves the alerts of rules out. */
  readonly excludeAlerts?: boolean;
}

/** Groups by file and name; those of which the filter leaves no rule are left out. */
export function describeGroups(
  groups: readonly RuleGroup[],
  filter: RuleFilter = {},
): readonly GroupDescription[] {
  const filtered = filter.type !== undefined || (filter.ruleNames ?? []).length > 0;
  return groups
    .filter(
      ({ definition: { file, name } }) =>
        takes(filter.files, file) && takes(filter.groupNames, name),
    )
    .map((group) => {
      const rules = group.rules
        .filter(
          ({ rule }) =>
            filter.type === undefined || (filter.type === "alert") === (rule.type === "alerting"),
        )
        .filter(({ rule }) => takes(filter.ruleNames, rule.name))
        .map((state) => describeRule(state, filter.excludeAlerts ?? false));
      return describeGroup(group, rules);
    })
    .filter(({ rules }) => !filtered || rules.length > 0)
    .toSorted((a, b) => compareUtf8(a.file, b.file) || compareUtf8(a.name, b.name));
}

function takes(wanted: readonly string[] | undefined, name: string): boolean {
  return wanted === undefined || wanted.length === 0 || wanted.includes(name);
}

/** Pending and firing alerts of all rules. */
export function describeAlerts(groups: readonly RuleGroup[]): readonly AlertDescription[] {
  return groups.flatMap(({ rules }) =>
    rules.flatMap((state) => listActive(state).map(describeAlert)),
  );
}

function describeGroup(group: RuleGroup, rules: readonly RuleDescription[]): GroupDescription {
  const { definition, intervalMs, evaluationSeconds, lastEvaluationMs } = group;
  return {
    name: definition.name,
    file: definition.file,
    rules,
    interval: intervalMs / 1_000,
    limit: definition.limit,
    evaluationTime: evaluationSeconds,
    lastEvaluation: formatGoTime(lastEvaluationMs),
  };
}

function describeRule(state: RuleState, excludeAlerts: boolean): RuleDescription {
  const { rule, health, lastError, evaluationSeconds, lastEvaluationMs } = state;
  const outcome = {
    health,
    ...(lastError === undefined ? {} : { lastError }),
    evaluationTime: evaluationSeconds,
    lastEvaluation: formatGoTime(lastEvaluationMs),
  };
  const { name, query } = rule;
  if (rule.type === "recording") {
    const labels = rule.labels.size === 0 ? {} : { labels: toTexts(rule.labels) };
    return { name, query, ...labels, ...outcome, type: "recording" };
  }
  const alerts = listActive(state);
  return {
    state: alerts.some((alert) => alert.state === "firing")
      ? "firing"
      : alerts.length > 0
        ? "pending"
        : "inactive",
    name,
    query,
    duration: rule.forMs / 1_000,
    keepFiringFor: rule.keepFiringForMs / 1_000,
    labels: toTexts(rule.labels),
    annotations: toTexts(rule.annotations),
    alerts: excludeAlerts ? [] : alerts.map(describeAlert),
    ...outcome,
    type: "alerting",
  };
}

function listActive({ alerts }: RuleState): readonly Alert[] {
  return [...(alerts?.alerts.values() ?? [])].filter(({ state }) => state !== "inactive");
}

function describeAlert(alert: Alert): AlertDescription {
  const { keepFiringSinceMs: since } = alert;
  return {
    labels: toTexts(alert.labels),
    annotations: toTexts(alert.annotations),
    state: alert.state,
    activeAt: formatGoTime(alert.activeAtMs),
    ...(since === undefined ? {} : { keepFiringSince: formatGoTime(since) }),
    value: formatScientific(alert.value),
  };
}

const toTexts = (labels: Labels): Texts => Object.fromEntries(labels);

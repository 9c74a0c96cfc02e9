import { compareUtf8 } from "../../series/labels.ts";
import type { Labels } from "../../series/series.ts";
import type {
  AlertDescription,
  GroupDescription,
  NotifiedAlert,
  RuleDescription,
  RuleFilter,
  StringMap,
} from "../alerts.ts";
import { formatGoTime } from "../format-go-time.ts";
import { toFingerprint } from "../notify/fingerprint.ts";
import { formatScientific } from "../templates/format-float.ts";
import type { Alert } from "./alert.ts";
import { toEndMs } from "./collect-notifications.ts";
import type { RuleGroup } from "./group.ts";
import type { RuleState } from "./rule-state.ts";

/** Returns the ids of the active silences of an alert. */
type FindSilences = (labels: Labels) => readonly string[];
const NO_SILENCES: FindSilences = () => [];

/** Describes groups, sorted by file and name. Leaves out groups without a rule that matches the filter. */
export function describeGroups(
  groups: readonly RuleGroup[],
  filter: RuleFilter = {},
  findSilences = NO_SILENCES,
): readonly GroupDescription[] {
  const isFiltered = filter.type !== undefined || (filter.ruleNames ?? []).length > 0;
  return groups
    .filter(
      ({ definition: { file, name } }) =>
        matches(filter.files, file) && matches(filter.groupNames, name),
    )
    .map((group) => {
      const rules = group.rules
        .filter(
          ({ rule }) =>
            filter.type === undefined || (filter.type === "alert") === (rule.type === "alerting"),
        )
        .filter(({ rule }) => matches(filter.ruleNames, rule.name))
        .map((state) => describeRule(state, filter.excludeAlerts ?? false, findSilences));
      return describeGroup(group, rules);
    })
    .filter(({ rules }) => !isFiltered || rules.length > 0)
    .toSorted((a, b) => compareUtf8(a.file, b.file) || compareUtf8(a.name, b.name));
}

function matches(accepted: readonly string[] | undefined, name: string): boolean {
  return accepted === undefined || accepted.length === 0 || accepted.includes(name);
}

/** Describes the pending and firing alerts of all rules. */
export function describeAlerts(
  groups: readonly RuleGroup[],
  findSilences = NO_SILENCES,
): readonly AlertDescription[] {
  return groups.flatMap(({ rules }) =>
    rules.flatMap((state) => listActive(state).map((alert) => describeAlert(alert, findSilences))),
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

function describeRule(
  state: RuleState,
  excludeAlerts: boolean,
  findSilences: FindSilences,
): RuleDescription {
  const { rule, health, lastError, evaluationSeconds, lastEvaluationMs } = state;
  const result = {
    health,
    ...(lastError === undefined ? {} : { lastError }),
    evaluationTime: evaluationSeconds,
    lastEvaluation: formatGoTime(lastEvaluationMs),
  };
  const { name, query } = rule;
  if (rule.type === "recording") {
    const labels = rule.labels.size === 0 ? {} : { labels: toObject(rule.labels) };
    return { name, query, ...labels, ...result, type: "recording" };
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
    labels: toObject(rule.labels),
    annotations: toObject(rule.annotations),
    alerts: excludeAlerts ? [] : alerts.map((alert) => describeAlert(alert, findSilences)),
    ...result,
    type: "alerting",
  };
}

function listActive({ alerts }: RuleState): readonly Alert[] {
  return [...(alerts?.alerts.values() ?? [])].filter(({ state }) => state !== "inactive");
}

function describeAlert(alert: Alert, findSilences: FindSilences): AlertDescription {
  const { keepFiringSinceMs: since } = alert;
  const silencedBy = findSilences(alert.labels);
  return {
    labels: toObject(alert.labels),
    annotations: toObject(alert.annotations),
    state: alert.state,
    activeAt: formatGoTime(alert.activeAtMs),
    ...(since === undefined ? {} : { keepFiringSince: formatGoTime(since) }),
    value: formatScientific(alert.value),
    ...(silencedBy.length === 0 ? {} : { silencedBy }),
  };
}

/** Describes the firing alerts as Alertmanager does. @param toLabels adds the external labels */
export function describeNotified(
  groups: readonly RuleGroup[],
  toLabels: (labels: Labels) => Labels,
  findSilences: FindSilences,
  toUrl: (query: string) => string,
): readonly NotifiedAlert[] {
  return groups.flatMap(({ rules, lastEvaluationMs, intervalMs }) =>
    rules.flatMap((state) =>
      listActive(state)
        .filter((alert) => alert.state === "firing")
        .map((alert) => {
          const silencedBy = findSilences(alert.labels);
          const labels = toLabels(alert.labels);
          return {
            labels: toObject(labels),
            annotations: toObject(alert.annotations),
            startsAt: formatGoTime(alert.firedAtMs ?? alert.activeAtMs),
            endsAt: formatGoTime(toEndMs(lastEvaluationMs ?? 0, intervalMs)),
            updatedAt: formatGoTime(lastEvaluationMs),
            fingerprint: toFingerprint(labels),
            generatorURL: toUrl(state.rule.query),
            receivers: [{ name: "webhook" }],
            status: {
              state: silencedBy.length === 0 ? ("active" as const) : ("suppressed" as const),
              silencedBy,
              inhibitedBy: [],
            },
          };
        }),
    ),
  );
}

const toObject = (labels: Labels): StringMap => Object.fromEntries(labels);

import type { Labels } from "../prometheus/client.ts";
import type { ActiveAlert, AlertState, Rule, RuleGroup } from "./alert-types.ts";

/** An alerting rule, with what the page shows of it. */
export interface ListedRule {
  /** Group, name and position: several rules may have one name. */
  readonly id: string;
  readonly rule: Rule;
  readonly group: RuleGroup;
  readonly state: AlertState;
  readonly alerts: readonly ActiveAlert[];
  /** True if it has alerts, and all of them are silenced. */
  readonly isSilenced: boolean;
  /** Start of the oldest alert, in milliseconds since 1970. */
  readonly sinceMs: number | undefined;
  /** First line: the summary of the first alert, or of the rule without values. */
  readonly summary: string;
}

export type StateFilter = AlertState | "all" | "silenced";

const ORDER: Readonly<Record<AlertState, number>> = { firing: 0, pending: 1, inactive: 2 };

/** Returns the alerting rules of groups: firing ones first, then pending ones, then as in their files. */
export function listRules(groups: readonly RuleGroup[]): readonly ListedRule[] {
  return groups
    .flatMap((group) =>
      group.rules
        .filter(({ type }) => type === "alerting")
        .map((rule, index) => toListed(group, rule, index)),
    )
    .toSorted((a, b) => ORDER[a.state] - ORDER[b.state]);
}

function toListed(group: RuleGroup, rule: Rule, index: number): ListedRule {
  const alerts = (rule.alerts ?? []).toSorted(
    (a, b) => ORDER[toState(a.state)] - ORDER[toState(b.state)],
  );
  const since = alerts.flatMap(({ activeAt }) => {
    const timeMs = Date.parse(activeAt ?? "");
    return Number.isNaN(timeMs) ? [] : [timeMs];
  });
  const annotations = alerts[0]?.annotations ?? {};
  return {
    id: `${group.name}/${rule.name}/${index}`,
    rule,
    group,
    state: toState(rule.state),
    alerts,
    isSilenced: alerts.length > 0 && alerts.every(isSilenced),
    sinceMs: since.length === 0 ? undefined : Math.min(...since),
    summary: annotations["summary"] ?? annotations["description"] ?? "",
  };
}

export function toState(state: string | undefined): AlertState {
  return state === "firing" || state === "pending" ? state : "inactive";
}

export function isSilenced({ silencedBy = [] }: ActiveAlert): boolean {
  return silencedBy.length > 0;
}

/** Returns the rules with a state, in whose name, labels, expression or messages each word occurs. */
export function filterRules(
  rules: readonly ListedRule[],
  state: StateFilter,
  search: string,
): readonly ListedRule[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return rules
    .filter((listed) => hasState(listed, state))
    .filter((listed) => {
      const text = toSearchText(listed);
      return words.every((word) => text.includes(word));
    });
}

function hasState(listed: ListedRule, state: StateFilter): boolean {
  if (state === "all") return true;
  if (state === "silenced") return listed.alerts.some(isSilenced);
  return listed.state === state;
}

function toSearchText({ rule, group, alerts }: ListedRule): string {
  const texts = [rule, ...alerts].flatMap(({ labels, annotations }) => [
    ...toPairs(labels),
    ...Object.values(annotations ?? {}),
  ]);
  return [rule.name, rule.query, group.name, ...texts].join("\n").toLowerCase();
}

/** Returns labels as `name=value`. */
export function toPairs(labels: Labels = {}): readonly string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
}

/** Returns how many rules have each state; a rule with a silenced alert counts for `silenced` too. */
export function countStates(rules: readonly ListedRule[]): Readonly<Record<StateFilter, number>> {
  const count = (state: StateFilter): number =>
    rules.filter((listed) => hasState(listed, state)).length;
  return {
    all: rules.length,
    firing: count("firing"),
    pending: count("pending"),
    inactive: count("inactive"),
    silenced: count("silenced"),
  };
}

/**
 * Returns the name of a runbook that this server has: the last part of a URL whose path ends with `/runbooks/NAME`, on any host, because a
 * notification may name the server as others reach it.
 */
export function toRunbookName(url: string | undefined): string | undefined {
  return /\/runbooks\/(\w+)(?:\.md|\.html)?$/.exec(url?.split(/[?#]/)[0] ?? "")?.[1];
}

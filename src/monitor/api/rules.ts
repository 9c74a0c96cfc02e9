import type { RuleFilter } from "../../alerts/alerts.ts";
import { toResult, type Endpoint } from "./api.ts";
import { createInvalid } from "./parameters.ts";

const TYPES = ["alert", "record"] as const;
/** The spellings that Go's ParseBool accepts. */
const TRUE = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const FALSE = new Set(["", "0", "f", "F", "false", "FALSE", "False"]);

/** `alerts`: pending and firing alerts. */
export const alerts: Endpoint = ({ alerting }) => toResult({ alerts: alerting.listAlerts() });

/** `rules`: the groups with their rules, and the results of the last evaluation. */
export const rules: Endpoint = ({ alerting }, { parameters }) =>
  toResult({ groups: alerting.listGroups(readFilter(parameters)) });

function readFilter(parameters: URLSearchParams): RuleFilter {
  const written = (parameters.get("type") ?? "").toLowerCase();
  const type = TYPES.find((one) => one === written);
  if (type === undefined && written !== "") {
    throw createInvalid("type", `not supported value ${JSON.stringify(written)}`);
  }
  const exclude = parameters.get("exclude_alerts") ?? "";
  if (!TRUE.has(exclude) && !FALSE.has(exclude)) {
    const problem = `strconv.ParseBool: parsing ${JSON.stringify(exclude)}: invalid syntax`;
    throw createInvalid("exclude_alerts", `error converting exclude_alerts: ${problem}`);
  }
  return {
    type,
    ruleNames: parameters.getAll("rule_name[]"),
    groupNames: parameters.getAll("rule_group[]"),
    files: parameters.getAll("file[]"),
    excludeAlerts: TRUE.has(exclude),
  };
}

import type { RuleFilter } from "../../alerts/describe.ts";
import { toAnswer, type Endpoint } from "./api.ts";
import { createInvalid } from "./parameters.ts";

const TYPES = ["alert", "record"] as const;
/** How Go writes a truth value. */
const TRUE = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const FALSE = new Set(["", "0", "f", "F", "false", "FALSE", "False"]);

/** `alerts`: those that fire, or wait to. */
export const alerts: Endpoint = ({ alerting }) => toAnswer({ alerts: alerting.listAlerts() });

/** `rules`: the groups with their rules, and what their last evaluation gave. */
export const rules: Endpoint = ({ alerting }, { parameters }) =>
  toAnswer({ groups: alerting.listGroups(readFilter(parameters)) });

function readFilter(parameters: URLSearchParams): RuleFilter {
  const wanted = (parameters.get("type") ?? "").toLowerCase();
  const type = TYPES.find((one) => one === wanted);
  if (type === undefined && wanted !== "") {
    throw createInvalid("type", `not supported value ${JSON.stringify(wanted)}`);
  }
  const exclude = parameters.get("exclude_alerts") ?? "";
  if (!TRUE.has(exclude) && !FALSE.has(exclude)) {
    const fault = `strconv.ParseBool: parsing ${JSON.stringify(exclude)}: invalid syntax`;
    throw createInvalid("exclude_alerts", `error converting exclude_alerts: ${fault}`);
  }
  return {
    type,
    ruleNames: parameters.getAll("rule_name[]"),
    groupNames: parameters.getAll("rule_group[]"),
    files: parameters.getAll("file[]"),
    excludeAlerts: TRUE.has(exclude),
  };
}

import { createHash } from "node:crypto";
import type { GroupDescription, RuleFilter } from "../../alerts/alerts.ts";
import type { Matcher } from "../../series/series.ts";
import { toResult, type Endpoint } from "./api.ts";
import { createInvalid, parseInteger } from "./parameters.ts";
import { readSelectors } from "./selectors.ts";

const TYPES = ["alert", "record"] as const;
/** The spellings that Go's ParseBool accepts. */
const TRUE = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const FALSE = new Set(["", "0", "f", "F", "false", "FALSE", "False"]);

/** `alerts`: pending and firing alerts. */
export const alerts: Endpoint = ({ alerting }) => toResult({ alerts: alerting.listAlerts() });

/** `rules`: the groups with their rules, and the results of the last evaluation. */
export const rules: Endpoint = ({ alerting }, { parameters }) => {
  const filter = readFilter(parameters);
  const selectors = readSelectors(parameters);
  const page = readPage(parameters);
  const groups = alerting.listGroups(filter);
  return toResult(cut(selectRules(groups, selectors), page));
};

/** Keeps the rules whose labels, as written in their file, satisfy one of the selectors. */
function selectRules(
  groups: readonly GroupDescription[],
  selectors: readonly (readonly Matcher[])[],
): readonly GroupDescription[] {
  if (selectors.length === 0) return groups;
  return groups
    .map((group) => ({
      ...group,
      rules: group.rules.filter(({ labels = {} }) =>
        selectors.some((matchers) =>
          matchers.every(({ name, matches }) =>
            matches(Object.hasOwn(labels, name) ? labels[name]! : ""),
          ),
        ),
      ),
    }))
    .filter((group) => group.rules.length > 0);
}

interface Page {
  readonly limit: number;
  /** The first group; "" for the first page. */
  readonly token: string;
}

/** Returns the groups of a page, and the token of the next one. */
function cut(groups: readonly GroupDescription[], { limit, token }: Page): object {
  const from = token === "" ? 0 : groups.findIndex((group) => toToken(group) === token);
  if (from < 0) {
    throw createInvalid(
      "group_next_token",
      `invalid group_next_token '${token}'. were rule groups changed?`,
    );
  }
  const next = groups[from + limit];
  return {
    groups: groups.slice(from, from + limit),
    ...(next !== undefined && { groupNextToken: toToken(next) }),
  };
}

/** Returns the token of the page that starts with a group, as Prometheus calculates it. */
function toToken({ file, name }: GroupDescription): string {
  return createHash("sha256").update(`${file};${name}`).digest("hex");
}

const MAX_INT32 = 2 ** 31 - 1;

function readPage(parameters: URLSearchParams): Page {
  const written = parameters.get("group_limit") ?? "";
  const token = parameters.get("group_next_token") ?? "";
  if (written === "") {
    if (token === "") return { limit: Number.POSITIVE_INFINITY, token };
    throw createInvalid(
      "group_next_token",
      "group_limit needs to be present in order to paginate over the groups",
    );
  }
  const limit = parseInteger(written);
  if (limit === undefined || Math.abs(limit) > MAX_INT32) {
    const reason = limit === undefined ? "invalid syntax" : "value out of range";
    throw createInvalid(
      "group_limit",
      `group_limit needs to be a valid number: strconv.ParseInt: parsing ${JSON.stringify(written)}: ${reason}`,
    );
  }
  if (limit <= 0) throw createInvalid("group_limit", "group_limit needs to be greater than 0");
  return { limit, token };
}

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

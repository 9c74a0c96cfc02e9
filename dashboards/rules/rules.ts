/** Recording and alerting rules for Prometheus 2.42 or later. */
import { MODEL_GROUPS } from "./model.ts";
import { MONITORING_GROUPS } from "./monitoring.ts";
import { PROCESS_GROUPS } from "./process.ts";
import type { Alert, RuleGroup } from "./rule.ts";
import { SERVICE_GROUPS } from "./service.ts";
import { formatRuleFile } from "./format-rule-file.ts";

/** Rule groups by file name. */
const FILES: Readonly<Record<string, readonly RuleGroup[]>> = {
  service: SERVICE_GROUPS,
  model: MODEL_GROUPS,
  process: PROCESS_GROUPS,
  monitoring: MONITORING_GROUPS,
};

/** All alerts in the order of the files. A burn rate alert occurs four times, once for each pair of windows. */
export const ALERTS: readonly Alert[] = Object.values(FILES)
  .flat()
  .flatMap(({ rules }) => rules.filter((rule) => "alert" in rule));

/** Renders the rule files. @returns content by path from the repository root */
export function renderRules(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(FILES).map(([name, groups]) => [
      `deploy/prometheus/rules/${name}.yml`,
      formatRuleFile(groups),
    ]),
  );
}

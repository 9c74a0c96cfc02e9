/** Recording rules and alerts: their shape, and how they are written for Prometheus (2.42 and later). */
import { MODEL_GROUPS } from "./model.ts";
import { MONITORING_GROUPS } from "./monitoring.ts";
import { PROCESS_GROUPS } from "./process.ts";
import type { Alert, RuleGroup } from "./rule.ts";
import { SERVICE_GROUPS } from "./service.ts";
import { formatRuleFile } from "./format-rule-file.ts";

/** By the name of the file that holds them. */
const FILES: Readonly<Record<string, readonly RuleGroup[]>> = {
  service: SERVICE_GROUPS,
  model: MODEL_GROUPS,
  process: PROCESS_GROUPS,
  monitoring: MONITORING_GROUPS,
};

/** Every alert, in the order of the files. A burn of an error budget stands four times, once for each window. */
export const ALERTS: readonly Alert[] = Object.values(FILES)
  .flat()
  .flatMap(({ rules }) => rules.filter((rule) => "alert" in rule));

/** @returns the text of each rule file by its path from the repository's root */
export function renderRules(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(FILES).map(([name, groups]) => [
      `deploy/prometheus/rules/${name}.yml`,
      formatRuleFile(groups),
    ]),
  );
}

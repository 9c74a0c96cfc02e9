/** Recording and alerting rules for Prometheus 2.42 or later and for the built-in monitor. */
import { formatRuleFile } from "./format-rule-file.ts";
import { createModelGroups } from "./model.ts";
import { MONITORING_GROUPS } from "./monitoring.ts";
import { createProcessGroups } from "./process.ts";
import type { Alert, RuleGroup } from "./rule.ts";
import { createServiceGroups } from "./service.ts";
import type { AlertSettings } from "./settings.ts";

/** Creates the rule groups by file name. */
function createFiles(settings: AlertSettings): Readonly<Record<string, readonly RuleGroup[]>> {
  return {
    "service.yml": createServiceGroups(settings),
    "model.yml": createModelGroups(settings),
    "process.yml": createProcessGroups(settings),
    "monitoring.yml": MONITORING_GROUPS,
  };
}

/** Lists all alerts in the order of the files. A burn rate alert occurs four times, once for each pair of windows. */
export function listDefaultAlerts(settings: AlertSettings): readonly Alert[] {
  return Object.values(createFiles(settings))
    .flat()
    .flatMap(({ rules }) => rules.filter((rule) => "alert" in rule));
}

/**
 * Renders the rule files.
 *
 * @param serverUrl URL of the server in links to runbooks and to its console, unless the settings have one
 * @returns content by file name
 */
export function renderDefaultRules(
  settings: AlertSettings,
  serverUrl: string,
): ReadonlyMap<string, string> {
  const { serverUrl: configured, grafanaUrl } = settings;
  const urls = {
    serverUrl: configured ?? serverUrl,
    dashboardsUrl:
      grafanaUrl === null ? `${configured ?? serverUrl}/console/#/dashboards` : `${grafanaUrl}/d`,
  };
  return new Map(
    Object.entries(createFiles(settings)).map(([name, groups]) => [
      name,
      formatRuleFile(groups, urls),
    ]),
  );
}

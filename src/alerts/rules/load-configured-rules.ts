import { renderDefaultRules } from "../../default-rules/default-rules.ts";
import { loadAlertSettings } from "../../default-rules/settings.ts";
import { toInputError } from "../../kernel/check.ts";
import type { AlertsOptions } from "../options.ts";
import { loadRules, toRulesError } from "./load-rules.ts";
import { parseRuleFile } from "./parse-rule-file.ts";
import type { GroupDefinition } from "./rules.ts";

/**
 * Loads the rules that the options name, or else the default rules with the settings that the options name.
 *
 * @param serverUrl URL of this server in links to runbooks, unless the settings have another
 * @throws TepalError INVALID_RULES or INVALID_OPTION with all problems of the files
 */
export async function loadConfiguredRules(
  { rules, alertSettings }: Pick<AlertsOptions, "rules" | "alertSettings">,
  serverUrl: string,
): Promise<readonly GroupDefinition[]> {
  if (rules.length > 0) {
    if (alertSettings !== null) {
      const message =
        "Expected no settings of default rules, because --rules replaces these. Remove one of the two options.";
      throw toInputError("INVALID_OPTION", "option", [{ at: "--alert-settings", message }]);
    }
    return loadRules(rules);
  }
  const files = [...renderDefaultRules(await loadAlertSettings(alertSettings), serverUrl)];
  const parsed = files.map(([name, text]) => parseRuleFile(name, text));
  const problems = parsed.flatMap((file) => file.problems);
  if (problems.length > 0) throw toRulesError(problems);
  return parsed.flatMap(({ groups }) => groups);
}

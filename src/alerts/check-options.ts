import { readReceiverConfig } from "./notify/receiver-config.ts";
import type { AlertsOptions } from "./options.ts";
import { loadConfiguredRules } from "./rules/load-configured-rules.ts";

/**
 * Checks that alerting can start with these options: reads the files that they name, and keeps nothing.
 *
 * @throws TepalError INVALID_OPTION for a URL, matcher, setting or file; INVALID_RULES with all problems in the rule files
 */
export async function checkAlertsOptions(options: AlertsOptions): Promise<void> {
  await readReceiverConfig(options);
  // No link is followed.
  await loadConfiguredRules(options, "http://localhost");
}

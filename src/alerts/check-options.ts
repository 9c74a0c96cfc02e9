import { loadRules } from "./rules/load-rules.ts";
import type { AlertsOptions } from "./options.ts";
import { readReceivers } from "./notify/receivers.ts";

/**
 * Whether alerts can be made of these options: reads the files that they name, and keeps nothing.
 *
 * @throws TepalError INVALID_OPTION for an address, matcher or file; INVALID_RULES with all that is wrong in the rule files
 */
export async function checkAlertsOptions(options: AlertsOptions): Promise<void> {
  await readReceivers(options);
  await loadRules(options.rules);
}

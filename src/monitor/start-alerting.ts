import type { Alerting } from "../alerts/alerts.ts";
import { createAlerting, type AlertingParts } from "../alerts/create-alerting.ts";
import { toMessage } from "../kernel/errors.ts";
import { DEFAULT_RULES, type MonitorOptions } from "./options.ts";

/** The methods of alerting that the monitor uses. */
export type MonitorAlerting = Pick<Alerting, "listGroups" | "listAlerts" | "reload" | "close">;

/**
 * Starts rule evaluation, with the default rules if the options name none. Rules and receivers were checked when the server started.
 * If they have become invalid since, this logs the problems, and the monitor runs without alerts until the next reload.
 */
export async function startAlerting(
  options: MonitorOptions,
  parts: AlertingParts,
): Promise<MonitorAlerting> {
  const rules = options.rules.length > 0 ? options.rules : [DEFAULT_RULES];

  async function start(): Promise<Alerting | undefined> {
    try {
      const started = await createAlerting({ ...options, rules }, parts);
      started.start();
      return started;
    } catch (error) {
      parts.log.error(`Alerting is disabled: ${toMessage(error)}`);
      return undefined;
    }
  }

  let alerting = await start();
  return {
    listGroups: (filter) => alerting?.listGroups(filter) ?? [],
    listAlerts: () => alerting?.listAlerts() ?? [],
    async reload() {
      if (alerting === undefined) {
        alerting = await start();
        return;
      }
      try {
        await alerting.reload();
      } catch (error) {
        parts.log.error(`Evaluation continues with the old rules: ${toMessage(error)}`);
      }
    },
    close: async () => alerting?.close(),
  };
}

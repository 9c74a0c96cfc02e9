import type { Alerting } from "../alerts/alerts.ts";
import { createAlerting, type AlertingParts } from "../alerts/create-alerting.ts";
import { toMessage } from "../kernel/errors.ts";
import type { MonitorOptions } from "./options.ts";

/** The methods of alerting that the monitor uses. */
export interface MonitorAlerting extends Pick<Alerting, "listGroups" | "listAlerts" | "close"> {
  /** Undefined while rules or receivers are invalid. */
  current(): Alerting | undefined;
  /** Reads the rules and receivers again. A problem is logged and returned. */
  reload(): Promise<string | undefined>;
}

/**
 * Starts rule evaluation, with the default rules if the options name none. Rules and receivers were checked when the server started.
 * If they have become invalid since, this logs the problems, and the monitor runs without alerts until the next reload.
 */
export async function startAlerting(
  options: MonitorOptions,
  parts: AlertingParts,
): Promise<MonitorAlerting> {
  let alerting: Alerting | undefined;

  /** @returns the problem */
  async function start(): Promise<string | undefined> {
    try {
      const started = await createAlerting(options, parts);
      started.start();
      alerting = started;
      return undefined;
    } catch (error) {
      const message = toMessage(error);
      parts.log.error(`Alerting is disabled: ${message}`);
      return message;
    }
  }

  await start();
  return {
    current: () => alerting,
    listGroups: (filter) => alerting?.listGroups(filter) ?? [],
    listAlerts: () => alerting?.listAlerts() ?? [],
    async reload() {
      if (alerting === undefined) return start();
      try {
        await alerting.reload();
        return undefined;
      } catch (error) {
        const message = toMessage(error);
        parts.log.error(`Alerting keeps the earlier rules or receivers: ${message}`);
        return message;
      }
    },
    close: async () => alerting?.close(),
  };
}

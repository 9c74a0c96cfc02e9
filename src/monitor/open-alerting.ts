import type { Alerting } from "../alerts/alerts.ts";
import { createAlerting, type AlertingParts } from "../alerts/create-alerting.ts";
import { toMessage } from "../kernel/errors.ts";
import { OWN_RULES, type MonitorOptions } from "./options.ts";

/** Alerts, as far as the monitor uses them. */
type OpenAlerting = Pick<Alerting, "listGroups" | "listAlerts" | "reload" | "close">;

/**
 * Begins to evaluate rules, Tepal's own unless others are named. They were good when the server started; what has gone wrong
 * since, with them or with whom to tell, is logged, and the history goes on without alerts until they are read again.
 */
export async function openAlerting(
  options: MonitorOptions,
  parts: AlertingParts,
): Promise<OpenAlerting> {
  const rules = options.rules.length > 0 ? options.rules : [OWN_RULES];

  async function open(): Promise<Alerting | undefined> {
    try {
      const opened = await createAlerting({ ...options, rules }, parts);
      opened.start();
      return opened;
    } catch (error) {
      parts.log.error(`there are no alerts: ${toMessage(error)}`);
      return undefined;
    }
  }

  let alerting = await open();
  return {
    listGroups: (filter) => alerting?.listGroups(filter) ?? [],
    listAlerts: () => alerting?.listAlerts() ?? [],
    async reload() {
      if (alerting === undefined) alerting = await open();
      else {
        await alerting
          .reload()
          .catch((error: unknown) =>
            parts.log.error(`the rules before go on: ${toMessage(error)}`),
          );
      }
    },
    close: async () => alerting?.close(),
  };
}

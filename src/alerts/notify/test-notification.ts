import type { Labels } from "../../series/series.ts";
import { toGeneratorUrl } from "../evaluate/collect-notifications.ts";
import type { Notification } from "./notifier.ts";

/** Name of the test alert. */
export const TEST_ALERT = "TestNotification";
/** An Alertmanager resolves the test alert after this time, which is longer than the usual wait of a new group. */
const DURATION_MS = 120_000;

/** Creates the alert of a test, which states that it is one. */
export function createTestNotification(
  externalUrl: string,
  externalLabels: Labels,
  nowMs: number,
): Notification {
  return {
    labels: new Map([
      ...externalLabels,
      ["alertname", TEST_ALERT],
      // Not info, which many receivers drop.
      ["severity", "warning"],
    ]),
    annotations: new Map([
      ["summary", "TEST: a test notification of Tepal. There is nothing to do."],
      [
        "description",
        `An operator of ${externalUrl.replace(/\/prometheus$/, "")} has sent it to check that this receiver gets alerts.`,
      ],
    ]),
    startsAtMs: nowMs,
    endsAtMs: nowMs + DURATION_MS,
    generatorUrl: toGeneratorUrl(externalUrl, "vector(1)"),
  };
}

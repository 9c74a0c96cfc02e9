import { compareUtf8 } from "../../series/labels.ts";
import type { Labels } from "../../series/series.ts";
import type { StringMap } from "../alerts.ts";
import { formatGoTime } from "../format-go-time.ts";
import { quote } from "../templates/printf.ts";
import type { Notification } from "./notifier.ts";

/** The body that Alertmanager sends to a webhook. */
export interface WebhookPayload {
  readonly receiver: string;
  readonly status: "firing" | "resolved";
  readonly alerts: readonly PayloadAlert[];
  readonly groupLabels: StringMap;
  readonly commonLabels: StringMap;
  readonly commonAnnotations: StringMap;
  /** URL of the sender. */
  readonly externalURL: string;
  readonly version: "4";
  readonly groupKey: string;
  /** Number of alerts of the group that are left out. */
  readonly truncatedAlerts: number;
}

export interface PayloadAlert {
  readonly status: "firing" | "resolved";
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly startsAt: string;
  /** The year 1 while the alert fires. */
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}

export interface FingerprintedNotification extends Notification {
  readonly fingerprint: string;
}

/** Maximum alerts in one message. */
const MAX_ALERTS = 1_000;

/** @param notifications at least one, all of one group */
export function createPayload(
  notifications: readonly FingerprintedNotification[],
  groupLabels: Labels,
  nowMs: number,
  externalUrl: string,
): WebhookPayload {
  const sorted = notifications.toSorted(compareNotifications);
  const alerts = sorted.map((notification) => toPayloadAlert(notification, nowMs));
  return {
    receiver: "webhook",
    status: alerts.some(({ status }) => status === "firing") ? "firing" : "resolved",
    alerts: alerts.slice(0, MAX_ALERTS),
    groupLabels: toObject(groupLabels),
    commonLabels: toCommon(notifications.map(({ labels }) => labels)),
    commonAnnotations: toCommon(notifications.map(({ annotations }) => annotations)),
    externalURL: externalUrl,
    version: "4",
    groupKey: toGroupKey(groupLabels),
    truncatedAlerts: Math.max(0, alerts.length - MAX_ALERTS),
  };
}

/** Returns the key of a group in the first route of Alertmanager. */
export function toGroupKey(labels: Labels): string {
  const pairs = [...labels].toSorted(([a], [b]) => compareUtf8(a, b));
  return `{}:{${pairs.map(([name, value]) => `${name}=${quote(value)}`).join(", ")}}`;
}

function toPayloadAlert(notification: FingerprintedNotification, nowMs: number): PayloadAlert {
  const isResolved = notification.endsAtMs <= nowMs;
  return {
    status: isResolved ? "resolved" : "firing",
    labels: toObject(notification.labels),
    annotations: toObject(notification.annotations),
    startsAt: formatGoTime(notification.startsAtMs),
    endsAt: formatGoTime(isResolved ? notification.endsAtMs : undefined),
    generatorURL: notification.generatorUrl,
    fingerprint: notification.fingerprint,
  };
}

/** Compares in Alertmanager's order: by job, by instance (alerts without one come last), then by all labels. */
function compareNotifications({ labels: a }: Notification, { labels: b }: Notification): number {
  for (const name of ["job", "instance"]) {
    const [x, y] = [a.get(name), b.get(name)];
    if (x === y) continue;
    if (x === undefined) return 1;
    return y === undefined ? -1 : compareUtf8(x, y);
  }
  if (a.size !== b.size) return a.size - b.size;
  const names = [...new Set([...a.keys(), ...b.keys()])].toSorted(compareUtf8);
  for (const name of names) {
    const [x, y] = [a.get(name), b.get(name)];
    if (x === y) continue;
    if (x === undefined) return -1;
    return y === undefined ? 1 : compareUtf8(x, y);
  }
  return 0;
}

function toCommon(all: readonly Labels[]): StringMap {
  const [first = new Map<string, string>(), ...others] = all;
  return toObject(
    [...first].filter(([name, value]) => others.every((one) => one.get(name) === value)),
  );
}

/** Sorts the names, as Go does in JSON. */
function toObject(labels: Iterable<readonly [string, string]>): StringMap {
  return Object.fromEntries([...labels].toSorted(([a], [b]) => compareUtf8(a, b)));
}

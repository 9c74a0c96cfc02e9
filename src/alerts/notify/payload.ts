import { compareUtf8 } from "../../series/labels.ts";
import type { Labels } from "../../series/series.ts";
import type { Notice } from "../alerts.ts";
import { quote } from "../templates/printf.ts";
import { formatGoTime } from "../time.ts";

/** What Alertmanager sends to a webhook. */
export interface WebhookPayload {
  readonly receiver: string;
  readonly status: "firing" | "resolved";
  readonly alerts: readonly PayloadAlert[];
  readonly groupLabels: Texts;
  readonly commonLabels: Texts;
  readonly commonAnnotations: Texts;
  /** Of who sends. */
  readonly externalURL: string;
  readonly version: "4";
  readonly groupKey: string;
  /** How many alerts of the group are left out. */
  readonly truncatedAlerts: number;
}

export interface PayloadAlert {
  readonly status: "firing" | "resolved";
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly startsAt: string;
  /** The year 1 while the alert fires. */
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}

type Texts = Readonly<Record<string, string>>;

export interface FingerprintedNotice extends Notice {
  readonly fingerprint: string;
}

/** Of one message. */
const MAX_ALERTS = 1_000;

/** @param notices of one group, at least one */
export function createPayload(
  notices: readonly FingerprintedNotice[],
  groupLabels: Labels,
  nowMs: number,
  externalUrl: string,
): WebhookPayload {
  const sorted = notices.toSorted(compareNotices);
  const alerts = sorted.map((notice) => toPayloadAlert(notice, nowMs));
  return {
    receiver: "webhook",
    status: alerts.some(({ status }) => status === "firing") ? "firing" : "resolved",
    alerts: alerts.slice(0, MAX_ALERTS),
    groupLabels: toTexts(groupLabels),
    commonLabels: toCommon(notices.map(({ labels }) => labels)),
    commonAnnotations: toCommon(notices.map(({ annotations }) => annotations)),
    externalURL: externalUrl,
    version: "4",
    groupKey: toGroupKey(groupLabels),
    truncatedAlerts: Math.max(0, alerts.length - MAX_ALERTS),
  };
}

/** As Alertmanager calls a group of its first route. */
export function toGroupKey(labels: Labels): string {
  const pairs = [...labels].toSorted(([a], [b]) => compareUtf8(a, b));
  return `{}:{${pairs.map(([name, value]) => `${name}=${quote(value)}`).join(", ")}}`;
}

function toPayloadAlert(notice: FingerprintedNotice, nowMs: number): PayloadAlert {
  const over = notice.endsAtMs <= nowMs;
  return {
    status: over ? "resolved" : "firing",
    labels: toTexts(notice.labels),
    annotations: toTexts(notice.annotations),
    startsAt: formatGoTime(notice.startsAtMs),
    endsAt: formatGoTime(over ? notice.endsAtMs : undefined),
    generatorURL: notice.generatorUrl,
    fingerprint: notice.fingerprint,
  };
}

/** Alertmanager's order: by job, by instance (those without come last), then by all labels. */
function compareNotices({ labels: a }: Notice, { labels: b }: Notice): number {
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

function toCommon(all: readonly Labels[]): Texts {
  const [first = new Map<string, string>(), ...others] = all;
  return toTexts(
    [...first].filter(([name, value]) => others.every((one) => one.get(name) === value)),
  );
}

/** Names sorted, as Go writes maps. */
function toTexts(labels: Iterable<readonly [string, string]>): Texts {
  return Object.fromEntries([...labels].toSorted(([a], [b]) => compareUtf8(a, b)));
}

import { readFile } from "node:fs/promises";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { toMessage } from "../../kernel/errors.ts";
import { replaceFile } from "../../kernel/replace-file.ts";
import type { AlertingLog } from "../alerts.ts";
import type { Notification } from "./notifier.ts";

/** The alerts that each receiver holds for firing, by a key of the receiver. */
export type ReportedAlerts = ReadonlyMap<string, readonly Notification[]>;

const Strings = Type.Record(Type.String(), Type.String());
const StoredAlert = Type.Object({
  labels: Strings,
  annotations: Strings,
  startsAtMs: Type.Number(),
  generatorUrl: Type.String(),
});
const StoredFile = Type.Object({
  version: Type.Literal(1),
  receivers: Type.Record(Type.String(), Type.Array(StoredAlert)),
});

/** Reads the file that a previous process left. Logs why it cannot be read; a missing file is empty. */
export async function loadReportedAlerts(path: string, log: AlertingLog): Promise<ReportedAlerts> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isMissing) log.warn(`Cannot read the reported alerts: ${toMessage(error)}`);
    return new Map();
  }
  try {
    const file: unknown = JSON.parse(text);
    if (!Value.Check(StoredFile, file)) throw new Error("it has another format");
    return new Map(
      Object.entries(file.receivers).map(([key, alerts]) => [key, alerts.map(toNotification)]),
    );
  } catch (error) {
    log.warn(`Ignored the reported alerts in ${path}: ${toMessage(error)}`);
    return new Map();
  }
}

/** Writes the file. Logs why it cannot be written. */
export async function saveReportedAlerts(
  path: string,
  reported: ReportedAlerts,
  log: AlertingLog,
): Promise<void> {
  const file: Static<typeof StoredFile> = {
    version: 1,
    receivers: Object.fromEntries(
      Array.from(reported, ([key, alerts]) => [key, alerts.map(toStored)]),
    ),
  };
  try {
    await replaceFile(path, `${JSON.stringify(file)}\n`, 0o600);
  } catch (error) {
    log.warn(`Cannot write the reported alerts: ${toMessage(error)}`);
  }
}

function toStored(notification: Notification): Static<typeof StoredAlert> {
  const { labels, annotations, startsAtMs, generatorUrl } = notification;
  return {
    labels: Object.fromEntries(labels),
    annotations: Object.fromEntries(annotations),
    startsAtMs,
    generatorUrl,
  };
}

/** It ends when it is not confirmed or resolved by then. */
function toNotification(stored: Static<typeof StoredAlert>): Notification {
  return {
    labels: new Map(Object.entries(stored.labels)),
    annotations: new Map(Object.entries(stored.annotations)),
    startsAtMs: stored.startsAtMs,
    endsAtMs: Number.POSITIVE_INFINITY,
    generatorUrl: stored.generatorUrl,
  };
}

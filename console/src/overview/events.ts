import type { Labels, MatrixSeries } from "../prometheus/client.ts";
import { toAlertsLink, toModelLink } from "./links.ts";

/** Something that happened, newest first in lists. */
export interface RecentEvent {
  readonly timeMs: number;
  readonly kind: "start" | "model" | "drift" | "alert" | "end";
  readonly text: string;
  readonly href?: string;
}

/** Series from which events are derived, sampled at one step. */
export interface EventSeries {
  /** `process_start_time_seconds` of servers. */
  readonly starts: readonly MatrixSeries[];
  /** `model_loaded_timestamp_seconds`. */
  readonly loads: readonly MatrixSeries[];
  /** `ALERTS` that fire. */
  readonly alerts: readonly MatrixSeries[];
}

interface Range {
  readonly startSeconds: number;
  readonly stepSeconds: number;
  readonly endSeconds: number;
}

/** Models that a server loads in its first seconds belong to its start. */
const START_SECONDS = 30;

/** Returns the events of a range, newest first. */
export function listEvents({ starts, loads, alerts }: EventSeries, range: Range): RecentEvent[] {
  const isRecent = (seconds: number): boolean => seconds >= range.startSeconds;
  const started = [...new Set(starts.flatMap(listTimes))].filter(isRecent);
  const isOfStart = (seconds: number): boolean =>
    started.some((start) => seconds >= start - 1 && seconds - start <= START_SECONDS);
  return [
    ...started.map((seconds): RecentEvent => ({
      timeMs: seconds * 1_000,
      kind: "start",
      text: describeStart(seconds, loads),
    })),
    ...loads.flatMap((series) =>
      listTimes(series)
        .filter((seconds) => isRecent(seconds) && !isOfStart(seconds))
        .map((seconds): RecentEvent => {
          const { model = "", version = "" } = series.metric;
          return {
            timeMs: seconds * 1_000,
            kind: "model",
            text: `Loaded ${model} version ${version}`,
            href: toModelLink(model),
          };
        }),
    ),
    ...alerts.flatMap((series) => listAlertEvents(series, range)),
  ].toSorted((a, b) => b.timeMs - a.timeMs);
}

/** Returns the distinct values of a series whose value is a time, in whole seconds. */
function listTimes({ values }: MatrixSeries): readonly number[] {
  return [...new Set(values.map(([, text]) => Math.round(Number(text))))];
}

function describeStart(seconds: number, loads: readonly MatrixSeries[]): string {
  const models = loads
    .filter((series) =>
      listTimes(series).some((time) => time >= seconds - 1 && time - seconds <= START_SECONDS),
    )
    .map(({ metric: { model, version } }) => `${model} version ${version}`);
  return models.length === 0 ? "Server started" : `Server started with ${models.join(", ")}`;
}

/** Returns the begin and the end of each time in which an alert fired; neither for a bound of the range. */
function listAlertEvents(series: MatrixSeries, range: Range): readonly RecentEvent[] {
  const { stepSeconds, startSeconds, endSeconds } = range;
  const times = series.values.map(([time]) => time);
  const name = describeAlert(series.metric);
  const isDrift = (series.metric["alertname"] ?? "").endsWith("Drift");
  return times.flatMap((time, index) => {
    const [previous = -Infinity, next = Infinity] = [times[index - 1], times[index + 1]];
    const isBegin = time - previous > stepSeconds * 1.5 && time - startSeconds > stepSeconds / 2;
    const isEnd = next - time > stepSeconds * 1.5 && endSeconds - time > stepSeconds * 1.5;
    const href = toAlertsLink();
    return [
      ...(isBegin
        ? [
            {
              timeMs: time * 1_000,
              kind: isDrift ? "drift" : "alert",
              text: `${name} fires`,
              href,
            } as const,
          ]
        : []),
      ...(isEnd
        ? [
            {
              timeMs: (time + stepSeconds) * 1_000,
              kind: "end",
              text: `${name} ended`,
              href,
            } as const,
          ]
        : []),
    ];
  });
}

function describeAlert({ alertname = "Alert", feature, output, model }: Labels): string {
  const about = feature ?? output ?? model;
  return about === undefined ? alertname : `${alertname} of ${about}`;
}

import type { Client } from "../prometheus/client.ts";
import type { Panel, Target } from "./dashboard.ts";
import { isForeignSource } from "./data-source.ts";
import { nameTableValues, toInstantFrames, toRangeFrames, type Frame } from "./frames.ts";
import { alignRange, findStep, parseInterval } from "./interval.ts";
import type { TimeRange } from "./time-range.ts";
import { interpolate, toBuiltIns, type Selection } from "./variables.ts";

/** A query as it is sent. */
export interface PlannedQuery {
  readonly target: Target;
  readonly expr: string;
  /** Undefined for an instant query, at `to`. */
  readonly stepMs: number | undefined;
  readonly range: TimeRange;
}

export interface QueryContext {
  readonly range: TimeRange;
  readonly selection: Selection;
  /** Time between two scrapes of the server, in milliseconds. */
  readonly scrapeMs: number;
  /** Minutes west of UTC, as `Date.getTimezoneOffset` returns. */
  readonly zoneMinutes: number;
}

/** Plans the queries of a panel. @param width the panel's, in CSS pixels: its number of points, if it states none */
export function planQueries(
  panel: Panel,
  width: number,
  context: QueryContext,
): readonly PlannedQuery[] {
  const { range, selection, scrapeMs } = context;
  const maxDataPoints = Math.max(1, Math.round(panel.maxDataPoints ?? width));
  const plain = (text: string): string => interpolate(text, selection, {});
  return panel.targets.flatMap((target) => {
    if (target.isHidden || target.expr.trim() === "" || isForeignSource(target.source)) return [];
    const step = findStep({
      range,
      maxDataPoints,
      timeInterval: scrapeMs,
      panelInterval: parseInterval(plain(panel.interval)),
      minStep: parseInterval(plain(target.interval)),
      intervalFactor: target.intervalFactor,
    });
    const legendFormat = interpolate(target.legendFormat, selection, {}, "title");
    const expr = interpolate(target.expr, selection, toBuiltIns(range, step), "expression");
    const both = { expr, target: { ...target, legendFormat, expr } };
    const aligned = alignRange(range, step.stepMs, -context.zoneMinutes * 60_000);
    const isBoth = target.isInstant && target.isRange;
    return [
      ...(target.isRange ? [{ ...both, range: aligned, stepMs: step.stepMs }] : []),
      ...(target.isInstant
        ? [
            {
              ...both,
              target: { ...both.target, refId: isBoth ? `${target.refId}-Instant` : target.refId },
              range,
              stepMs: undefined,
            },
          ]
        : []),
    ];
  });
}

/** The data of a panel. */
export interface PanelReply {
  readonly frames: readonly Frame[];
  /** Series of the replies that were too many, and are not in the frames. */
  readonly omitted: number;
}

/** Sends the queries of a panel and returns their data as frames. @throws ApiError */
export async function runQueries(
  queries: readonly PlannedQuery[],
  client: Client,
  signal: AbortSignal,
): Promise<PanelReply> {
  let omitted = 0;
  const frames = await Promise.all(
    queries.map(async ({ target, expr, stepMs, range }) => {
      if (stepMs === undefined) {
        return toInstantFrames(await client.query(expr, range.to / 1_000, signal), target);
      }
      const result = await client.queryRange(
        expr,
        range.from / 1_000,
        range.to / 1_000,
        stepMs / 1_000,
        signal,
      );
      if (result.resultType === "matrix") omitted += result.omitted ?? 0;
      return toRangeFrames(result, target, { ...range, stepMs });
    }),
  );
  return { frames: nameTableValues(frames.flat()), omitted };
}

import type { Labels, QueryResult } from "../prometheus/client.ts";
import type { AnnotationQuery } from "./annotation-queries.ts";
import { toNumber } from "./frames.ts";

/** A moment, or a region of time. */
export interface Annotation {
  /** Milliseconds. */
  readonly from: number;
  /** The same as `from` for a moment. */
  readonly to: number;
  readonly title: string;
  readonly text: string;
  readonly tags: readonly string[];
  /** Name of Grafana, or a CSS color. */
  readonly colour: string;
}

/**
 * Converts the reply of a range query to annotations: samples above 0 are moments, and those of one series that follow each other
 * within a step are one region.
 */
export function toAnnotations(
  result: QueryResult,
  query: AnnotationQuery,
  stepMs: number,
): readonly Annotation[] {
  if (result.resultType !== "matrix") return [];
  return result.result.flatMap(({ metric, values }) => {
    const fill = (format: string): string => fillLabels(format, metric);
    const about = {
      title: fill(query.titleFormat),
      text: fill(query.textFormat),
      tags: query.tagKeys.flatMap((key) => metric[key] ?? []),
      colour: query.colour,
    };
    const moments = values.flatMap(([seconds, value]) => {
      const number = toNumber(value);
      if (query.usesValueForTime) return Number.isFinite(number) ? [number] : [];
      return number > 0 ? [seconds * 1_000] : [];
    });
    const regions = query.usesValueForTime
      ? [...new Set(moments)].map((at) => ({ from: at, to: at }))
      : joinMoments(moments, stepMs);
    return regions.map((region) => ({ ...about, ...region }));
  });
}

function joinMoments(
  moments: readonly number[],
  stepMs: number,
): readonly { readonly from: number; readonly to: number }[] {
  const regions: { from: number; to: number }[] = [];
  for (const at of moments) {
    const last = regions.at(-1);
    // Times in seconds are not exact.
    if (last !== undefined && at - last.to <= stepMs * 1.01) last.to = at;
    else regions.push({ from: at, to: at });
  }
  return regions;
}

/** Replaces `{{label}}`; the name of an unknown label stays. */
function fillLabels(format: string, metric: Labels): string {
  return format.replaceAll(
    /\{\{\s*(.*?)\s*\}\}/g,
    (_match, label: string) => metric[label] ?? label,
  );
}

import type { Panel } from "../grafana/dashboard.ts";
import { isForeignSource } from "../grafana/data-source.ts";
import { TRANSFORMS } from "../grafana/transform/transform.ts";

/** The panel types that are drawn, by Grafana's name. */
export const DRAWN_TYPES = [
  "timeseries",
  "stat",
  "gauge",
  "bargauge",
  "table",
  "heatmap",
  "histogram",
  "barchart",
  "piechart",
  "state-timeline",
  "status-history",
  "text",
  "alertlist",
  "dashlist",
] as const;

export type DrawnType = (typeof DRAWN_TYPES)[number];

/** A part of a panel that cannot be drawn here. */
export interface Gap {
  readonly kind: "panel type" | "transformation" | "data source";
  readonly name: string;
}

/** Returns the reasons not to draw a panel; none for a panel that is drawn. */
export function listGaps({ type, targets, transformations }: Panel): readonly Gap[] {
  const gaps: Gap[] = [];
  if (!isDrawnType(type)) gaps.push({ kind: "panel type", name: type || "library panel" });
  // A panel of several sources shows what it can.
  if (targets.length > 0 && targets.every(({ source }) => isForeignSource(source))) {
    gaps.push({ kind: "data source", name: targets[0]!.source });
  }
  for (const { id } of transformations) {
    if (!Object.hasOwn(TRANSFORMS, id)) gaps.push({ kind: "transformation", name: id });
  }
  return gaps;
}

export function isDrawnType(type: string): type is DrawnType {
  return (DRAWN_TYPES as readonly string[]).includes(type);
}

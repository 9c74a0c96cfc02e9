import type uPlot from "uplot";
import { withAlpha } from "../components/chart-style.ts";
import type { Annotation } from "../grafana/annotations.ts";
import { resolveColour, type Palette } from "../grafana/colours.ts";

/** Distance to the cursor at which an annotation is meant, in CSS pixels. */
const NEAR_PX = 6;

/** Draws annotations over a chart: a dashed line with a mark at its foot for a moment, a tinted area for a region. */
export function drawAnnotations(
  chart: uPlot,
  annotations: readonly Annotation[],
  palette: Palette,
): void {
  if (annotations.length === 0) return;
  const { ctx, bbox } = chart;
  const pixel = devicePixelRatio;
  const bottom = bbox.top + bbox.height;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { from, to, colour } of annotations) {
    const [left, right] = [from, to].map((time) => chart.valToPos(time / 1_000, "x", true));
    const css = resolveColour(colour, palette);
    ctx.strokeStyle = css;
    ctx.fillStyle = withAlpha(css, 0.1);
    if (right! > left!) ctx.fillRect(left!, bbox.top, right! - left!, bbox.height);
    ctx.fillStyle = css;
    if (right! > left!) ctx.fillRect(left!, bottom - 3 * pixel, right! - left!, 3 * pixel);
    ctx.lineWidth = pixel;
    ctx.setLineDash([4 * pixel, 4 * pixel]);
    for (const x of new Set([left!, right!])) {
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bottom);
      ctx.stroke();
    }
    ctx.beginPath();
    ctx.moveTo(left! - 4 * pixel, bottom);
    ctx.lineTo(left! + 4 * pixel, bottom);
    ctx.lineTo(left!, bottom - 6 * pixel);
    ctx.fill();
  }
  ctx.restore();
}

/** Returns the annotations at the cursor of a chart. */
export function findAnnotations(
  chart: uPlot,
  annotations: readonly Annotation[],
): readonly Annotation[] {
  const { left = -1 } = chart.cursor;
  if (left < 0) return [];
  return annotations.filter(({ from, to }) => {
    const [start, end] = [from, to].map((time) => chart.valToPos(time / 1_000, "x"));
    return left >= start! - NEAR_PX && left <= end! + NEAR_PX;
  });
}

import type uPlot from "uplot";

/** An event at a point in time, drawn as a vertical line with a label. */
export interface ChartMark {
  /** In the unit of x. */
  readonly at: number;
  readonly text: string;
  /** True for a line without a label. */
  readonly quiet: boolean;
}

interface MarkColours {
  readonly line: string;
  readonly text: string;
  readonly background: string;
}

/** Draws marks over a chart. A label that would overlap the previous one is left out; its line stays. */
export function drawMarks(chart: uPlot, marks: readonly ChartMark[], colours: MarkColours): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  const { min, max } = chart.scales["x"] ?? {};
  if (min === undefined || max === undefined || min === null || max === null) return;
  ctx.save();
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = "top";
  ctx.textAlign = "left";
  ctx.lineWidth = ratio;
  let free = -Infinity;
  for (const mark of marks) {
    if (mark.at < min || mark.at > max) continue;
    const x = Math.round(chart.valToPos(mark.at, "x", true)) + ratio / 2;
    ctx.strokeStyle = colours.line;
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    if (mark.quiet) continue;
    const width = ctx.measureText(mark.text).width + 8 * ratio;
    const isAtEnd = x + width > bbox.left + bbox.width;
    const left = isAtEnd ? x - width - 2 * ratio : x + 2 * ratio;
    if (left < free) continue;
    ctx.fillStyle = colours.background;
    ctx.fillRect(left, bbox.top, width, 15 * ratio);
    ctx.fillStyle = colours.text;
    ctx.fillText(mark.text, left + 4 * ratio, bbox.top + 2 * ratio);
    free = left + width;
  }
  ctx.restore();
}

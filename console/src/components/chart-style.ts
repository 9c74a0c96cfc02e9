/** Parts of all charts: the library that draws them, and the look of axes and fills. */
import type uPlot from "uplot";

/** Loads the library with the first chart. */
export async function loadUplot(): Promise<typeof uPlot> {
  return (await import("uplot")).default;
}

export const CHART_FONT = '11.5px system-ui, -apple-system, "Segoe UI", sans-serif';

/** @param colour returns a custom property of the theme, for example `--line` */
export function toAxisStyle(colour: (name: string) => string) {
  return {
    stroke: colour("--ink-3"),
    font: CHART_FONT,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    gap: 6,
  } satisfies uPlot.Axis;
}

export function withAlpha(colour: string, alpha: number): string {
  return `color-mix(in srgb, ${colour} ${alpha * 100}%, transparent)`;
}

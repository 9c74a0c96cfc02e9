import type { GridPosition } from "../grafana/dashboard.ts";

/** Moves panels up to where they do not overlap the ones before, and returns their places from row 0 on. */
export function placePanels<Item extends { readonly grid: GridPosition }>(
  panels: readonly Item[],
): ReadonlyMap<Item, GridPosition> {
  const placed = new Map<Item, GridPosition>();
  const sorted = panels.toSorted((a, b) => a.grid.y - b.grid.y || a.grid.x - b.grid.x);
  /** The first free row of each column. */
  const free = Array.from({ length: 24 }, () => 0);
  for (const panel of sorted) {
    const w = Math.min(Math.max(panel.grid.w, 1), 24);
    const x = Math.min(Math.max(panel.grid.x, 0), 24 - w);
    const h = Math.max(panel.grid.h, 1);
    const y = Math.max(...free.slice(x, x + w));
    free.fill(y + h, x, x + w);
    placed.set(panel, { x, y, w, h });
  }
  return placed;
}

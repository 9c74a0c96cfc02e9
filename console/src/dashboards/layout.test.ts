import { describe, expect, it } from "vitest";
import { parseDashboard } from "../grafana/dashboard.ts";
import { placePanels } from "./layout.ts";

describe("the places of panels", () => {
  it("float up to the panels above them", () => {
    const { panels } = parseDashboard({
      panels: [
        [0, 10, 12, 4],
        [12, 10, 12, 8],
        [0, 30, 6, 4],
        [12, 40, 24, 2],
      ].map(([x, y, w, h]) => ({ type: "stat", gridPos: { x, y, w, h } })),
    });
    expect([...placePanels(panels).values()]).toEqual([
      { x: 0, y: 0, w: 12, h: 4 },
      { x: 12, y: 0, w: 12, h: 8 },
      { x: 0, y: 4, w: 6, h: 4 },
      { x: 0, y: 8, w: 24, h: 2 },
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { parseDashboard } from "./dashboard.ts";
import { fillPanel } from "./fill-panel.ts";

describe("the strings of a panel", () => {
  it("get the values of variables, except URLs", () => {
    const { panels } = parseDashboard({
      panels: [
        {
          type: "text",
          title: "On $node",
          options: { content: "# $node", nested: [{ text: "$node" }], size: 3 },
          fieldConfig: {
            defaults: { displayName: "$node", links: [{ url: "/d/x?var-node=$node" }] },
            overrides: [
              {
                matcher: { id: "byName", options: "a" },
                properties: [{ id: "displayName", value: "$node a" }],
              },
            ],
          },
          transformations: [{ id: "renameByRegex", options: { renamePattern: "$node $1" } }],
        },
      ],
    });
    const filled = fillPanel(panels[0]!, (text) => text.replaceAll("$node", "n1"));
    expect(filled).toMatchObject({
      title: "On n1",
      options: { content: "# n1", nested: [{ text: "n1" }], size: 3 },
      defaults: { displayName: "n1", links: [{ url: "/d/x?var-node=$node" }] },
      overrides: [{ properties: [{ value: "n1 a" }] }],
      transformations: [{ options: { renamePattern: "n1 $1" } }],
    });
  });

  it("stay in the same panel if none has a variable, which then is not drawn again", () => {
    const { panels } = parseDashboard({ panels: [{ type: "text", title: "Rows" }] });
    expect(fillPanel(panels[0]!, (text) => `${text}!`)).toBe(panels[0]);
  });
});

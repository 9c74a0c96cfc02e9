import { describe, expect, it } from "vitest";
import { toRatios } from "./ratios.ts";

const script = {
  path: "loadtest.ts",
  has_shape: false,
  thresholds: [],
  user_classes: [
    {
      name: "Visitor",
      weight: 3,
      host: null,
      tasks: [
        { name: "predict", weight: 3, tags: ["model"] },
        { name: "health", weight: 1, tags: [] },
      ],
    },
    { name: "Batch", weight: 1, host: null, tasks: [{ name: "batch", weight: 2, tags: ["slow"] }] },
  ],
};
const all = { user_classes: [], tags: [], exclude_tags: [] };

describe("shares of tasks", () => {
  it("follow the weights, within the class and in total", () => {
    expect(toRatios(script, all)).toEqual([
      {
        name: "Visitor",
        share: 0.75,
        tasks: [
          { name: "predict", share: 0.75, total: 0.5625 },
          { name: "health", share: 0.25, total: 0.1875 },
        ],
      },
      { name: "Batch", share: 0.25, tasks: [{ name: "batch", share: 1, total: 0.25 }] },
    ]);
  });

  it("exclude classes and tasks that are not selected", () => {
    expect(toRatios(script, { ...all, user_classes: ["Batch"] })).toMatchObject([
      { name: "Batch", share: 1 },
    ]);
    expect(toRatios(script, { ...all, tags: ["model"] })).toEqual([
      { name: "Visitor", share: 1, tasks: [{ name: "predict", share: 1, total: 1 }] },
    ]);
    expect(toRatios(script, { ...all, exclude_tags: ["slow"] })).toHaveLength(1);
    expect(toRatios(script, { ...all, tags: ["none"] })).toEqual([]);
  });
});

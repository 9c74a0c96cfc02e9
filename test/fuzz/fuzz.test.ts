import { describe, expect, it } from "vitest";
import { TARGETS } from "./targets.ts";

/** A short run for every change; `npm run fuzz` is longer. The required results show that a target reaches its depths. */
const RUNS: Readonly<Record<string, readonly [runs: number, least: Record<string, number>]>> = {
  onnx: [400, { accepted: 50, damaged: 100, unsupported: 5 }],
  decode: [200, { accepted: 100, rejected: 100 }],
  csv: [150, { same: 150, tables: 20, usable: 100, rejected: 20 }],
  "row-stream": [100, { predicted: 50, bad: 100, rejected: 5, stopped: 5, cuts: 50 }],
  "model-files": [100, { accepted: 10, damaged: 30 }],
  train: [40, { trained: 10, refused: 5 }],
  import: [50, { imported: 5, withData: 1 }],
  rules: [
    1_000,
    { expanded: 200, failed: 50, rejectedTemplates: 100, read: 20, rejectedFiles: 100 },
  ],
  promql: [150, { parsed: 200, refused: 150, answered: 300, failed: 2, agreed: 50 }],
  "promql-growth": [30, { answered: 15, tooLarge: 8, failed: 2 }],
  http: [30, { connections: 40 }],
  "raw-http": [60, { accepted: 5, rejected: 20 }],
  roads: [80, { connections: 60, replies: 100, fast: 25 }],
  "heavy-json": [3, { rejected: 6 }],
};

describe("odd and hostile inputs do no harm to", () => {
  it.each(Object.entries(TARGETS))("%s", async (name, { fuzz }) => {
    const [runs, least] = RUNS[name] ?? [1, {}];
    const counts: Record<string, unknown> = { ...(await fuzz(runs, 1)) };
    const tooFew = Object.entries(least).filter(
      ([what, number]) => !(Number(counts[what]) >= number),
    );
    expect(tooFew).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { limitSeries, MAX_SERIES } from "./limit-series.ts";

const reply = (resultType: string, count: number) => ({
  status: "success",
  data: {
    resultType,
    result: Array.from({ length: count }, (_each, index) => ({
      metric: { index: String(index) },
      values: [[1, "2"] as const],
    })),
  },
});

describe("a reply with too many series", () => {
  it("keeps the first ones and states how many it omits", () => {
    const limited = limitSeries(reply("matrix", MAX_SERIES + 7));
    expect(limited).toMatchObject({ status: "success", data: { omitted: 7 } });
    expect(limited.data?.result).toHaveLength(MAX_SERIES);
    expect(limited.data?.result?.at(-1)).toMatchObject({
      metric: { index: String(MAX_SERIES - 1) },
    });
  });

  it("is unchanged with as many as the limit, or in another result", () => {
    for (const other of [
      reply("matrix", MAX_SERIES),
      reply("vector", MAX_SERIES + 1),
      { status: "success", data: {} },
    ]) {
      expect(limitSeries(other)).toBe(other);
    }
  });
});

import { describe, expect, it } from "vitest";
import { createRandom } from "../../kernel/random.ts";
import { toBody } from "./demo-traffic.ts";

describe("the demo traffic", () => {
  it("leaves strings, truth values and integers as they are", () => {
    const row = { color: "red", paid: true, level: 3, x: null };
    expect(toBody(row, 1, createRandom(1), new Set(["level"]))).toEqual(row);
  });

  it("has an outlier and an invalid row now and then", () => {
    const random = createRandom(7);
    const bodies = Array.from({ length: 99 }, (_, i) => toBody({ a: 5, b: null }, i + 1, random));
    expect(bodies.filter((body) => Object.keys(body).length === 0)).toHaveLength(3);
    const values = bodies.flatMap(({ a }) => (typeof a === "number" ? [a] : []));
    expect(values.filter((value) => value > 50)).toHaveLength(4);
    expect(values.filter((value) => Math.abs(value - 5) <= 0.05)).toHaveLength(values.length - 4);
    expect(new Set(values).size).toBe(values.length);
    expect(bodies[0]!["b"]).toBeNull();
  });
});

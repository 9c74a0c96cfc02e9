import { describe, expect, it } from "vitest";
import { createRateCounter } from "./rate-count.ts";

describe("a rate counter", () => {
  it("counts each key within one second from its first request", () => {
    let seconds = 5;
    const count = createRateCounter({ nowMs: () => 0, monotonicSeconds: () => seconds });
    expect([count("a"), count("a"), count("b")].map(({ current }) => current)).toEqual([1, 2, 1]);
    seconds = 5.75;
    expect(count("a")).toEqual({ current: 3, ttl: 250 });
    expect(count("c").current).toBe(1);
    seconds = 6;
    expect(count("a")).toEqual({ current: 1, ttl: 1_000 });
    expect(count("c").current).toBe(2);
    seconds = 6.75;
    expect(count("c").current).toBe(1);
    expect(count("a").current).toBe(2);
  });

  it("drops only the client whose window began first when there are too many clients", () => {
    const count = createRateCounter({ nowMs: () => 0, monotonicSeconds: () => 5 });
    for (let i = 0; i <= 10_001; i++) count(`client ${i}`);
    expect(count("client 10001").current).toBe(2);
    expect(count("client 5000").current).toBe(2);
    expect(count("client 0").current).toBe(1);
  });
});

import { afterEach, describe, expect, it } from "vitest";
import { compareClocks, nowMs, readClockOffset } from "./server-clock.ts";

describe("the server's clock", () => {
  afterEach(() => compareClocks(0, 0, 0));

  it("is followed if the browser's differs by more than the network explains", () => {
    compareClocks(1_000_000, 400_000, 400_100);
    expect(readClockOffset()).toBe(599_950);
    expect(nowMs() - Date.now()).toBeGreaterThan(599_000);
    compareClocks(400_900, 400_000, 400_100);
    expect(readClockOffset()).toBe(0);
    // A reply that took ten seconds may be from any moment of them.
    compareClocks(406_900, 400_000, 410_000);
    expect(readClockOffset()).toBe(0);
    compareClocks(392_000, 400_000, 400_000);
    expect(readClockOffset()).toBe(-8_000);
  });
});

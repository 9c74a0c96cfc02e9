import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { createInFlight } from "./in-flight.ts";
import { createOverload, type Overload } from "./overload.ts";

describe("the lag of the event loop", () => {
  let now = 0;
  let overload: Overload;

  beforeEach(() => {
    vi.useFakeTimers();
    now = 100;
    overload = createOverload({ maxInFlight: 10, maxEventLoopLag: 0.1 }, createInFlight(), {
      ...systemClock,
      monotonicSeconds: () => now,
    });
  });
  afterEach(() => {
    overload.close();
    vi.useRealTimers();
  });

  /** Lets this time pass, after which the timer of the measurement runs once. */
  function pass(seconds: number): void {
    now += seconds;
    vi.advanceTimersByTime(50);
  }

  it("that a server's own start causes rejects nothing, before it listens and until a timer is on time", () => {
    now += 30;
    expect(overload.reason()).toBeNull();
    overload.start();
    now += 0.5;
    expect(overload.reason()).toBeNull();
    pass(0.4);
    expect(overload.reason()).toBeNull();
    pass(0.05);
    expect(overload.reason()).toBeNull();
  });

  it("rejects work after the start, while the loop is blocked and until a timer is on time", () => {
    overload.start();
    pass(0.05);
    now += 0.2;
    expect(overload.reason()).toBe("event_loop");
    pass(0);
    expect(overload.reason()).toBe("event_loop");
    pass(0.05);
    expect(overload.reason()).toBeNull();
  });

  it("rejects work five seconds after the start at the latest, if no timer is on time", () => {
    overload.start();
    for (let i = 0; i < 4; i++) pass(1);
    expect(overload.reason()).toBeNull();
    for (let i = 0; i < 2; i++) pass(1);
    expect(overload.reason()).toBe("event_loop");
  });
});

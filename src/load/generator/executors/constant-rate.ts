import type { Arrivals } from "./arrivals.ts";

/** @param rate arrivals per second; 0: none */
export function createConstantRate(rate: number): Arrivals {
  return { dueAt: (count) => (rate > 0 ? count / rate : Infinity) };
}

import { describe, expect, it } from "vitest";
import { soak } from "./soak.ts";
import { findGrowth, findMiscounts, toTrend, type Sample } from "./verdict.ts";

describe("a server under every kind of traffic", () => {
  it("answers as it must, counts it, and keeps nothing open; `npm run soak` has the patience", async () => {
    const reports: number[] = [];
    const { tally, samples, reloads, faults } = await soak({
      seconds: 10,
      reportEvery: 4,
      onReport: ({ inFlight }) => void reports.push(inFlight),
    });
    expect(faults).toEqual([]);
    expect([...tally.replies.keys()].toSorted((a, b) => a - b)).toEqual([
      200, 400, 401, 403, 404, 405, 413, 415, 422,
    ]);
    expect(Math.min(...tally.replies.values())).toBeGreaterThan(5);
    expect(tally.vanished).toBeGreaterThan(20);
    expect(reloads).toBeGreaterThan(2);
    expect(samples.length).toBeGreaterThan(5);
    expect(reports.length).toBeGreaterThan(0);
  });
});

describe("the verdict", () => {
  const take = (residentBytes: (i: number) => number, descriptors: (i: number) => number) =>
    Array.from({ length: 300 }, (_, i): Sample => {
      return { seconds: i, residentBytes: residentBytes(i), descriptors: descriptors(i) };
    });
  const warmUp = (i: number): number => 200e6 - 100e6 * Math.exp(-i / 20) + 5e6 * Math.sin(i);

  it("passes a warm-up and noise", () => {
    expect(findGrowth(take(warmUp, (i) => 80 + 10 * Math.sin(i)))).toEqual([]);
  });

  it("sees memory and descriptors that grow", () => {
    expect(findGrowth(take((i) => warmUp(i) + 0.5e6 * i, Math.abs))).toEqual([
      expect.stringMatching(/^resident memory grew by \d+ MB/),
      expect.stringMatching(/^\d+ more descriptors/),
    ]);
  });

  it("measures a line's change over the part that it looks at", () => {
    const points = Array.from({ length: 90 }, (_, i) => [i, 3 * i + 7] as const);
    expect(toTrend(points).line).toBeCloseTo(3 * 59);
    expect(toTrend(points).step).toBeCloseTo(3 * 40);
  });

  it("sees a request that was not counted, and one that was never sent", () => {
    const metrics = (ok: number): string =>
      `api_requests_total{method="GET",route="/",status="200"} ${ok}\n` +
      'api_requests_total{method="POST",route="/",status="200"} 1\n' +
      'api_requests_total{method="POST",route="/",status="499"} 2\n';
    const replies = new Map([[200, 10]]);
    expect(findMiscounts(replies, 3, metrics(9))).toEqual([]);
    expect(findMiscounts(replies, 3, metrics(8))).toEqual([
      "1 replies with status 200 are missing in api_requests_total",
    ]);
    expect(findMiscounts(replies, 3, metrics(11))).toEqual([
      "api_requests_total has 1 requests that nobody sent",
    ]);
  });
});

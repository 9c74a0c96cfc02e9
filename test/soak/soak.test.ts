import { describe, expect, it } from "vitest";
import { soak } from "./soak.ts";
import { findGrowth, findMiscounts, toTrend, type ServerSample } from "./verdict.ts";

describe("a server under every kind of traffic", () => {
  it("sends the expected replies, counts them, and leaks nothing; `npm run soak` runs for longer", async () => {
    const reports: number[] = [];
    const { tally, samples, reloads, problems } = await soak({
      seconds: 10,
      reportEvery: 4,
      onReport: ({ inFlight }) => void reports.push(inFlight),
    });
    expect(problems).toEqual([]);
    expect([...tally.replies.keys()].toSorted((a, b) => a - b)).toEqual([
      200, 400, 401, 403, 404, 405, 413, 415, 422,
    ]);
    // On a busy machine ten seconds are few requests.
    expect(tally.vanished).toBeGreaterThan(0);
    expect(reloads).toBeGreaterThan(0);
    expect(samples.length).toBeGreaterThan(0);
    expect(reports.length).toBeGreaterThan(0);
  });
});

describe("the verdict", () => {
  /** Ten minutes of samples, in which the heap fills with 100 MB of garbage before each collection. */
  const take = (change: (i: number) => Partial<ServerSample>): ServerSample[] =>
    Array.from({ length: 600 }, (_, i) => {
      const garbage = 1e6 * (i % 100);
      const resident = 100e6 - 50e6 * Math.exp(-i / 20) + 5e6 * Math.sin(i);
      const sample = {
        seconds: i,
        heapBytes: 40e6 + garbage,
        heapTotalBytes: 60e6 + garbage,
        residentBytes: 60e6 + garbage + resident,
        descriptors: 80 + 10 * Math.sin(i),
      };
      return { ...sample, ...change(i) };
    });

  it("passes a warm-up, garbage and noise", () => {
    expect(findGrowth(take(() => ({})))).toEqual([]);
  });

  it("finds growth of the heap, other memory and descriptors", () => {
    const heapBytes = (i: number): number => 40e6 + 1e6 * (i % 100) + 0.2e6 * i;
    expect(findGrowth(take((i) => ({ heapBytes: heapBytes(i) })))).toEqual([
      expect.stringMatching(/^the heap after collections grew by \d+ MB/),
    ]);
    expect(findGrowth(take((i) => ({ residentBytes: 300e6 + 0.3e6 * i })))).toEqual([
      expect.stringMatching(/^memory outside of the heap grew by \d+ MB/),
    ]);
    expect(findGrowth(take((i) => ({ descriptors: i })))).toEqual([
      expect.stringMatching(/^\d+ more descriptors/),
    ]);
  });

  it("measures the change of a line after the warm-up", () => {
    const points = Array.from({ length: 90 }, (_, i) => [i, 3 * i + 7] as const);
    expect(toTrend(points).line).toBeCloseTo(3 * 59);
    expect(toTrend(points).step).toBeCloseTo(3 * 40);
  });

  it("finds a request that was not counted, and one that was never sent", () => {
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
      "api_requests_total has 1 requests that no client sent",
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { createMetrics } from "./create-metrics.ts";
import { exposeProcessMetric, writeExposition } from "./exposition.ts";
import type { Metrics } from "./metrics.ts";

const clock = { nowMs: () => 1_700_000_000_500, monotonicSeconds: () => 100 };

function record(): Metrics {
  const metrics = createMetrics({ process: false, clock });
  metrics.apiRequests.add(metrics.apiRequests.open(["GET", 'a"\\\n', "200"]), 3);
  const slot = metrics.apiRequestLatency.open(["POST", "/predict", "200"]);
  metrics.apiRequestLatency.observe(slot, 0.002, "first", 98);
  metrics.apiRequestLatency.observe(slot, 0.0021, "second", 99);
  metrics.apiRequestLatency.observe(slot, 0.9, "x".repeat(119), 99);
  metrics.featureBin.open(["iris", "1", "petal_width", "01"]);
  metrics.modelLoaded.set(metrics.modelLoaded.open(["iris", "1"]), Number.NaN);
  return metrics;
}

/** The lines about a metric. */
function linesOf(text: string, name: string): string[] {
  return text.split("\n").filter((line) => line.replace(/^# [A-Z]+ /, "").startsWith(name));
}

describe("the text format", () => {
  it("escapes label values, and has neither exemplars nor times of creation", async () => {
    const text = await record().render();
    expect(linesOf(text, "api_requests_total")[2]).toBe(
      String.raw`api_requests_total{method="GET",route="a\"\\\n",status="200"} 3`,
    );
    expect(text).not.toMatch(/_created\{|request_id|# EOF|# UNIT/);
    expect(linesOf(text, "model_loaded_timestamp_seconds").at(-1)).toMatch(/\} NaN$/);
  });
});

describe("OpenMetrics", () => {
  it("names counters without their suffix, and has the time of creation", async () => {
    const text = await record().render("openmetrics");
    expect(linesOf(text, "api_requests")).toEqual([
      "# TYPE api_requests counter",
      expect.stringMatching(/^# HELP api_requests Total/),
      String.raw`api_requests_total{method="GET",route="a\"\\\n",status="200"} 3`,
      String.raw`api_requests_created{method="GET",route="a\"\\\n",status="200"} 1700000000.5`,
      "# TYPE api_requests_in_flight gauge",
      expect.stringMatching(/^# HELP api_requests_in_flight/),
    ]);
    expect(text.endsWith("\n# EOF\n")).toBe(true);
    // There may be 100,000 of them.
    expect(text).not.toContain("model_feature_bin_created");
  });

  it("names the last request of a bucket, if its id is short enough", async () => {
    const lines = linesOf(await record().render("openmetrics"), "api_request_latency_seconds");
    expect(lines.slice(0, 2)).toEqual([
      "# TYPE api_request_latency_seconds histogram",
      "# UNIT api_request_latency_seconds seconds",
    ]);
    expect(lines.filter((line) => line.includes(" # "))).toEqual([
      'api_request_latency_seconds_bucket{method="POST",route="/predict",status="200",le="0.0025"} 2 # {request_id="second"} 0.0021 1699999999.5',
    ]);
    expect(lines.at(-2)).toMatch(/_count\{.*\} 3$/);
    expect(lines.at(-1)).toMatch(/_created\{.*\} 1700000000.5$/);
    expect(lines.find((line) => line.includes('le="1.0"'))).toMatch(/ 3$/);
  });

  it("keeps the later exemplar of two processes", async () => {
    const [one, two] = [record(), record()];
    const slot = two.apiRequestLatency.open(["POST", "/predict", "200"]);
    two.apiRequestLatency.observe(slot, 0.0022, "later", 99.5);
    two.apiRequestLatency.observe(slot, 0.2, "other", 99.5);
    for (const [ours, theirs] of [
      [one, two],
      [two, one],
    ] as const) {
      const all = createMetrics({ process: false, clock });
      all.absorb(ours.snapshot(), "all");
      all.absorbExemplars(ours.exemplars());
      all.absorbExemplars(theirs.exemplars());
      expect(all.exemplars().map(([, , , { requestId }]) => requestId)).toEqual(["later", "other"]);
    }
  });

  it("keeps the samples of each label set together", () => {
    const sample = (kind: string, metricName: string) => ({
      metricName,
      labels: metricName === "g_bucket" ? { le: 1, kind } : { kind },
      value: 1,
    });
    const values = ["g_bucket", "g_sum", "g_count"].flatMap((name) =>
      ["a", "b"].map((kind) => sample(kind, name)),
    );
    const metric = exposeProcessMetric({ name: "g", help: "h", type: "histogram", values });
    expect(linesOf(writeExposition([metric], "openmetrics"), "g").slice(2)).toEqual([
      'g_bucket{le="1.0",kind="a"} 1',
      'g_sum{kind="a"} 1',
      'g_count{kind="a"} 1',
      'g_bucket{le="1.0",kind="b"} 1',
      'g_sum{kind="b"} 1',
      'g_count{kind="b"} 1',
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { parse } from "../../../src/promql/syntax/parser.ts";
import { suggestExamples } from "./examples.ts";

const METADATA = {
  hits_total: [{ type: "counter", help: "" }],
  delay_seconds: [{ type: "histogram", help: "" }],
  queue_length: [{ type: "gauge", help: "" }],
};
const NAMES = ["delay_seconds_bucket", "hits_total", "queue_length"];

describe("the examples", () => {
  it("are those whose metrics the server has", () => {
    const names = [
      "up",
      "api_requests_total",
      "model_predictions_total",
      "scrape_duration_seconds",
    ];
    const texts = suggestExamples(names, {}).map(({ text }) => text);
    expect(texts).toContain("Predictions per second by class");
    expect(texts).not.toContain("CPU use of each machine");
    expect(texts).not.toContain("95th percentile of the latency");
  });

  it("are made from the server's own metrics if it has few of the known ones", () => {
    expect(suggestExamples(NAMES, METADATA).map(({ expression }) => expression)).toEqual([
      "rate(hits_total[5m])",
      "histogram_quantile(0.95, sum by (le) (rate(delay_seconds_bucket[5m])))",
      "avg_over_time(queue_length[1h])",
      'topk(10, count by (__name__) ({__name__!=""}))',
    ]);
    expect(suggestExamples([], {}).length).toBe(1);
  });

  it("are valid", () => {
    const names = [
      ...NAMES,
      "up",
      "api_requests_total",
      "api_request_latency_seconds_bucket",
      "node_cpu_seconds_total",
      "node_memory_MemAvailable_bytes",
      "node_memory_MemTotal_bytes",
    ];
    const examples = suggestExamples(names, METADATA);
    expect(examples.length).toBeGreaterThan(5);
    for (const { expression } of examples) expect(parse(expression).kind).not.toBe("number");
  });
});

import { expect, it } from "vitest";
import { METRICS, PROCESS_METRICS } from "../metrics/names.ts";
import { createLabels } from "../series/labels.ts";
import { toSeriesKind } from "./series-kind.ts";

const kindOf = (name: string, labels: Record<string, string> = {}) =>
  toSeriesKind(createLabels({ __name__: name, job: "tepal", ...labels }));

it("Tepal's metrics are essential, but those of the bins of features", () => {
  for (const declaration of Object.values(METRICS)) {
    const { name, type } = declaration;
    const suffixes = type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    const labels: readonly string[] = declaration.labels;
    const kind = labels.includes("feature") ? "drift" : "essential";
    for (const suffix of suffixes) expect([name, kindOf(name + suffix)]).toEqual([name, kind]);
  }
  for (const name of Object.values(PROCESS_METRICS)) expect(kindOf(name)).toBe("essential");
});

it.each([
  ["up", {}, "report"],
  ["scrape_samples_scraped", {}, "report"],
  ["job:api_requests:rate5m", {}, "essential"],
  ["model_feature:distance:increase5m", { feature: "a" }, "drift"],
  ["model_output:distance:increase5m", { output: "prediction" }, "essential"],
  ["ALERTS", { alertname: "ModelNotLoaded" }, "essential"],
  ["ALERTS_FOR_STATE", { alertname: "FeatureDrift", feature: "a" }, "drift"],
  ["node_cpu_seconds_total", {}, "other"],
  ["shop_orders_total", { feature: "gift" }, "other"],
  ["upper", {}, "other"],
] as const)("%s with %j is of the kind %s", (name, labels, kind) => {
  expect(kindOf(name, labels)).toBe(kind);
});

import { AnnotationQueryBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { METRICS } from "../../src/metrics/names.ts";
import { DATASOURCE } from "./datasource.ts";
import { SCRAPE } from "./external-metrics.ts";
import { ofAlerts, ofModel } from "./queries.ts";

/** Queries of the events that are marked on every graph. */
export const ANNOTATIONS = {
  /**
   * The value of the metric is the time of the event. `changes()` would miss the first load of a version and be one scrape
   * late.
   */
  modelLoads: `max by (model, version) (${ofModel(METRICS.modelLoaded.name)}) * 1000`,
  alerts: ofAlerts(SCRAPE.alerts, 'alertstate="firing"'),
} as const;

export function toAnnotations(): AnnotationQueryBuilder[] {
  return [
    new AnnotationQueryBuilder()
      .name("Model loads")
      .datasource(DATASOURCE)
      .enable(true)
      .iconColor("blue")
      .expr(ANNOTATIONS.modelLoads)
      .useValueForTime(true)
      .titleFormat("Model loaded")
      .textFormat("{{model}} version {{version}}"),
    new AnnotationQueryBuilder()
      .name("Firing alerts")
      .datasource(DATASOURCE)
      .enable(true)
      .iconColor("red")
      .expr(ANNOTATIONS.alerts)
      .titleFormat("{{alertname}}")
      .textFormat("{{severity}} {{instance}} {{model}} {{feature}}")
      .tagKeys("severity"),
  ];
}

import { AnnotationQueryBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { METRICS } from "../../src/metrics/names.ts";
import { DATASOURCE } from "./datasource.ts";
import { SCRAPE } from "./exporters.ts";
import { ofModel } from "./queries.ts";

/** What happened, across all graphs of a dashboard. */
export const ANNOTATIONS = {
  /**
   * The metric's value is the time of the event. Counting its changes would miss a version that is loaded for the first
   * time, and be late by a scrape.
   */
  modelLoads: `max by (model, version) (${ofModel(METRICS.modelLoaded.name)}) * 1000`,
  /** The watchdog fires all the time: that is what it is for. */
  alerts: `${SCRAPE.alerts}{alertstate="firing", alertname!="Watchdog"}`,
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

import { Registry } from "@prometheus-io/client";
import {
  createHistogramFamily,
  createValueFamily,
  type Family,
  type HistogramFamily,
  type ValueFamily,
} from "./family.ts";
import { METRICS, type HistogramDeclaration, type MetricDeclaration } from "./names.ts";
import { renderProcessMetrics } from "./process-metrics.ts";

/**
 * The measurements of one server. Rooms above open series in the families and record into them;
 * `render` gives what a scrape gets. There is no global registry: two servers in one process do not mix.
 */
export type Metrics = {
  readonly [K in keyof typeof METRICS]: (typeof METRICS)[K] extends HistogramDeclaration
    ? HistogramFamily
    : ValueFamily;
} & {
  /** Runs before each scrape, for values that are computed only when somebody looks. */
  beforeRender(update: () => void): void;
  /** The Prometheus text format, version 0.0.4. */
  render(): Promise<string>;
  readonly contentType: string;
};

/**
 * @param options.process also exposes the process's and Node.js's own metrics (default true)
 */
export function createMetrics(options: { readonly process?: boolean } = {}): Metrics {
  const registry = new Registry(Registry.PROMETHEUS_CONTENT_TYPE);
  const updates: (() => void)[] = [];

  const seriesDropped = createValueFamily(METRICS.seriesDropped, () => {});
  const onDropped = (metric: string): void => seriesDropped.add(seriesDropped.open([metric]), 1);
  const value = (declaration: MetricDeclaration): ValueFamily =>
    register(registry, createValueFamily(declaration, onDropped));
  const histogram = (declaration: HistogramDeclaration): HistogramFamily =>
    register(registry, createHistogramFamily(declaration, onDropped));

  const metrics: Metrics = {
    apiRequests: value(METRICS.apiRequests),
    apiRequestLatency: histogram(METRICS.apiRequestLatency),
    apiRequestsInFlight: value(METRICS.apiRequestsInFlight),
    apiRequestSize: histogram(METRICS.apiRequestSize),
    apiResponseSize: histogram(METRICS.apiResponseSize),
    apiUniqueClients: value(METRICS.apiUniqueClients),
    apiConnectionErrors: value(METRICS.apiConnectionErrors),
    apiAuthFailures: value(METRICS.apiAuthFailures),
    apiOverload: value(METRICS.apiOverload),
    predictions: value(METRICS.predictions),
    classReferenceRatio: value(METRICS.classReferenceRatio),
    inferenceDuration: histogram(METRICS.inferenceDuration),
    batchRows: histogram(METRICS.batchRows),
    confidence: histogram(METRICS.confidence),
    outOfDistribution: value(METRICS.outOfDistribution),
    pValue: histogram(METRICS.pValue),
    featureBin: value(METRICS.featureBin),
    featureReferenceRatio: value(METRICS.featureReferenceRatio),
    inputErrors: value(METRICS.inputErrors),
    modelInfo: value(METRICS.modelInfo),
    modelDefault: value(METRICS.modelDefault),
    modelLoaded: value(METRICS.modelLoaded),
    modelLoads: value(METRICS.modelLoads),
    eventLoopActive: value(METRICS.eventLoopActive),
    seriesDropped: register(registry, seriesDropped),
    beforeRender: (update) => void updates.push(update),
    async render() {
      for (const update of updates) update();
      const own = await registry.metrics();
      return (options.process ?? true) ? `${own}\n${await renderProcessMetrics()}` : own;
    },
    contentType: registry.contentType,
  };
  const active = metrics.eventLoopActive.open([]);
  metrics.beforeRender(() => {
    metrics.eventLoopActive.set(active, performance.eventLoopUtilization().active / 1_000);
  });
  return metrics;
}

/**
 * What the client library needs of a metric. Its types name only its own classes, though it takes any
 * object with these members (it registers such objects itself when it aggregates a cluster).
 */
interface RegistryOfFamilies {
  registerMetric(metric: {
    readonly name?: string;
    readonly aggregator?: string;
    get(): Promise<object>;
    reset(): void;
  }): void;
}

function register<F extends Family>(registry: RegistryOfFamilies, family: F): F {
  const { name, help, type } = family.declaration;
  const aggregator = "aggregator" in family.declaration ? family.declaration.aggregator : "sum";
  registry.registerMetric({
    name,
    aggregator,
    get: async () => ({ name, help, type, aggregator, values: family.samples() }),
    reset: () => family.reset(),
  });
  return family;
}

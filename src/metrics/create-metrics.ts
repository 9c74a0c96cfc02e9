import { Registry } from "@prometheus-io/client";
import { Arena } from "./arena.ts";
import { createHistogramFamily, createValueFamily } from "./family.ts";
import type { Family, HistogramFamily, Metrics, MetricsOptions, ValueFamily } from "./metrics.ts";
import { METRICS, type HistogramDeclaration, type MetricDeclaration } from "./names.ts";
import { renderProcessMetrics } from "./process-metrics.ts";
import { registerFamily } from "./register-family.ts";
import { createSaver, listFamilies } from "./saved-metrics.ts";

export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry(Registry.PROMETHEUS_CONTENT_TYPE);
  const updates: (() => void)[] = [];
  const arena = new Arena();
  const families = new Map<string, Family>();
  /** Names of the application's families. Other processes need their declarations. */
  const added = new Set<string>();

  function register<F extends Family>(family: F): F {
    families.set(family.declaration.name, family);
    registerFamily(registry, family);
    return family;
  }
  function toSave({ descriptor, onError }: NonNullable<MetricsOptions["file"]>): () => void {
    const write = createSaver(descriptor, arena, families, added);
    return () => {
      try {
        write();
      } catch (error) {
        onError(error);
      }
    };
  }
  const seriesDropped = createValueFamily(METRICS.seriesDropped, () => {}, arena);
  const onDropped = (metric: string): void => seriesDropped.add(seriesDropped.open([metric]), 1);
  const value = (declaration: MetricDeclaration): ValueFamily =>
    register(createValueFamily(declaration, onDropped, arena));
  const histogram = (declaration: HistogramDeclaration): HistogramFamily =>
    register(createHistogramFamily(declaration, onDropped, arena));

  function declare<F extends Family>(family: F): F {
    added.add(family.declaration.name);
    arena.changes += 1;
    return family;
  }
  /** Returns the family for measurements of another process; undefined if that process declares it differently. */
  function findOrDeclare(name: string, declaration: MetricDeclaration | undefined) {
    const family = families.get(name);
    if (declaration === undefined) return family;
    if (family !== undefined) {
      return JSON.stringify(family.declaration) === JSON.stringify(declaration)
        ? family
        : undefined;
    }
    return declaration.type === "histogram"
      ? metrics.declareHistogram(declaration)
      : metrics.declareValue(declaration);
  }

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
    referenceRows: value(METRICS.referenceRows),
    inputErrors: value(METRICS.inputErrors),
    modelInfo: value(METRICS.modelInfo),
    modelDefault: value(METRICS.modelDefault),
    modelLoaded: value(METRICS.modelLoaded),
    modelLoads: value(METRICS.modelLoads),
    eventLoopActive: value(METRICS.eventLoopActive),
    workers: value(METRICS.workers),
    workersWanted: value(METRICS.workersWanted),
    workerRestarts: value(METRICS.workerRestarts),
    monitorSeries: value(METRICS.monitorSeries),
    monitorBytes: value(METRICS.monitorBytes),
    monitorSamples: value(METRICS.monitorSamples),
    monitorSamplesDropped: value(METRICS.monitorSamplesDropped),
    monitorRestarts: value(METRICS.monitorRestarts),
    seriesDropped: register(seriesDropped),
    beforeRender: (update) => void updates.push(update),
    async render() {
      metrics.update();
      const own = await registry.metrics();
      return (options.process ?? true) ? `${own}\n${await renderProcessMetrics()}` : own;
    },
    contentType: registry.contentType,
    families,
    declareValue: (declaration) => declare(value(declaration)),
    declareHistogram: (declaration) => declare(histogram(declaration)),
    saveSoon: () => {},
    update() {
      for (const update of updates) update();
      save?.();
    },
    snapshot: () => ({
      families: listFamilies(families, added),
      values: arena.values,
    }),
    absorb(measurements, what) {
      for (const [name, series, declaration] of measurements.families) {
        const family = findOrDeclare(name, declaration);
        if (family === undefined) continue;
        if (what === "counts" && family.declaration.type === "gauge") continue;
        for (const [slot, labelValues] of series) {
          family.absorb(labelValues, measurements.values.subarray(slot, slot + family.size));
        }
      }
    },
  };
  const save = options.file === undefined ? undefined : toSave(options.file);
  return save === undefined ? metrics : { ...metrics, saveSoon: oncePerTurn(save) };
}

/** Returns a function that calls `act` once at the end of the turn of the event loop, however often it is called. */
function oncePerTurn(act: () => void): () => void {
  let isDue = false;
  const run = (): void => {
    isDue = false;
    act();
  };
  return () => {
    if (isDue) return;
    isDue = true;
    setImmediate(run);
  };
}

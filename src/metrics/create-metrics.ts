import { Arena } from "./arena.ts";
import { exposeProcessMetric, writeExposition } from "./exposition.ts";
import { createHistogramFamily, createValueFamily, exposeFamily, isDrift } from "./family.ts";
import type { Family, HistogramFamily, Metrics, MetricsOptions, ValueFamily } from "./metrics.ts";
import { METRICS, type HistogramDeclaration, type MetricDeclaration } from "./names.ts";
import { listProcessMetrics } from "./process-metrics.ts";
import { createSaver, listFamilies } from "./saved-metrics.ts";

export function createMetrics(options: MetricsOptions = {}): Metrics {
  const updates: (() => void)[] = [];
  const arena = new Arena();
  const families = new Map<string, Family>();
  /** Names of the application's families. Other processes need their declarations. */
  const added = new Set<string>();

  function register<F extends Family>(family: F): F {
    families.set(family.declaration.name, family);
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
  const { clock } = options;
  const shared = { arena, ...(clock !== undefined && { clock }) };
  const seriesDropped = createValueFamily(METRICS.seriesDropped, { onDropped() {}, ...shared });
  function onDropped(metric: string): void {
    if (seriesDropped.find([metric]) === undefined) options.onFull?.(metric);
    seriesDropped.add(seriesDropped.open([metric]), 1);
  }
  const value = (declaration: MetricDeclaration): ValueFamily =>
    register(createValueFamily(declaration, { onDropped, ...shared }));
  const histogram = (declaration: HistogramDeclaration): HistogramFamily =>
    register(createHistogramFamily(declaration, { onDropped, ...shared }));

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
    apiStreamDuration: histogram(METRICS.apiStreamDuration),
    apiRequestsInFlight: value(METRICS.apiRequestsInFlight),
    apiRequestSize: histogram(METRICS.apiRequestSize),
    apiResponseSize: histogram(METRICS.apiResponseSize),
    apiUniqueClients: value(METRICS.apiUniqueClients),
    apiConnectionErrors: value(METRICS.apiConnectionErrors),
    apiAuthFailures: value(METRICS.apiAuthFailures),
    apiOverload: value(METRICS.apiOverload),
    predictions: value(METRICS.predictions),
    modelRequests: value(METRICS.modelRequests),
    modelRequestDuration: histogram(METRICS.modelRequestDuration),
    modelStageDuration: histogram(METRICS.modelStageDuration),
    classReferenceRatio: value(METRICS.classReferenceRatio),
    inferenceDuration: histogram(METRICS.inferenceDuration),
    batchRows: histogram(METRICS.batchRows),
    confidence: histogram(METRICS.confidence),
    outOfDistribution: value(METRICS.outOfDistribution),
    pValue: histogram(METRICS.pValue),
    featureBin: value(METRICS.featureBin),
    featureReferenceRatio: value(METRICS.featureReferenceRatio),
    referenceRows: value(METRICS.referenceRows),
    outputBin: value(METRICS.outputBin),
    outputReferenceRatio: value(METRICS.outputReferenceRatio),
    outputReferenceRows: value(METRICS.outputReferenceRows),
    rowComparisons: value(METRICS.rowComparisons),
    rowMatches: value(METRICS.rowMatches),
    rowReferenceMatchRatio: value(METRICS.rowReferenceMatchRatio),
    inputErrors: value(METRICS.inputErrors),
    modelInfo: value(METRICS.modelInfo),
    engineFailures: value(METRICS.engineFailures),
    modelDefault: value(METRICS.modelDefault),
    defaultModelReady: value(METRICS.defaultModelReady),
    modelLoaded: value(METRICS.modelLoaded),
    modelLoads: value(METRICS.modelLoads),
    eventLoopActive: value(METRICS.eventLoopActive),
    buildInfo: value(METRICS.buildInfo),
    workers: value(METRICS.workers),
    memoryLimit: value(METRICS.memoryLimit),
    workersWanted: value(METRICS.workersWanted),
    workerRestarts: value(METRICS.workerRestarts),
    monitorSeries: value(METRICS.monitorSeries),
    monitorBytes: value(METRICS.monitorBytes),
    monitorSamples: value(METRICS.monitorSamples),
    monitorSamplesDropped: value(METRICS.monitorSamplesDropped),
    monitorRestarts: value(METRICS.monitorRestarts),
    remoteWriteSamples: value(METRICS.remoteWriteSamples),
    remoteWriteSamplesLost: value(METRICS.remoteWriteSamplesLost),
    remoteWriteRetries: value(METRICS.remoteWriteRetries),
    remoteWritePending: value(METRICS.remoteWritePending),
    remoteWriteLag: value(METRICS.remoteWriteLag),
    seriesDropped: register(seriesDropped),
    beforeRender: (update) => void updates.push(update),
    async render(format = "text", processMetrics) {
      metrics.update();
      const listed =
        processMetrics ?? ((options.process ?? true) ? await listProcessMetrics() : []);
      const all = [...families.values()];
      const expose = (isWanted: (declaration: MetricDeclaration) => boolean) =>
        all.filter(({ declaration }) => isWanted(declaration)).map(exposeFamily);
      return writeExposition(
        [
          ...expose((one) => !added.has(one.name) && !isDrift(one)),
          ...listed.map(exposeProcessMetric),
          ...expose((one) => added.has(one.name)),
          ...expose(isDrift),
        ],
        format,
      );
    },
    exemplars: () =>
      [...families.values()].flatMap((family) =>
        isHistogram(family) ? [...family.exemplars()] : [],
      ),
    absorbExemplars(exemplars) {
      for (const exemplar of exemplars) {
        const family = families.get(exemplar[0]);
        if (family !== undefined && isHistogram(family)) family.absorbExemplar(exemplar);
      }
    },
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
        for (const [slot, labelValues, createdMs] of series) {
          const numbers = measurements.values.subarray(slot, slot + family.size);
          family.absorb(labelValues, numbers, createdMs);
        }
      }
    },
  };
  const save = options.file === undefined ? undefined : toSave(options.file);
  return save === undefined ? metrics : { ...metrics, saveSoon: oncePerTurn(save) };
}

function isHistogram(family: Family): family is HistogramFamily {
  return family.declaration.type === "histogram";
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

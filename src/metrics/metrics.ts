import { Registry } from "@prometheus-io/client";
import { Arena } from "./arena.ts";
import {
  createHistogramFamily,
  createValueFamily,
  type Family,
  type HistogramFamily,
  type ValueFamily,
} from "./family.ts";
import { METRICS, type HistogramDeclaration, type MetricDeclaration } from "./names.ts";
import { renderProcessMetrics } from "./process-metrics.ts";
import { createSaver, listFamilies, type Snapshot } from "./saved-metrics.ts";

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
  /** By the metric's name. */
  readonly families: ReadonlyMap<string, Family>;
  /** Adds a counter or a gauge that is not one of Tepal's own; its name must be free. */
  declareValue(declaration: MetricDeclaration): ValueFamily;
  /** Adds a histogram that is not one of Tepal's own; its name must be free. */
  declareHistogram(declaration: HistogramDeclaration): HistogramFamily;
  /**
   * Has what was recorded up to now survive this process from the end of this turn of the event loop on, where it has a file
   * for that; else does nothing.
   */
  saveSoon(): void;
  /** Computes what is computed only when somebody looks, and saves all, where there is a file for that. */
  update(): void;
  /** All families and numbers as they are; the numbers are not copied. */
  snapshot(): Pick<Snapshot, "families" | "values">;
  /** Takes in what another process has measured; counters and histograms only, or gauges too. */
  absorb(snapshot: Pick<Snapshot, "families" | "values">, what: "counts" | "all"): void;
};

export interface MetricsOptions {
  /** Whether the process's and Node.js's own metrics are exposed too; default true. */
  readonly process?: boolean;
  /** Keeps the measurements for another process. */
  readonly file?: {
    /** Of an empty file. */
    readonly descriptor: number;
    /** What cannot be written is written with the next measurements. */
    onError(error: unknown): void;
  };
}

export function createMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new Registry(Registry.PROMETHEUS_CONTENT_TYPE);
  const updates: (() => void)[] = [];
  const arena = new Arena();
  const families = new Map<string, Family>();
  /** Names of the families that are not Tepal's own, which another process has to be told about. */
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
  /** The family for what another process has measured; undefined if that process declares it differently. */
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
    absorb(snapshot, what) {
      for (const [name, series, declaration] of snapshot.families) {
        const family = findOrDeclare(name, declaration);
        if (family === undefined) continue;
        if (what === "counts" && family.declaration.type === "gauge") continue;
        for (const [slot, labelValues] of series) {
          family.absorb(labelValues, snapshot.values.subarray(slot, slot + family.size));
        }
      }
    },
  };
  const save = options.file === undefined ? undefined : toSave(options.file);
  return save === undefined ? metrics : { ...metrics, saveSoon: onceATurn(save) };
}

/** Has something done at the end of the turn of the event loop in which it was asked for, however often. */
function onceATurn(act: () => void): () => void {
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

/** Has the client library render a family. */
export function registerFamily(registry: RegistryOfFamilies, family: Family): void {
  const { name, help, type } = family.declaration;
  const aggregator = "aggregator" in family.declaration ? family.declaration.aggregator : "sum";
  registry.registerMetric({
    name,
    aggregator,
    get: async () => ({ name, help, type, aggregator, values: family.samples() }),
    reset: () => family.reset(),
  });
}

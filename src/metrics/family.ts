import { systemClock, type Clock } from "../kernel/clock.ts";
import { Arena } from "./arena.ts";
import {
  EXEMPLAR_LABEL,
  type Exemplar,
  type ExposedMetric,
  type ExposedSeries,
  type Sample,
} from "./exposition.ts";
import {
  DROPPED,
  type Family,
  type HistogramFamily,
  type SavedExemplar,
  type Series,
  type ValueFamily,
} from "./metrics.ts";
import type { Aggregator, HistogramDeclaration, MetricDeclaration } from "./names.ts";

/** Maximum number of series of a metric: far more than a server of many models and routes has. */
const MAX_SERIES = 10_000;
/** The same for a metric of drift, with a series for each bin of each feature: 1,100 features in several versions. */
const MAX_DRIFT_SERIES = 100_000;

/** Called for each series that is dropped. */
type OnDropped = (metric: string) => void;

/** Combines a number of this process with one of another. The first process that has a series is absorbed first. */
const COMBINE: Readonly<Record<Aggregator, (ours: number, theirs: number) => number>> = {
  sum: (ours, theirs) => ours + theirs,
  max: Math.max,
  first: (ours) => ours,
  // A lower bound. The process that merges knows all clients and sets the exact number.
  distinct: Math.max,
};

type Labels = Readonly<Record<string, string | number>>;

/** One open series. */
interface Entry {
  readonly slot: number;
  readonly labelValues: readonly string[];
  readonly labels: Labels;
  /** Unix time in milliseconds at which it began, in this process or in another one. */
  createdMs: number;
  holders: number;
}

/** The parts that the families of one server share. */
export interface FamilyParts {
  readonly onDropped: OnDropped;
  /** Holds the numbers. @default an arena of its own */
  readonly arena?: Arena;
  readonly clock?: Clock;
}

/** The open series of a family, with `size` numbers each. */
class Slots {
  readonly size: number;
  readonly arena: Arena;
  readonly #declaration: MetricDeclaration;
  readonly #onDropped: OnDropped;
  readonly #clock: Clock;
  readonly #maxSeries: number;
  readonly #byKey = new Map<string, Entry>();
  readonly #bySlot = new Map<number, Entry>();
  readonly #free: number[] = [];

  constructor(
    declaration: MetricDeclaration,
    size: number,
    { onDropped, arena = new Arena(), clock = systemClock }: FamilyParts,
  ) {
    this.#declaration = declaration;
    this.size = size;
    this.#onDropped = onDropped;
    this.arena = arena;
    this.#clock = clock;
    this.#maxSeries = isDrift(declaration) ? MAX_DRIFT_SERIES : MAX_SERIES;
  }

  open(labelValues: readonly string[]): number {
    const { labels, name } = this.#declaration;
    if (labelValues.length !== labels.length) {
      throw new RangeError(
        `${name}: Expected values for the labels ${labels.join(", ")}, got ${labelValues.length} values.`,
      );
    }
    const key = JSON.stringify(labelValues);
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      known.holders += 1;
      return known.slot;
    }
    if (this.#byKey.size >= this.#maxSeries) {
      this.#onDropped(name);
      return DROPPED;
    }
    const entry: Entry = {
      slot: this.#free.pop() ?? this.arena.allocate(this.size),
      labelValues: [...labelValues],
      labels: Object.fromEntries(labels.map((label, i) => [label, labelValues[i]!])),
      createdMs: this.#clock.nowMs(),
      holders: 1,
    };
    this.#byKey.set(key, entry);
    this.#bySlot.set(entry.slot, entry);
    this.arena.changes += 1;
    return entry.slot;
  }

  close(slot: number): void {
    const entry = this.#bySlot.get(slot);
    if (entry === undefined) return;
    entry.holders -= 1;
    if (entry.holders > 0) return;
    this.#byKey.delete(JSON.stringify(entry.labelValues));
    this.#bySlot.delete(slot);
    this.arena.values.fill(0, slot, slot + this.size);
    this.#free.push(slot);
    this.arena.changes += 1;
  }

  find(labelValues: readonly string[]): number | undefined {
    return this.#byKey.get(JSON.stringify(labelValues))?.slot;
  }

  *series(): Generator<Series> {
    for (const { slot, labelValues, createdMs } of this.#byKey.values()) {
      yield [slot, labelValues, createdMs];
    }
  }

  absorb(labelValues: readonly string[], numbers: Float64Array, createdMs?: number): void {
    const known = this.find(labelValues);
    const slot = known ?? this.open(labelValues);
    if (slot === DROPPED) return;
    const entry = this.#bySlot.get(slot);
    if (entry !== undefined && createdMs !== undefined) {
      entry.createdMs = known === undefined ? createdMs : Math.min(entry.createdMs, createdMs);
    }
    const { values } = this.arena;
    if (known === undefined) {
      values.set(numbers, slot);
      return;
    }
    const combine =
      COMBINE["aggregator" in this.#declaration ? this.#declaration.aggregator : "sum"];
    for (const [i, theirs] of numbers.entries()) {
      values[slot + i] = combine(values[slot + i]!, theirs);
    }
  }

  *expose(toSamples: (slot: number, labels: Labels) => Sample[]): Generator<ExposedSeries> {
    const counts = this.#declaration.type !== "gauge" && !isDrift(this.#declaration);
    for (const { slot, labels, createdMs } of this.#byKey.values()) {
      yield { samples: toSamples(slot, labels), createdMs: counts ? createdMs : undefined };
    }
  }

  reset(): void {
    const { values } = this.arena;
    for (const slot of this.#bySlot.keys()) values.fill(0, slot, slot + this.size);
  }
}

/** Returns true for the many series of feature bins: they come last in a response and have a limit of their own. */
export function isDrift(declaration: MetricDeclaration): boolean {
  return "group" in declaration && declaration.group === "drift";
}

/** Returns a family in the form in which it is written. */
export function exposeFamily(family: Family): ExposedMetric {
  const { name, help, type } = family.declaration;
  return { name, help, type, series: family.expose() };
}

/** Implements the methods that values and histograms share. */
function toFamily(
  declaration: MetricDeclaration,
  slots: Slots,
  toSamples: (slot: number, labels: Labels) => Sample[],
): Family {
  return {
    declaration,
    size: slots.size,
    open: (labelValues) => slots.open(labelValues),
    close: (slot) => slots.close(slot),
    find: (labelValues) => slots.find(labelValues),
    series: () => slots.series(),
    absorb: (labelValues, numbers, createdMs) => slots.absorb(labelValues, numbers, createdMs),
    expose: () => slots.expose(toSamples),
    reset: () => slots.reset(),
  };
}

/** Creates the family of a counter or a gauge. */
export function createValueFamily(declaration: MetricDeclaration, parts: FamilyParts): ValueFamily {
  const { name: metricName } = declaration;
  const slots = new Slots(declaration, 1, parts);
  const { arena } = slots;
  return {
    ...toFamily(declaration, slots, (slot, labels) => [
      { metricName, labels, value: arena.values[slot]! },
    ]),
    // DROPPED is outside the array: reading returns undefined, writing has no effect.
    add(slot, amount) {
      arena.values[slot]! += amount;
    },
    set(slot, value) {
      arena.values[slot] = value;
    },
    get: (slot) => arena.values[slot] ?? 0,
  };
}

/** The exemplars of a histogram's series, by bucket. */
type Exemplars = (KeptExemplar | undefined)[];

/** Changed in place: an object for each request would be garbage. */
interface KeptExemplar {
  requestId: string;
  value: number;
  /** On the clock for durations: its caller knows that time, and reading the other clock takes longer than the rest. */
  atSeconds: number;
}

/** Creates the family of a histogram. */
export function createHistogramFamily(
  declaration: HistogramDeclaration,
  parts: FamilyParts,
): HistogramFamily {
  const { name } = declaration;
  const bounds = Float64Array.from(declaration.buckets);
  const sumAt = bounds.length + 1;
  const slots = new Slots(declaration, bounds.length + 2, parts);
  const { arena } = slots;
  const { clock = systemClock } = parts;
  const exemplars = new Map<number, Exemplars>();
  /** The labels of a series' buckets, which are the same in each response. */
  const bucketLabels = new WeakMap<Labels, readonly Labels[]>();

  function toBucketLabels(labels: Labels): readonly Labels[] {
    let known = bucketLabels.get(labels);
    if (known === undefined) {
      known = Array.from([...bounds, "+Inf"], (le) => ({ ...labels, le }));
      bucketLabels.set(labels, known);
    }
    return known;
  }

  function toSamples(slot: number, labels: Labels): Sample[] {
    const samples: Sample[] = [];
    const known = exemplars.get(slot);
    let cumulated = 0;
    for (const [b, withBound] of toBucketLabels(labels).entries()) {
      cumulated += arena.values[slot + b]!;
      const sample = { metricName: `${name}_bucket`, labels: withBound, value: cumulated };
      const kept = known?.[b];
      samples.push(kept === undefined ? sample : { ...sample, exemplar: toExemplar(kept) });
    }
    const sum = arena.values[slot + sumAt]!;
    samples.push({ metricName: `${name}_sum`, labels, value: sum });
    samples.push({ metricName: `${name}_count`, labels, value: cumulated });
    return samples;
  }

  function toExemplar({ requestId, value, atSeconds }: KeptExemplar): Exemplar {
    const age = clock.monotonicSeconds() - atSeconds;
    return { requestId, value, timeMs: Math.round(clock.nowMs() - age * 1_000) };
  }

  function findBucket(value: number): number {
    // This comparison counts NaN, which no caller should pass, in the bucket +Inf.
    let bucket = 0;
    while (bucket < bounds.length && !(value <= bounds[bucket]!)) bucket += 1;
    return bucket;
  }

  function toExemplars(slot: number): Exemplars {
    let known = exemplars.get(slot);
    if (known === undefined) {
      known = Array.from({ length: bounds.length + 1 }, () => undefined);
      exemplars.set(slot, known);
    }
    return known;
  }

  const family = toFamily(declaration, slots, toSamples);
  return {
    ...family,
    close(slot) {
      family.close(slot);
      exemplars.delete(slot);
    },
    observe(slot, value, requestId, atSeconds = 0) {
      if (slot === DROPPED) return;
      const bucket = findBucket(value);
      const { values } = arena;
      values[slot + bucket]! += 1;
      values[slot + sumAt]! += value;
      if (requestId === undefined || requestId.length > MAX_EXEMPLAR_ID) return;
      const known = toExemplars(slot);
      const before = known[bucket];
      if (before === undefined) known[bucket] = { requestId, value, atSeconds };
      else {
        before.requestId = requestId;
        before.value = value;
        before.atSeconds = atSeconds;
      }
    },
    *exemplars() {
      for (const [slot, labelValues] of slots.series()) {
        for (const [bucket, kept] of exemplars.get(slot)?.entries() ?? []) {
          if (kept !== undefined) yield [name, labelValues, bucket, toExemplar(kept)];
        }
      }
    },
    absorbExemplar([, labelValues, bucket, exemplar]: SavedExemplar) {
      const slot = slots.find(labelValues);
      if (slot === undefined || bucket > bounds.length) return;
      const known = toExemplars(slot);
      const { requestId, value, timeMs } = exemplar;
      const atSeconds = clock.monotonicSeconds() - (clock.nowMs() - timeMs) / 1_000;
      const before = known[bucket];
      if (before === undefined || before.atSeconds < atSeconds) {
        known[bucket] = { requestId, value, atSeconds };
      }
    },
  };
}

/** OpenMetrics allows 128 characters for the names and values of an exemplar's labels. */
const MAX_EXEMPLAR_ID = 128 - EXEMPLAR_LABEL.length;

import { Arena } from "./arena.ts";
import {
  DROPPED,
  type Family,
  type HistogramFamily,
  type Sample,
  type Series,
  type ValueFamily,
} from "./metrics.ts";
import type { Aggregator, HistogramDeclaration, MetricDeclaration } from "./names.ts";

/** A model with 30 features has about 300 series for its bins, so this suffices for dozens of models. */
const MAX_SERIES = 10_000;

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

/** One open series. */
interface Entry {
  readonly slot: number;
  readonly labelValues: readonly string[];
  readonly labels: Record<string, string>;
  holders: number;
}

/** The open series of a family, with `size` numbers each. */
class Slots {
  readonly size: number;
  readonly arena: Arena;
  readonly #declaration: MetricDeclaration;
  readonly #onDropped: OnDropped;
  readonly #byKey = new Map<string, Entry>();
  readonly #bySlot = new Map<number, Entry>();
  readonly #free: number[] = [];

  constructor(declaration: MetricDeclaration, size: number, onDropped: OnDropped, arena: Arena) {
    this.#declaration = declaration;
    this.size = size;
    this.#onDropped = onDropped;
    this.arena = arena;
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
    if (this.#byKey.size >= MAX_SERIES) {
      this.#onDropped(name);
      return DROPPED;
    }
    const entry: Entry = {
      slot: this.#free.pop() ?? this.arena.allocate(this.size),
      labelValues: [...labelValues],
      labels: Object.fromEntries(labels.map((label, i) => [label, labelValues[i]!])),
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
    for (const { slot, labelValues } of this.#byKey.values()) yield [slot, labelValues];
  }

  absorb(labelValues: readonly string[], numbers: Float64Array): void {
    const known = this.find(labelValues);
    const slot = known ?? this.open(labelValues);
    if (slot === DROPPED) return;
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

  toSamples(toSamples: (slot: number, labels: Record<string, string>) => Sample[]): Sample[] {
    return Array.from(this.#byKey.values(), ({ slot, labels }) => toSamples(slot, labels)).flat();
  }

  reset(): void {
    const { values } = this.arena;
    for (const slot of this.#bySlot.keys()) values.fill(0, slot, slot + this.size);
  }
}

/** Implements the methods that values and histograms share. */
function toFamily(
  declaration: MetricDeclaration,
  slots: Slots,
  toSamples: (slot: number, labels: Record<string, string>) => Sample[],
): Family {
  return {
    declaration,
    size: slots.size,
    open: (labelValues) => slots.open(labelValues),
    close: (slot) => slots.close(slot),
    find: (labelValues) => slots.find(labelValues),
    series: () => slots.series(),
    absorb: (labelValues, numbers) => slots.absorb(labelValues, numbers),
    samples: () => slots.toSamples(toSamples),
    reset: () => slots.reset(),
  };
}

/** Creates the family of a counter or a gauge. @param arena holds its numbers; by default an arena of its own */
export function createValueFamily(
  declaration: MetricDeclaration,
  onDropped: OnDropped,
  arena = new Arena(),
): ValueFamily {
  const { name: metricName } = declaration;
  return {
    ...toFamily(declaration, new Slots(declaration, 1, onDropped, arena), (slot, labels) => [
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

/** Creates the family of a histogram. @param arena holds its numbers; by default an arena of its own */
export function createHistogramFamily(
  declaration: HistogramDeclaration,
  onDropped: OnDropped,
  arena = new Arena(),
): HistogramFamily {
  const { name } = declaration;
  const bounds = Float64Array.from(declaration.buckets);
  const sumAt = bounds.length + 1;
  const slots = new Slots(declaration, bounds.length + 2, onDropped, arena);

  function toSamples(slot: number, labels: Record<string, string>): Sample[] {
    const samples: Sample[] = [];
    let cumulated = 0;
    for (let b = 0; b <= bounds.length; b++) {
      cumulated += arena.values[slot + b]!;
      const le = bounds[b] ?? "+Inf";
      samples.push({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: cumulated });
    }
    const sum = arena.values[slot + sumAt]!;
    samples.push({ metricName: `${name}_sum`, labels, value: sum });
    samples.push({ metricName: `${name}_count`, labels, value: cumulated });
    return samples;
  }

  return {
    ...toFamily(declaration, slots, toSamples),
    observe(slot, value) {
      if (slot === DROPPED) return;
      // This comparison counts NaN, which no caller should pass, in the bucket +Inf.
      let bucket = 0;
      while (bucket < bounds.length && !(value <= bounds[bucket]!)) bucket += 1;
      const { values } = arena;
      values[slot + bucket]! += 1;
      values[slot + sumAt]! += value;
    },
  };
}

import { readBlock, sealHead, type Block } from "./block.ts";
import { createColumn, ensureRoom, type Column, type ColumnCache } from "./columns.ts";
import {
  createLayout,
  hasEntries,
  type GroupReader,
  type Layout,
  type SeriesEntry,
  type Slice,
} from "./entry.ts";
import { Head } from "./head.ts";
import { toLabelsKey } from "../labels.ts";
import type { Labels } from "../series.ts";
import { TimeAxis } from "./time-axis.ts";

/** A block, and the number of its first sample. */
interface Placed {
  readonly first: number;
  readonly block: Block;
}

/**
 * Series that are sampled together, for example those of one scrape target: they share their times. A series without a
 * sample at such a time is absent, which readers see as a staleness marker. The newest window is open, older ones are
 * sealed blocks.
 */
export class SeriesGroup implements GroupReader {
  readonly name: string;
  readonly times = new TimeAxis();
  readonly #window: number;
  readonly #cache: ColumnCache;
  #blocks: Placed[] = [];
  #layout: Layout = createLayout([]);
  head: Head;
  readonly #entries = new Map<string, SeriesEntry>();
  /** By object identity, which is faster. */
  #known = new WeakMap<Labels, SeriesEntry>();

  /** @param window number of samples after which a window is sealed */
  constructor(name: string, window: number, cache: ColumnCache) {
    this.name = name;
    this.#window = window;
    this.#cache = cache;
    this.head = new Head(window, this.#layout);
  }

  findEntry(labels: Labels): SeriesEntry | undefined {
    const known = this.#known.get(labels);
    if (known !== undefined) return known;
    const entry = this.#entries.get(toLabelsKey(labels));
    if (entry !== undefined) this.#known.set(labels, entry);
    return entry;
  }

  hasKey(key: string): boolean {
    return this.#entries.has(key);
  }

  createEntry(labels: Labels): SeriesEntry {
    const entry: SeriesEntry = {
      group: this,
      labels,
      key: toLabelsKey(labels),
      firstMs: Number.POSITIVE_INFINITY,
      lastMs: Number.NEGATIVE_INFINITY,
    };
    this.#entries.set(entry.key, entry);
    this.#known.set(labels, entry);
    return entry;
  }

  /** Drops the series without a sample at or after a time. */
  removeEntries(beforeMs: number): SeriesEntry[] {
    const gone = [...this.#entries.values()].filter(({ lastMs }) => lastMs < beforeMs);
    for (const { key } of gone) this.#entries.delete(key);
    if (gone.length > 0) this.#known = new WeakMap();
    return gone;
  }

  get isFull(): boolean {
    return this.head.length === this.#window;
  }

  /** Starts a sample. The time must be later than all previous ones. */
  begin(timeMs: number): void {
    this.times.push(timeMs);
    this.head.begin(timeMs);
  }

  /**
   * Compresses the open window, and starts the next one with the series that still exist. Undefined for an empty
   * window.
   */
  seal(): Block | undefined {
    const { head } = this;
    if (head.length === 0) return undefined;
    this.#use(head.entries);
    const block = sealHead(head, this.#layout);
    this.#blocks.push({ first: this.times.end - block.count, block });
    const present = head.present();
    this.head = new Head(
      this.#window,
      present.length === head.entries.length ? this.#layout : createLayout(present),
    );
    return block;
  }

  /** Returns a layout of these series; the previous one if it is equal. */
  #use(entries: readonly SeriesEntry[]): Layout {
    if (!hasEntries(this.#layout, entries)) this.#layout = createLayout([...entries]);
    return this.#layout;
  }

  /** Appends a restored block before any sample was appended. Its times are later than all previous ones. */
  restore(times: Float64Array, block: Block): void {
    const first = this.times.end;
    for (const timeMs of times) this.times.push(timeMs);
    this.#blocks.push({ first, block: { ...block, layout: this.#use(block.layout.entries) } });
  }

  /** Drops the blocks whose last sample is before a time, and the open window too. @returns true if it dropped any */
  expire(beforeMs: number): boolean {
    let blocks = 0;
    let samples = 0;
    for (const { first, block } of this.#blocks) {
      if (this.times.at(first + block.count - 1) >= beforeMs) break;
      blocks += 1;
      samples += block.count;
    }
    this.#blocks.splice(0, blocks);
    this.times.drop(samples);
    if (this.#blocks.length === 0 && this.head.length > 0 && this.times.lastMs < beforeMs) {
      this.times.drop(this.head.length);
      this.head = new Head(this.#window, createLayout([]));
      return true;
    }
    return blocks > 0;
  }

  get isEmpty(): boolean {
    return this.times.start === this.times.end;
  }

  /** Time of its oldest sample; Infinity without samples. */
  get firstMs(): number {
    return this.isEmpty ? Number.POSITIVE_INFINITY : this.times.at(this.times.start);
  }

  get bytes(): number {
    const head = this.head.values.byteLength + this.head.absent.byteLength;
    return this.#blocks.reduce(
      (sum, { block }) => sum + block.bytes.byteLength + block.offsets.byteLength,
      this.times.bytes + head,
    );
  }

  read(entry: SeriesEntry, from: number, to: number): Slice {
    const cached = this.#cache.take(entry);
    const column = this.#isUsable(cached, from, to)
      ? cached
      : createColumn(this.#startOfBlock(from), to - from + 2 * this.#window);
    this.#fill(column, entry, to);
    this.#cache.put(entry, column);
    const values = column.values.subarray(from - column.start, to - column.start);
    if (!column.hasAbsent) return { values, stale: null };
    return { values, stale: column.absent.subarray(from - column.start, to - column.start) };
  }

  /** A column that starts late is unusable; one that starts far too early would only grow. */
  #isUsable(column: Column | undefined, from: number, to: number): column is Column {
    if (column === undefined || column.start > from || column.end < from) return false;
    return to - column.start <= 2 * (to - from) + 4 * this.#window;
  }

  /** Decodes the samples that the column lacks, up to a sample number and on to the end of its block. */
  #fill(column: Column, entry: SeriesEntry, to: number): void {
    for (let i = this.#findBlock(column.end); i < this.#blocks.length; i++) {
      const { first, block } = this.#blocks[i]!;
      if (column.end >= to) return;
      ensureRoom(column, first + block.count);
      this.#unpack(column, first, block, block.layout.positions.get(entry));
      column.end = first + block.count;
    }
    if (column.end < to) this.#copyHead(column, entry);
  }

  #copyHead(column: Column, entry: SeriesEntry): void {
    const { head, times } = this;
    ensureRoom(column, times.end);
    const row = head.rowOf(entry);
    const headStart = times.end - head.length;
    for (let number = column.end; number < times.end; number++) {
      const at = row === undefined ? -1 : row * head.capacity + number - headStart;
      const absent = at < 0 ? 1 : head.absent[at]!;
      column.absent[number - column.start] = absent;
      if (absent === 1) column.hasAbsent = true;
      else column.values[number - column.start] = head.values[at]!;
    }
    column.end = times.end;
  }

  /** Rewrites samples that the column has already with the same values. */
  #unpack(column: Column, first: number, block: Block, position: number | undefined): void {
    const at = first - column.start;
    if (position === undefined) {
      column.absent.fill(1, at, at + block.count);
      column.hasAbsent = true;
    } else if (readBlock(block, position, column.values, column.absent, at)) {
      column.hasAbsent = true;
    }
  }

  #startOfBlock(number: number): number {
    const placed = this.#blocks[this.#findBlock(number)];
    return placed?.first ?? this.times.end - this.head.length;
  }

  /** Returns the index of the block with a sample; the number of blocks if it is in the open window. */
  #findBlock(number: number): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { first, block } = this.#blocks[middle]!;
      if (first + block.count <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

import { openBlock, sealHead, type Block } from "./block.ts";
import { BlockList } from "./block-list.ts";
import { createColumn, type Column, type ColumnCache } from "./column-cache.ts";
import { fillColumn } from "./fill-column.ts";
import { Head } from "./head.ts";
import {
  createLayout,
  hasEntries,
  type GroupReader,
  type Layout,
  type SeriesEntry,
  type Slice,
} from "./series-entry.ts";
import { SeriesSet } from "./series-set.ts";
import { TimeAxis } from "./time-axis.ts";

/**
 * Series that are sampled together, for example those of one scrape target: they share their times. A series without a
 * sample at such a time is absent, which readers see as a staleness marker. New samples are in the head, older ones in
 * sealed blocks.
 */
export class SeriesGroup implements GroupReader {
  readonly name: string;
  readonly times = new TimeAxis();
  readonly series = new SeriesSet();
  readonly blocks = new BlockList();
  readonly #samplesPerBlock: number;
  readonly #cache: ColumnCache;
  #layout: Layout = createLayout([]);
  head: Head;

  /** @param samplesPerBlock number of samples after which the head is full */
  constructor(name: string, samplesPerBlock: number, cache: ColumnCache) {
    this.name = name;
    this.#samplesPerBlock = samplesPerBlock;
    this.#cache = cache;
    this.head = new Head(samplesPerBlock, this.#layout);
  }

  get isFull(): boolean {
    return this.head.length === this.#samplesPerBlock;
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
    return this.times.bytes + head + this.blocks.bytes;
  }

  /** Starts a sample. The time must be later than all previous ones. */
  begin(timeMs: number): void {
    this.times.push(timeMs);
    this.head.begin(timeMs);
  }

  /** Compresses the head to a block, and starts the next head with the series that still exist. Undefined if empty. */
  seal(): Block | undefined {
    const { head } = this;
    if (head.length === 0) return undefined;
    const layout = this.#toLayout(head.entries);
    const block = sealHead(head, layout);
    this.blocks.push({ first: this.times.end - block.count, block });
    const present = head.present();
    this.head = new Head(
      this.#samplesPerBlock,
      present.length === head.entries.length ? layout : createLayout(present),
    );
    return block;
  }

  /** Appends a restored block before any sample was appended. Its times are later than all previous ones. */
  restore(times: Float64Array, block: Block): void {
    const first = this.times.end;
    for (const timeMs of times) this.times.push(timeMs);
    this.blocks.push({ first, block: { ...block, layout: this.#toLayout(block.layout.entries) } });
  }

  /** Drops the blocks whose last sample is before a time, and then the head too. @returns true if it dropped any */
  expire(beforeMs: number): boolean {
    const samples = this.blocks.expire(beforeMs, this.times);
    this.times.drop(samples);
    if (this.blocks.length === 0 && this.head.length > 0 && this.times.lastMs < beforeMs) {
      this.times.drop(this.head.length);
      this.head = new Head(this.#samplesPerBlock, createLayout([]));
      return true;
    }
    return samples > 0;
  }

  /** Drops the samples after a time. Those of a block that has earlier ones too become the head. @returns number of dropped times */
  truncate(afterMs: number): number {
    const end = this.times.findBehind(afterMs);
    const dropped = this.times.end - end;
    if (dropped === 0) return 0;
    const headStart = this.times.end - this.head.length;
    if (end >= headStart) this.head.truncate(end - headStart);
    else this.#openBlockBefore(end);
    this.times.truncate(end);
    for (const entry of this.series) {
      entry.lastMs = Math.min(entry.lastMs, afterMs);
      // Cached columns have samples that new ones would replace.
      this.#cache.take(entry);
    }
    return dropped;
  }

  /** Drops the blocks that end after a time. Before any sample was appended. */
  dropBlocks(afterMs: number): void {
    let last = this.blocks.at(this.blocks.length - 1);
    while (last !== undefined && this.times.lastMs > afterMs) {
      this.blocks.pop();
      this.times.truncate(last.first);
      last = this.blocks.at(this.blocks.length - 1);
    }
  }

  /** Drops all blocks that end after a sample number, and makes the samples of one before it the head. */
  #openBlockBefore(end: number): void {
    this.head = new Head(this.#samplesPerBlock, createLayout([]));
    let last = this.blocks.at(this.blocks.length - 1);
    while (last !== undefined && last.first + last.block.count > end) {
      this.blocks.pop();
      if (last.first < end) {
        this.head = openBlock(last.block, this.times.view(last.first, end), this.#samplesPerBlock);
      }
      last = this.blocks.at(this.blocks.length - 1);
    }
  }

  read(entry: SeriesEntry, from: number, to: number): Slice {
    const cached = this.#cache.take(entry);
    const column = this.#isUsable(cached, from, to)
      ? cached
      : createColumn(this.#toBlockStart(from), to - from + 2 * this.#samplesPerBlock);
    fillColumn(column, entry, to, this);
    this.#cache.put(entry, column);
    const values = column.values.subarray(from - column.start, to - column.start);
    if (!column.hasAbsent) return { values, stale: null };
    return { values, stale: column.absent.subarray(from - column.start, to - column.start) };
  }

  /** A column that starts late is unusable; one that starts far too early would only grow. */
  #isUsable(column: Column | undefined, from: number, to: number): column is Column {
    if (column === undefined || column.start > from || column.end < from) return false;
    return to - column.start <= 2 * (to - from) + 4 * this.#samplesPerBlock;
  }

  /** Returns the number of the first sample of the block or head with a sample. */
  #toBlockStart(number: number): number {
    const placed = this.blocks.at(this.blocks.findIndex(number));
    return placed?.first ?? this.times.end - this.head.length;
  }

  /** Returns a layout of these series; the previous one if it is equal. */
  #toLayout(entries: readonly SeriesEntry[]): Layout {
    if (!hasEntries(this.#layout, entries)) this.#layout = createLayout([...entries]);
    return this.#layout;
  }
}

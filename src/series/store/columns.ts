import type { SeriesEntry } from "./entry.ts";

/** Unpacked samples of one series, from one number on. What has been handed out of it is not changed. */
export interface Column {
  /** The number of the first sample; always the beginning of a block. */
  readonly start: number;
  /** The number behind the last. */
  end: number;
  values: Float64Array;
  absent: Uint8Array;
  hasAbsent: boolean;
}

/**
 * Unpacked columns, so that a dashboard's queries do not unpack the same again and again. Those that were not read for the
 * longest time go first.
 */
export class ColumnCache {
  readonly #columns = new Map<SeriesEntry, Column>();
  readonly #maxBytes: number;
  bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The column of a series, taken out of the cache until it is put back. */
  take(entry: SeriesEntry): Column | undefined {
    const column = this.#columns.get(entry);
    if (column === undefined) return undefined;
    this.#columns.delete(entry);
    this.bytes -= toBytes(column);
    return column;
  }

  put(entry: SeriesEntry, column: Column): void {
    this.#columns.set(entry, column);
    this.bytes += toBytes(column);
    for (const oldest of this.#columns.keys()) {
      if (this.bytes <= this.#maxBytes) break;
      this.take(oldest);
    }
  }
}

function toBytes({ values, absent }: Column): number {
  return values.byteLength + absent.byteLength;
}

export function createColumn(start: number, capacity: number): Column {
  const values = new Float64Array(capacity);
  return { start, end: start, values, absent: new Uint8Array(capacity), hasAbsent: false };
}

/** Makes room for samples up to a number. What was handed out keeps the arrays that it has. */
export function ensureRoom(column: Column, end: number): void {
  const needed = end - column.start;
  if (needed <= column.values.length) return;
  const capacity = Math.ceil(needed * 1.25);
  const values = new Float64Array(capacity);
  values.set(column.values);
  const absent = new Uint8Array(capacity);
  absent.set(column.absent);
  column.values = values;
  column.absent = absent;
}

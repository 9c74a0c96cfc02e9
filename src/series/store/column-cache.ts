import type { SeriesEntry } from "./series-entry.ts";

/** Decoded samples of one series from one sample number on. Returned elements are never changed. */
export interface Column {
  /** Number of the first sample; always the start of a block. */
  readonly start: number;
  /** Number after the last sample. */
  end: number;
  values: Float64Array;
  absent: Uint8Array;
  hasAbsent: boolean;
}

/**
 * Cache of decoded columns, so that a dashboard's queries do not decode the same samples again. Evicts the least
 * recently used.
 */
export class ColumnCache {
  readonly #columns = new Map<SeriesEntry, Column>();
  readonly #maxBytes: number;
  bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Removes and returns the column of a series; the caller puts it back. */
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

/** Reserves space up to a sample number. Returned arrays stay unchanged. */
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

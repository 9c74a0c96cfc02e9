import type { OpenHead } from "./restorable-store.ts";
import type { Layout, SeriesEntry } from "./series-entry.ts";

/** The newest samples of a group, uncompressed: a row of `capacity` samples for each series. */
export class Head implements OpenHead {
  readonly capacity: number;
  readonly times: Float64Array;
  length = 0;
  readonly entries: SeriesEntry[];
  readonly #rows: Map<SeriesEntry, number>;
  values: Float64Array;
  absent: Uint8Array;

  /** @param capacity samples per series @param layout initial series */
  constructor(capacity: number, layout: Layout) {
    this.capacity = capacity;
    this.times = new Float64Array(capacity);
    this.entries = [...layout.entries];
    this.#rows = new Map(layout.positions);
    const room = Math.max(16, this.entries.length);
    this.values = new Float64Array(room * capacity);
    this.absent = new Uint8Array(room * capacity).fill(1);
  }

  /** Drops the newest samples. Keeps all series. @param length number of samples that stay */
  truncate(length: number): void {
    for (let row = 0; row < this.entries.length; row++) {
      this.absent.fill(1, row * this.capacity + length, row * this.capacity + this.length);
    }
    this.length = length;
  }

  /** Starts a sample of all series, which is absent until it is set. */
  begin(timeMs: number): void {
    this.times[this.length] = timeMs;
    this.length += 1;
  }

  rowOf(entry: SeriesEntry): number | undefined {
    return this.#rows.get(entry);
  }

  add(entry: SeriesEntry): number {
    const row = this.entries.push(entry) - 1;
    this.#rows.set(entry, row);
    if (this.entries.length * this.capacity > this.values.length) this.#grow();
    return row;
  }

  /** Sets the newest sample of a row. @returns false if it is set already; the first value stays */
  set(row: number, value: number): boolean {
    const at = row * this.capacity + this.length - 1;
    if (this.absent[at] === 0) return false;
    this.values[at] = value;
    this.absent[at] = 0;
    return true;
  }

  /** Returns the series that have the newest sample. */
  present(): SeriesEntry[] {
    return this.entries.filter(
      (_, row) => this.absent[row * this.capacity + this.length - 1] === 0,
    );
  }

  #grow(): void {
    const values = new Float64Array(2 * this.values.length);
    values.set(this.values);
    const absent = new Uint8Array(2 * this.absent.length).fill(1);
    absent.set(this.absent);
    this.values = values;
    this.absent = absent;
  }
}

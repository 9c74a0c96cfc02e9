/**
 * The times of all samples of a group. A sample keeps its number even after older ones were dropped. Arrays that `view` returned
 * are never written to again.
 */
export class TimeAxis {
  #times = new Float64Array(256);
  /** Number of the first time in the array, including dropped ones. */
  #base = 0;
  /** Number of the oldest sample that is kept. */
  start = 0;
  /** Number after the newest sample. */
  end = 0;

  /** −Infinity without samples. */
  get lastMs(): number {
    return this.end === this.start ? Number.NEGATIVE_INFINITY : this.at(this.end - 1);
  }

  at(number: number): number {
    return this.#times[number - this.#base]!;
  }

  /** @param timeMs later than the last one */
  push(timeMs: number): void {
    if (this.end - this.#base === this.#times.length) {
      // Space for half as many again, without the dropped ones.
      const kept = this.#times.subarray(this.start - this.#base);
      const moved = new Float64Array(Math.max(256, kept.length + (kept.length >> 1)));
      moved.set(kept);
      this.#times = moved;
      this.#base = this.start;
    }
    this.#times[this.end - this.#base] = timeMs;
    this.end += 1;
  }

  /** Drops the newest samples: those from a number on. */
  truncate(end: number): void {
    // A copy, because the next times must not change arrays that `view` returned.
    const kept = this.#times.slice(0, end - this.#base);
    this.#times = new Float64Array(Math.max(256, this.#times.length));
    this.#times.set(kept);
    this.end = end;
  }

  drop(count: number): void {
    this.start += count;
  }

  /** Returns the number of the first sample at or after a time. */
  find(timeMs: number): number {
    let low = this.start;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle) < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Returns the number of the first sample after a time. */
  findBehind(timeMs: number): number {
    const at = this.find(timeMs);
    return at < this.end && this.at(at) === timeMs ? at + 1 : at;
  }

  view(from: number, to: number): Float64Array {
    return this.#times.subarray(from - this.#base, to - this.#base);
  }

  get bytes(): number {
    return this.#times.byteLength;
  }
}

/**
 * Adds with compensation for rounding (Kahan's algorithm as improved by Neumaier, 1974): 1 + 1e100 + 1 − 1e100 is 2.
 *
 * @returns the new compensation after `term` was added to `sum`, which is now `next`
 */
export function compensate(sum: number, term: number, next: number, compensation: number): number {
  if (next === Infinity || next === -Infinity) return 0;
  const lost = Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
  return compensation + lost;
}

/** An incremental compensated sum. */
export class CompensatedSum {
  sum = 0;
  compensation = 0;

  add(term: number): void {
    const next = this.sum + term;
    this.compensation = compensate(this.sum, term, next, this.compensation);
    this.sum = next;
  }

  get total(): number {
    return this.sum + this.compensation;
  }
}

/** A mean that does not overflow: a plain sum while it is finite, then a running mean. */
export class CompensatedMean {
  #sum = 0;
  #compensation = 0;
  #count = 0;
  /** The sum would be infinite: from here on, #sum holds the mean. */
  #running = false;

  add(value: number): void {
    this.#count++;
    if (!this.#running) {
      const next = this.#sum + value;
      if (next !== Infinity && next !== -Infinity) {
        this.#compensation = compensate(this.#sum, value, next, this.#compensation);
        this.#sum = next;
        return;
      }
      this.#running = true;
      const before = Math.max(this.#count - 1, 1);
      this.#sum /= before;
      this.#compensation /= before;
    }
    const share = (this.#count - 1) / this.#count;
    const scaled = share * this.#sum;
    const term = value / this.#count;
    const next = scaled + term;
    this.#compensation = compensate(scaled, term, next, share * this.#compensation);
    this.#sum = next;
  }

  get mean(): number {
    if (this.#running) return this.#sum + this.#compensation;
    return this.#sum / this.#count + this.#compensation / this.#count;
  }
}

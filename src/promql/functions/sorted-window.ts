/** The sorted values of a window that moves over a series; a move by few samples is cheap. NaNs are only counted. */
export class SortedWindow {
  readonly #series: Float64Array;
  #begin = 0;
  #end = 0;
  #sorted = new Float64Array(64);
  #size = 0;
  #nans = 0;

  constructor(series: Float64Array) {
    this.#series = series;
  }

  /** Ascending; the first `size` elements count. */
  get sorted(): Float64Array {
    return this.#sorted;
  }

  get size(): number {
    return this.#size;
  }

  get nans(): number {
    return this.#nans;
  }

  /** Neither edge moves back. */
  moveTo(begin: number, end: number): void {
    const moved = Math.min(begin, this.#end) - this.#begin + (end - Math.max(begin, this.#end));
    // Above this share, sorting again is cheaper than moving value by value.
    if (begin >= this.#end || moved > (end - begin) / 2) this.#fill(begin, end);
    else {
      let out = this.#begin;
      let into = this.#end;
      while (out < begin && into < end) this.#replace(this.#series[out++]!, this.#series[into++]!);
      while (out < begin) this.#remove(this.#series[out++]!);
      while (into < end) this.#insert(this.#series[into++]!);
    }
    this.#begin = begin;
    this.#end = end;
  }

  #fill(begin: number, end: number): void {
    this.#reserve(end - begin);
    const window = this.#sorted.subarray(0, end - begin);
    window.set(this.#series.subarray(begin, end));
    // Typed arrays sort numerically, NaNs last.
    window.sort();
    let size = window.length;
    while (size > 0 && Number.isNaN(window[size - 1])) size--;
    this.#size = size;
    this.#nans = window.length - size;
  }

  /** One value leaves and one enters: only the values between them move. */
  #replace(old: number, value: number): void {
    if (Number.isNaN(old) || Number.isNaN(value)) {
      this.#remove(old);
      this.#insert(value);
      return;
    }
    const sorted = this.#sorted;
    let at = this.#find(old);
    // Plain loops: for a few dozen numbers they are faster than copyWithin.
    for (; at > 0 && sorted[at - 1]! > value; at--) sorted[at] = sorted[at - 1]!;
    for (; at + 1 < this.#size && sorted[at + 1]! < value; at++) sorted[at] = sorted[at + 1]!;
    sorted[at] = value;
  }

  #insert(value: number): void {
    if (Number.isNaN(value)) {
      this.#nans++;
      return;
    }
    this.#reserve(this.#size + 1);
    const at = this.#find(value);
    this.#sorted.copyWithin(at + 1, at, this.#size);
    this.#sorted[at] = value;
    this.#size++;
  }

  #remove(value: number): void {
    if (Number.isNaN(value)) {
      this.#nans--;
      return;
    }
    const at = this.#find(value);
    this.#sorted.copyWithin(at, at + 1, this.#size);
    this.#size--;
  }

  /** Returns the first position whose value is not less. */
  #find(value: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #reserve(size: number): void {
    if (size <= this.#sorted.length) return;
    const larger = new Float64Array(2 * size);
    larger.set(this.#sorted.subarray(0, this.#size));
    this.#sorted = larger;
  }
}

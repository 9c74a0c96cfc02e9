/** Numbers at the start that belong to no series: the header of the file that may keep the arena (saved-metrics.ts). */
export const RESERVED = 5;

/** The numbers of all series of one server in one typed array, so that one write can save them. */
export class Arena {
  /** Replaced by a larger array when it is full. Never hold on to it. */
  values = new Float64Array(1_024);
  /** Index of the next series. The number at this index always exists: it is the end of the file that may keep the arena. */
  used = RESERVED;
  /** Incremented when a series is opened or closed. */
  changes = 0;

  /** Reserves `size` numbers, all zero, and returns the index of the first. */
  allocate(size: number): number {
    const at = this.used;
    this.values[at] = 0;
    this.used += size;
    if (this.used >= this.values.length) {
      const larger = new Float64Array(Math.max(this.used + 1, this.values.length * 2));
      larger.set(this.values);
      this.values = larger;
    }
    return at;
  }
}

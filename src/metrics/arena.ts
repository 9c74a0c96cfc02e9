/** Numbers at the beginning that no series gets: the header of the file that may keep the arena (saved-metrics.ts). */
export const RESERVED = 5;

/** The numbers of all series of one server in one typed array, so that they can be kept in a file by a single write. */
export class Arena {
  /** Replaced by a larger one when it is full: never hold on to it. */
  values = new Float64Array(1_024);
  /** Where the next series begins. */
  used = RESERVED;
  /** Goes up whenever a series is opened or closed. */
  changes = 0;

  /** @returns where `size` numbers, all zero, begin */
  allocate(size: number): number {
    const at = this.used;
    this.used += size;
    if (this.used > this.values.length) {
      const larger = new Float64Array(Math.max(this.used, this.values.length * 2));
      larger.set(this.values);
      this.values = larger;
    }
    return at;
  }
}

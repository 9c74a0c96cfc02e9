/** Sorts the rows of a node by one feature. Its scratch memory is reused for every node. */
export interface RankOrder {
  /** The rows of the last `sort`, by ascending rank; rows with equal ranks keep their order. */
  readonly rows: Int32Array;
  /** Their ranks. */
  readonly ranks: Int32Array;
  /**
   * Sorts `samples[start … end − 1]` by `column`.
   *
   * @param column the rank of each row
   * @param distinct every rank is below it
   */
  sort(
    column: Uint16Array | Uint32Array,
    distinct: number,
    samples: Int32Array,
    start: number,
    end: number,
  ): void;
  /** Moves the rows of the last rank before all others, with rank −1. */
  moveLastFirst(count: number): void;
}

/** Below this count an insertion sort is faster. */
const FEW = 24;
/** Ranks per row up to which buckets are faster than comparisons: 32 empty buckets are skipped in one step. */
const SPARSE = 64;

/**
 * @param maxRows rows in the largest node
 * @param maxDistinct number of distinct values of the column with most
 */
export function createRankOrder(maxRows: number, maxDistinct: number): RankOrder {
  const rows = new Int32Array(maxRows);
  const ranks = new Int32Array(maxRows);
  // A chain of positions (plus 1; 0 ends it) per rank, and one bit for each rank with a chain.
  const head = new Int32Array(maxDistinct);
  const next = new Int32Array(maxRows);
  const occupied = new Int32Array((maxDistinct + 31) >>> 5);
  const keys = new Float64Array(maxRows);

  function sort(
    column: Uint16Array | Uint32Array,
    distinct: number,
    samples: Int32Array,
    start: number,
    end: number,
  ): void {
    const count = end - start;
    if (count > FEW && distinct <= SPARSE * count) {
      sortByBuckets(column, distinct, samples, start, end);
    } else sortByKeys(column, samples, start, end);
  }

  /** Linear: count + distinct / 32 steps. */
  function sortByBuckets(
    column: Uint16Array | Uint32Array,
    distinct: number,
    samples: Int32Array,
    start: number,
    end: number,
  ): void {
    // Backwards, so that each chain is in ascending order.
    for (let i = end - 1; i >= start; i--) {
      const rank = column[samples[i]!]!;
      next[i - start] = head[rank]!;
      head[rank] = i - start + 1;
      occupied[rank >>> 5] = occupied[rank >>> 5]! | (1 << (rank & 31));
    }
    const words = (distinct + 31) >>> 5;
    let filled = 0;
    for (let word = 0; word < words; word++) {
      let bits = occupied[word]!;
      if (bits === 0) continue;
      occupied[word] = 0;
      while (bits !== 0) {
        const lowest = bits & -bits;
        bits ^= lowest;
        const rank = (word << 5) + 31 - Math.clz32(lowest);
        let link = head[rank]!;
        head[rank] = 0;
        while (link !== 0) {
          rows[filled] = samples[start + link - 1]!;
          ranks[filled] = rank;
          filled++;
          link = next[link - 1]!;
        }
      }
    }
  }

  /** By comparison: the key is the rank, then the position; exact while both fit in 53 bits. */
  function sortByKeys(
    column: Uint16Array | Uint32Array,
    samples: Int32Array,
    start: number,
    end: number,
  ): void {
    const count = end - start;
    const scale = 2 ** (32 - Math.clz32(count));
    const mask = scale - 1;
    for (let i = 0; i < count; i++) {
      keys[i] = column[samples[start + i]!]! * scale + i;
    }
    if (count > FEW) keys.subarray(0, count).sort();
    else sortByInsertion(keys, count);
    for (let i = 0; i < count; i++) {
      const key = keys[i]!;
      const position = key & mask;
      rows[i] = samples[start + position]!;
      ranks[i] = (key - position) / scale;
    }
  }

  function moveLastFirst(count: number): void {
    const last = ranks[count - 1]!;
    let others = count;
    while (others > 0 && ranks[others - 1] === last) others -= 1;
    const size = count - others;
    for (let i = 0; i < size; i++) next[i] = rows[others + i]!;
    rows.copyWithin(size, 0, others);
    ranks.copyWithin(size, 0, others);
    for (let i = 0; i < size; i++) {
      rows[i] = next[i]!;
      ranks[i] = -1;
    }
  }

  return { rows, ranks, sort, moveLastFirst };
}

function sortByInsertion(keys: Float64Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const key = keys[i]!;
    let hole = i;
    while (hole > 0 && keys[hole - 1]! > key) {
      keys[hole] = keys[hole - 1]!;
      hole--;
    }
    keys[hole] = key;
  }
}

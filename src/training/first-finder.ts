/**
 * Creates a function that finds items equal to an earlier one, in a time that grows with the number of items: it hashes each
 * item once, and compares those with equal hashes.
 *
 * @returns a function that takes an item's index and returns the first item that is equal to it; undefined for a new one
 */
export function createFirstFinder(
  toHash: (item: number) => number,
  isEqual: (left: number, right: number) => boolean,
): (item: number) => number | undefined {
  /** By hash: the latest item that was new. */
  const latest = new Map<number, number>();
  /** By new item: the one before it with the same hash. */
  const previous = new Map<number, number>();
  return (item) => {
    const hash = toHash(item);
    const last = latest.get(hash);
    for (let other = last; other !== undefined; other = previous.get(other)) {
      if (isEqual(other, item)) return other;
    }
    latest.set(hash, item);
    if (last !== undefined) previous.set(item, last);
    return undefined;
  };
}

/** Returns a 32-bit hash of numbers; those for which `Object.is` holds have the same. */
export function hashNumbers(values: Float64Array): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  let hash = 0;
  for (let i = 0; i < values.length; i++) {
    // NaN has many bit patterns.
    const isMissing = Number.isNaN(values[i]);
    hash = mix(mix(hash, isMissing ? 1 : words[2 * i]!), isMissing ? 1 : words[2 * i + 1]!);
  }
  return hash;
}

/** Returns a 32-bit hash of strings. */
export function hashStrings(strings: readonly string[]): number {
  let hash = 0;
  for (const text of strings) {
    hash = mix(hash, text.length);
    for (let i = 0; i < text.length; i++) hash = mix(hash, text.charCodeAt(i));
  }
  return hash;
}

/** Adds 32 bits to a hash, as MurmurHash3 does (Appleby 2010). */
function mix(hash: number, word: number): number {
  const spread = Math.imul(word, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((spread << 15) | (spread >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

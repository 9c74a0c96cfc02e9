import type { Pattern } from "./pattern.ts";

/** Memory of the patterns of one model: 100 with 20,000 reference numbers, 40 with the limit of 50,000, 4,000 for Iris. */
const MAX_BYTES = 1 << 24;
/** The smallest pattern counts as this much, for its key and its entry. */
const LEAST_BYTES = 1 << 12;

/** Patterns by the features that are missing: those used last, in bounded memory. */
export interface PatternCache {
  readonly size: number;
  readonly bytes: number;
  get(key: string): Pattern | undefined;
  add(key: string, pattern: Pattern): void;
}

export function createPatternCache(maxBytes = MAX_BYTES): PatternCache {
  // A map keeps the order of insertion: the first pattern is the one that was not used for longest.
  const patterns = new Map<string, Pattern>();
  let bytes = 0;
  return {
    get size() {
      return patterns.size;
    },
    get bytes() {
      return bytes;
    },
    get(key) {
      const pattern = patterns.get(key);
      if (pattern === undefined) return undefined;
      patterns.delete(key);
      patterns.set(key, pattern);
      return pattern;
    },
    add(key, pattern) {
      patterns.set(key, pattern);
      bytes += toBytes(pattern);
      for (const [oldest, old] of patterns) {
        if (bytes <= maxBytes || oldest === key) return;
        patterns.delete(oldest);
        bytes -= toBytes(old);
      }
    },
  };
}

function toBytes({ bytes }: Pattern): number {
  return Math.max(LEAST_BYTES, bytes);
}

import { randomBytes } from "node:crypto";

/**
 * A seeded generator of pseudo-random numbers: the same seed gives the same numbers on every machine. xoshiro128** (Blackman and Vigna,
 * 2018), seeded by splitmix32. Not for secrets.
 */
export interface Random {
  /** Returns an integer, uniform in [0, 2³²). */
  uint32(): number;
  /** Returns a number, uniform in [0, 1), with 32 random bits. */
  uniform(): number;
  /** Returns an integer, uniform in [0, bound), for `bound` in 1…2³². The bias is below bound/2³². */
  below(bound: number): number;
  /** Returns a standard normal number (Box–Muller). */
  normal(): number;
  /** Shuffles in place (Fisher–Yates). */
  shuffle<T extends { length: number; [index: number]: number }>(values: T): T;
}

/**
 * @param seed an integer in 0…2³² − 1
 * @param stream selects one of the independent sequences of a seed, for example by the number of a tree; same range
 */
export function createRandom(seed: number, stream = 0): Random {
  // Hashed twice, so that neighbouring seeds and streams start at unrelated points of the sequence of splitmix.
  let state = hash32(hash32(seed) ^ stream);
  const splitmix32 = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    return hash32(state);
  };
  let a = splitmix32();
  let b = splitmix32();
  let c = splitmix32();
  let d = splitmix32() | 1;

  function uint32(): number {
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  }

  function uniform(): number {
    return uint32() / 4294967296;
  }

  function below(bound: number): number {
    return Math.floor(uniform() * bound);
  }

  function normal(): number {
    // 1 − u lies in (0, 1], so the logarithm is finite.
    return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  }

  function shuffle<T extends { length: number; [index: number]: number }>(values: T): T {
    for (let i = values.length - 1; i > 0; i--) {
      const j = below(i + 1);
      const swapped = values[i]!;
      values[i] = values[j]!;
      values[j] = swapped;
    }
    return values;
  }

  return { uint32, uniform, below, normal, shuffle };
}

/** The finalizer of MurmurHash3: a bijection of 32 bits in which every input bit affects every output bit. */
function hash32(bits: number): number {
  let z = bits >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

const ID_BYTES = 16;
/** Random bytes for one ID cost almost as much as for many. */
const IDS_AT_ONCE = 512;
let ids = "";
let used = 0;

/** Creates an unguessable ID: 128 random bits as 32 hexadecimal digits, the form of a trace ID (W3C Trace Context). */
export function createId(): string {
  if (used === ids.length) {
    ids = randomBytes(IDS_AT_ONCE * ID_BYTES).toString("hex");
    used = 0;
  }
  used += 2 * ID_BYTES;
  return ids.slice(used - 2 * ID_BYTES, used);
}

/** Creates a password of 32 characters that need no escaping: 192 bits of the system's cryptographic randomness. */
export function createPassword(): string {
  return randomBytes(24).toString("base64url");
}

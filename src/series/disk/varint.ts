/** Encodes integers from 0 to 2⁵³ − 1 in as few bytes as possible, seven bits each, the lowest first (LEB128). */
export function encodeVarints(numbers: Iterable<number>): Uint8Array {
  const bytes: number[] = [];
  for (const number of numbers) {
    let rest = number;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

/** Decodes consecutive varints. */
export class VarintReader {
  readonly #bytes: Uint8Array;
  /** Offset of the next byte. */
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** @throws RangeError at the end of the bytes, and for a number that is longer than the encoder writes */
  read(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = this.#bytes[this.at];
      if (byte === undefined) throw new RangeError("expected a number, got the end of the bytes");
      this.at += 1;
      if (byte < 128) return value + byte * factor;
      value += (byte - 128) * factor;
    }
    throw new RangeError("expected a number of at most 8 bytes");
  }
}

/** Maps a signed integer to a non-negative one: 0, −1, 1, −2, 2, … */
export function toZigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function fromZigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

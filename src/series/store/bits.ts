/** Writes bits, most significant first, into growing bytes. */
export class BitWriter {
  #bytes = new Uint8Array(4_096);
  #bits = 0;

  /** Number of bytes, including a partial one. */
  get length(): number {
    return (this.#bits + 7) >>> 3;
  }

  /** @param count 1…32, the number of lowest bits of `value` to write */
  write(value: number, count: number): void {
    if (this.length + 5 > this.#bytes.length) this.#grow();
    const bytes = this.#bytes;
    let left = count;
    while (left > 0) {
      const free = 8 - (this.#bits & 7);
      const take = left < free ? left : free;
      const part = (value >>> (left - take)) & ((1 << take) - 1);
      bytes[this.#bits >>> 3]! |= part << (free - take);
      this.#bits += take;
      left -= take;
    }
  }

  /** Continues at the next byte boundary. */
  align(): void {
    this.#bits = this.length * 8;
  }

  /** Returns a copy of the bytes and empties the writer. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.length);
    this.#bytes.fill(0, 0, taken.length);
    this.#bits = 0;
    return taken;
  }

  #grow(): void {
    const grown = new Uint8Array(2 * this.#bytes.length);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Reads the bits of a BitWriter. Reads zeros after the end, so that damaged input neither throws nor loops. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #bits: number;

  /** @param at offset of the first byte */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#bits = at * 8;
  }

  /** @param count 1…32 @returns an integer from 0 to 2³² − 1 */
  read(count: number): number {
    const bytes = this.#bytes;
    const at = this.#bits >>> 3;
    const shift = this.#bits & 7;
    this.#bits += count;
    let word = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    if (shift > 0) word = (word << shift) | (bytes[at + 4]! >>> (8 - shift));
    return word >>> (32 - count);
  }

  /** Continues at the next byte boundary. */
  align(): void {
    this.#bits = ((this.#bits + 7) >>> 3) * 8;
  }
}

/** Characters that are collected before they become bytes. */
const PIECE = 32_768;
/** UTF-8 needs at most so many bytes for one UTF-16 unit. */
const BYTES_PER_UNIT = 3;

const encoder = new TextEncoder();

/** JSON text as it is written, turned into bytes piece by piece: a large reply is never one large string. */
export class JsonBytes {
  #bytes = new Uint8Array(PIECE * BYTES_PER_UNIT);
  #length = 0;
  #piece = "";

  add(text: string): void {
    this.#piece += text;
    if (this.#piece.length >= PIECE) this.#flush();
  }

  /** All bytes, in a buffer of their own. Nothing can be added afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    this.#flush();
    return this.#bytes.slice(0, this.#length);
  }

  #flush(): void {
    const needed = this.#length + this.#piece.length * BYTES_PER_UNIT;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    const { written } = encoder.encodeInto(this.#piece, this.#bytes.subarray(this.#length));
    this.#length += written;
    this.#piece = "";
  }
}

import { TepalError } from "../../kernel/errors.ts";

/** Characters that are collected before they are encoded. */
const PIECE = 32_768;
/** Maximum bytes of a UTF-16 code unit in UTF-8. */
const BYTES_PER_UNIT = 3;

/** Maximum size of a reply. A client that needs more has to send several queries. */
const MAX_BYTES = 64 * 2 ** 20;

const encoder = new TextEncoder();

/** Encodes JSON in UTF-8 piece by piece, so that a large reply never exists as one large string. */
export class JsonBytes {
  #bytes = new Uint8Array(PIECE * BYTES_PER_UNIT);
  #length = 0;
  #piece = "";

  /** @throws TepalError QUERY_FAILED if the reply becomes too large */
  add(json: string): void {
    this.#piece += json;
    if (this.#piece.length >= PIECE) this.#flush();
  }

  /** Returns the bytes in a buffer of their own. Nothing can be added afterwards. */
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
    if (this.#length > MAX_BYTES) {
      throw new TepalError(
        "QUERY_FAILED",
        `the response would be larger than ${MAX_BYTES / 2 ** 20} MiB. Select fewer series, a shorter range or a longer step`,
      );
    }
    this.#piece = "";
  }
}

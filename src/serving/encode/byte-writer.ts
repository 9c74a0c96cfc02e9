/** Maximum bytes of a number: −2.2250738585072014e-308 has 24. */
const NUMBER_BYTES = 24;

const EMPTY = Buffer.alloc(0);
const FIRST_BYTES = 1_024;
const ZERO = 48;
/** Buffers that are kept for later replies. Smaller and larger ones become garbage. */
const MAX_SPARE = 4;
const MIN_SPARE_BYTES = 16 * 1_024;
const MAX_SPARE_BYTES = 4 * 1_024 * 1_024;

const spare: Buffer[] = [];

/**
 * Keeps the buffer of a reply for later replies, which saves memory between garbage collections.
 * @param bytes from `ByteWriter.take`; nothing may read them any more
 */
export function recycle(bytes: Buffer): void {
  const whole = bytes.buffer;
  if (spare.length === MAX_SPARE || whole.byteLength < MIN_SPARE_BYTES) return;
  if (whole.byteLength <= MAX_SPARE_BYTES) spare.push(Buffer.from(whole));
}

function takeSpare(bytes: number): Buffer | undefined {
  const last = spare.at(-1);
  return last !== undefined && last.length >= bytes ? spare.pop() : undefined;
}

/** Writes prepared bytes and numbers one after the other, without strings, which would become garbage. It reserves the space. */
export class ByteWriter {
  #bytes: Buffer = EMPTY;
  #length = 0;
  /** A little more than the bytes of the last reply. */
  #usual = 0;

  /** Drops all bytes, for example those that an error left. */
  clear(): void {
    this.#length = 0;
  }

  /** Reserves space for further bytes at once. */
  reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed > this.#bytes.length) this.#grow(needed);
  }

  writeByte(byte: number): void {
    this.reserve(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  write(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Writes a finite number as JSON does. */
  writeNumber(value: number): void {
    if (value === 0) {
      this.writeByte(ZERO);
      return;
    }
    this.reserve(NUMBER_BYTES);
    const digits = String(value);
    const bytes = this.#bytes;
    const at = this.#length;
    for (let i = 0; i < digits.length; i++) bytes[at + i] = digits.charCodeAt(i);
    this.#length = at + digits.length;
  }

  /** Writes a string in UTF-8. */
  writeText(text: string): void {
    this.reserve(3 * text.length);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** Returns the bytes. They belong to the caller: a socket may still send them while the next ones are written. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#usual = this.#length + (this.#length >>> 4);
    this.#bytes = EMPTY;
    this.#length = 0;
    return taken;
  }

  /** Returns the bytes as a string, and reuses their space. */
  takeText(): string {
    const text = this.#bytes.toString("utf8", 0, this.#length);
    this.#length = 0;
    return text;
  }

  #grow(needed: number): void {
    const size = Math.max(needed, 2 * this.#bytes.length, this.#usual, FIRST_BYTES);
    const larger = takeSpare(size) ?? Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

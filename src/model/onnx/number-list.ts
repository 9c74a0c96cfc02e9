type NumberArray = Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

const FIRST_CHUNK = 16;
const LARGEST_CHUNK = 1 << 16;

/**
 * Collects the numbers of a repeated field in typed arrays. The fields of a large forest have millions of numbers: in a growing list each
 * takes 8 bytes, and more while the list grows.
 */
export class NumberList {
  readonly #chunks: NumberArray[] = [];
  readonly #type: "int" | "float32" | "float64";
  #chunk: NumberArray | undefined;
  /** Numbers in `#chunk`. */
  #used = 0;
  #length = 0;
  /** True while all numbers are int32. Chunks after another number are float64. */
  #isNarrow: boolean;

  /** @param type "int" for integers and NaN, most of which are int32 numbers */
  constructor(type: "int" | "float32" | "float64") {
    this.#type = type;
    this.#isNarrow = type === "int";
  }

  push(value: number): void {
    if (this.#isNarrow && value !== (value | 0)) {
      this.#isNarrow = false;
      this.#closeChunk();
    }
    let chunk = this.#chunk;
    if (chunk === undefined || this.#used === chunk.length) {
      this.#closeChunk();
      chunk = this.#create(Math.min(LARGEST_CHUNK, Math.max(FIRST_CHUNK, this.#length)));
      this.#chunk = chunk;
    }
    chunk[this.#used++] = value;
    this.#length += 1;
  }

  toArray(): NumberArray {
    this.#closeChunk();
    const all = this.#create(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  #create(length: number): NumberArray {
    if (this.#isNarrow) return new Int32Array(length);
    return this.#type === "float32" ? new Float32Array(length) : new Float64Array(length);
  }

  #closeChunk(): void {
    if (this.#chunk !== undefined && this.#used > 0) {
      this.#chunks.push(this.#chunk.subarray(0, this.#used));
    }
    this.#chunk = undefined;
    this.#used = 0;
  }
}

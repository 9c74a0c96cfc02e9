/** Creates a buffer that is a quarter larger, so that later blocks of slightly different sizes also fit. */
export function createBuffer(size: number): ArrayBuffer {
  return new ArrayBuffer(Math.ceil(size * 1.25));
}

/** Buffers for reuse. */
export interface SpareBuffers {
  /** Returns a buffer of at least this size. */
  take(size: number): ArrayBuffer;
  give(buffer: ArrayBuffer): void;
}

export function createSpareBuffers(): SpareBuffers {
  const spare: ArrayBuffer[] = [];
  return {
    take(size) {
      const buffer = spare.pop();
      return buffer === undefined || buffer.byteLength < size ? createBuffer(size) : buffer;
    },
    give: (buffer) => void spare.push(buffer),
  };
}

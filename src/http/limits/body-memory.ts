/** Bytes of each body that are not counted: those of an ordinary prediction, so that few large bodies cannot keep them out. */
export const FREE_BODY_BYTES = 64 * 1024;

/** The memory of all request bodies that have been received in part, or are not parsed yet. */
export interface BodyMemory {
  /** Starts to count a body. */
  open(): BodyShare;
}

/** The memory of one body. */
export interface BodyShare {
  /**
   * Sets the body's size in memory.
   * @returns false if the bodies of all requests would need too much memory; the size then stays as it was
   */
  resize(bytes: number): boolean;
  /** To be called once, when the body is not held any more. Idempotent. */
  close(): void;
}

/**
 * @param limit largest size in bytes of all bodies together, without FREE_BODY_BYTES of each. A body that is alone is never rejected.
 */
export function createBodyMemory(limit: number): BodyMemory {
  let held = 0;
  return {
    open() {
      let own = 0;
      return {
        resize(bytes) {
          const counted = Math.max(0, bytes - FREE_BODY_BYTES);
          const others = held - own;
          if (others > 0 && others + counted > limit) return false;
          held = others + counted;
          own = counted;
          return true;
        },
        close() {
          held -= own;
          own = 0;
        },
      };
    },
  };
}

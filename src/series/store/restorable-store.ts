/** The interface between a store and its persistence: changes go out through a journal, sealed blocks come back. */
import type { Labels } from "../series.ts";
import type { SeriesStore } from "./series-store.ts";

/** A store that can be restored from persisted blocks. */
export interface RestorableStore extends SeriesStore {
  /**
   * Adds a sealed block to a group without appended samples.
   * @returns false if the block does not start after all blocks of the group; it is not added then
   */
  restore(group: string, block: SealedBlock): boolean;
  /**
   * Drops blocks whose last sample is older than the retention. `append` does so whenever it seals a head.
   */
  expire(nowMs: number): void;
  /**
   * Drops the restored blocks of a group that end after a time: an earlier process has set their last samples aside, and has written the
   * others again.
   */
  restoreSetAside(group: string, afterMs: number): void;
  /** Seals all heads. */
  sealAll(): void;
  /** Subscribes to all changes. */
  setJournal(journal: Journal): void;
}

/** Receives the changes of a store, to persist them. Must not throw. */
export interface Journal {
  /** The newest sample of the head is complete. */
  appended(group: string, head: OpenHead): void;
  /** Samples of a group after a time were dropped. @param head the remaining head */
  setAside(group: string, afterMs: number, head: OpenHead): void;
  /** A head was sealed to an immutable block. */
  sealed(group: string, block: SealedBlock): void;
}

/** A head as a journal reads it: a row of `capacity` samples for each series. */
export interface OpenHead {
  readonly capacity: number;
  /** Number of samples per series. */
  readonly length: number;
  /** The first `length` times are set. */
  readonly times: Float64Array;
  /** Series in the order of their rows. */
  readonly entries: readonly { readonly labels: Labels }[];
  /** Sample i of row r has index r · capacity + i. */
  readonly values: Float64Array;
  /** 1 for an absent sample. */
  readonly absent: Uint8Array;
}

/** The samples of a group in a range of time, compressed. */
export interface SealedBlock {
  readonly times: Float64Array;
  /** In the order of the chunks. */
  readonly labels: readonly Labels[];
  /** Offset in `bytes` of each series' chunk. */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

import type { Labels } from "../series.ts";
import type { SealedBlock } from "../store/restorable-store.ts";
import { encodeBlock, encodeNames } from "./block-record.ts";
import { encodeFrame, FRAME_KINDS } from "./frames.ts";
import type { Segments } from "./segments.ts";
import type { WriteGuard } from "./write-guard.ts";

/** A block that is to be written. */
interface PendingBlock {
  readonly frame: Buffer;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Writes sealed blocks to segments, and retries those that failed with the next one. */
export class BlockWriter {
  readonly #segments: Segments;
  readonly #guard: WriteGuard;
  readonly #names = new Map<
    string,
    { readonly labels: readonly Labels[]; readonly encoded: Buffer }
  >();
  #pending: PendingBlock[] = [];

  constructor(segments: Segments, guard: WriteGuard) {
    this.#segments = segments;
    this.#guard = guard;
  }

  /** Number of blocks that could not be written yet. */
  get pending(): number {
    return this.#pending.length;
  }

  /** Writes a block after all pending ones. Drops those whose last sample is older than the retention. */
  write(group: string, block: SealedBlock, retentionMs: number): void {
    const { times, labels } = block;
    const names = this.#encodeNamesOnce(group, labels);
    const frame = encodeFrame(FRAME_KINDS.block, ...encodeBlock(names, block));
    const lastMs = times.at(-1)!;
    this.#pending = this.#pending.filter((one) => one.lastMs >= lastMs - retentionMs);
    this.#pending.push({ frame, firstMs: times[0]!, lastMs });
    this.#writePending();
  }

  /** Writes that the samples of a group after a time were dropped. It applies to the blocks before it. */
  writeSetAside(group: string, afterMs: number): void {
    const payload = Buffer.from(JSON.stringify([group, afterMs]));
    const frame = encodeFrame(FRAME_KINDS.setAside, payload);
    this.#pending.push({ frame, firstMs: afterMs, lastMs: afterMs });
    this.#writePending();
  }

  #writePending(): void {
    while (this.#pending.length > 0) {
      const { frame, firstMs, lastMs } = this.#pending[0]!;
      if (!this.#guard.attempt(() => this.#segments.append(frame, firstMs, lastMs))) return;
      this.#pending.shift();
    }
  }

  /** Reuses the encoded names of the previous block of a group if its series are the same objects. */
  #encodeNamesOnce(group: string, labels: readonly Labels[]): Buffer {
    const last = this.#names.get(group);
    if (last?.labels.length === labels.length && last.labels.every((one, i) => one === labels[i])) {
      return last.encoded;
    }
    const encoded = encodeNames(group, labels);
    this.#names.set(group, { labels, encoded });
    return encoded;
  }
}

import { BitWriter } from "./bits.ts";
import type { Layout } from "./series-entry.ts";
import { Head } from "./head.ts";
import { decodeChunk, encodeChunk } from "./xor-chunk.ts";

/** A sealed, immutable head of a group: the concatenated chunks of its series. */
export interface Block {
  /** Number of samples per series, including absent ones. */
  readonly count: number;
  readonly layout: Layout;
  /** Offset in `bytes` of each series' chunk. */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

const out = new BitWriter();

export function sealHead(head: Head, layout: Layout): Block {
  const offsets = new Uint32Array(layout.entries.length);
  for (let row = 0; row < offsets.length; row++) {
    offsets[row] = out.length;
    encodeChunk(out, head.values, head.absent, row * head.capacity, head.length);
  }
  return { count: head.length, layout, offsets, bytes: out.take() };
}

/** Decodes the first samples of a block to a head. @param times as many as samples that stay */
export function openBlock(block: Block, times: Float64Array, capacity: number): Head {
  const head = new Head(capacity, block.layout);
  for (const timeMs of times) head.begin(timeMs);
  const values = new Float64Array(block.count);
  const absent = new Uint8Array(block.count);
  for (let row = 0; row < block.layout.entries.length; row++) {
    absent.fill(0);
    readBlock(block, row, values, absent, 0);
    head.values.set(values.subarray(0, times.length), row * capacity);
    head.absent.set(absent.subarray(0, times.length), row * capacity);
  }
  return head;
}

/** Decodes the samples of the series at a position of the layout. @returns true if some are absent */
export function readBlock(
  { bytes, offsets, count }: Block,
  position: number,
  values: Float64Array,
  absent: Uint8Array,
  into: number,
): boolean {
  return decodeChunk(bytes, offsets[position]!, count, values, absent, into);
}

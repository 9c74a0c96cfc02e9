import { BitWriter } from "./bits.ts";
import type { Layout } from "./entry.ts";
import type { Head } from "./head.ts";
import { decodeChunk, encodeChunk } from "./xor-chunk.ts";

/** A sealed window of a group: the chunks of its series, one behind the other. Never changes. */
export interface Block {
  /** How many samples each series has, absent ones included. */
  readonly count: number;
  readonly layout: Layout;
  /** Where in `bytes` the chunk of each series begins. */
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

/** Unpacks the samples of the series at a position of the layout. @returns whether some are absent */
export function readBlock(
  { bytes, offsets, count }: Block,
  position: number,
  values: Float64Array,
  absent: Uint8Array,
  into: number,
): boolean {
  return decodeChunk(bytes, offsets[position]!, count, values, absent, into);
}

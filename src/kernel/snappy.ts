/**
 * Compression in Snappy's block format, which Prometheus's remote write requires
 * (https://github.com/google/snappy/blob/main/format_description.txt). The method is that of the reference: matches of at least four
 * bytes within blocks of 64 KiB, found by a hash table.
 */
const BLOCK_BYTES = 65_536;
const HASH_BITS = 14;
const HASH_SHIFT = 32 - HASH_BITS;
const HASH_FACTOR = 0x1e35a7bd;
const MIN_MATCH = 4;
/** The last bytes of a block are literals, so that no read passes its end. */
const MARGIN = 15;
/** After 32 failed lookups in a row every second byte is looked up, and so on: data without matches costs little. */
const SKIP_BITS = 5;
const LITERAL = 0;
const COPY_1 = 1;
const COPY_2 = 2;
const MAX_COPY = 64;

/** Compresses bytes. The result is never longer than 32 + n + n / 6 bytes. */
export function compressSnappy(input: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(32 + input.length + Math.ceil(input.length / 6));
  let at = writeLength(out, input.length);
  const table = new Uint16Array(1 << HASH_BITS);
  for (let start = 0; start < input.length; start += BLOCK_BYTES) {
    const end = Math.min(input.length, start + BLOCK_BYTES);
    table.fill(0);
    at = compressBlock(input, start, end, table, out, at);
  }
  return out.slice(0, at);
}

/** Writes the decompressed length as a varint. @returns the position after it */
function writeLength(out: Uint8Array, length: number): number {
  let at = 0;
  let rest = length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out[at++] = (rest % 0x80) | 0x80;
  out[at++] = rest;
  return at;
}

/** @param table positions in the block by hash, all 0 @returns the position after the output */
function compressBlock(
  input: Uint8Array,
  start: number,
  end: number,
  table: Uint16Array,
  out: Uint8Array,
  from: number,
): number {
  let at = from;
  /** Start of the bytes that are not written yet. */
  let literal = start;
  const limit = end - MARGIN;
  // A match needs a position before it.
  let position = start + 1;
  let lookups = 1 << SKIP_BITS;
  while (position < limit) {
    const word = readWord(input, position);
    const hash = Math.imul(word, HASH_FACTOR) >>> HASH_SHIFT;
    const candidate = start + table[hash]!;
    table[hash] = position - start;
    if (readWord(input, candidate) !== word) {
      position += lookups >> SKIP_BITS;
      lookups += 1;
      continue;
    }
    let matched = position + MIN_MATCH;
    for (let other = candidate + MIN_MATCH; matched < end && input[matched] === input[other];) {
      matched += 1;
      other += 1;
    }
    at = writeLiteral(input, literal, position, out, at);
    at = writeCopies(position - candidate, matched - position, out, at);
    position = matched;
    literal = matched;
    lookups = 1 << SKIP_BITS;
  }
  return writeLiteral(input, literal, end, out, at);
}

function readWord(input: Uint8Array, at: number): number {
  return input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24);
}

function writeLiteral(
  input: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  start: number,
): number {
  let at = start;
  const last = to - from - 1;
  if (last < 0) return at;
  if (last < 60) {
    out[at++] = (last << 2) | LITERAL;
  } else if (last < 0x100) {
    out[at++] = (60 << 2) | LITERAL;
    out[at++] = last;
  } else {
    // A literal lies within a block, so two bytes are enough.
    out[at++] = (61 << 2) | LITERAL;
    out[at++] = last & 0xff;
    out[at++] = last >> 8;
  }
  out.set(input.subarray(from, to), at);
  return at + to - from;
}

/** Writes a match as copies of at most 64 bytes. Lengths are split so that none of them is below four. */
function writeCopies(offset: number, length: number, out: Uint8Array, start: number): number {
  let at = start;
  let left = length;
  while (left > 0) {
    const part = left > MAX_COPY && left < MAX_COPY + MIN_MATCH ? 60 : Math.min(left, MAX_COPY);
    if (part >= MIN_MATCH && part < 12 && offset < 2_048) {
      out[at++] = ((offset >> 8) << 5) | ((part - MIN_MATCH) << 2) | COPY_1;
      out[at++] = offset & 0xff;
    } else {
      out[at++] = ((part - 1) << 2) | COPY_2;
      out[at++] = offset & 0xff;
      out[at++] = offset >> 8;
    }
    left -= part;
  }
  return at;
}

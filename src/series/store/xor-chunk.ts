/**
 * The compressed samples of one series in one window. Each value is XORed with the previous one and only the different bits are
 * written: Pelkonen et al., "Gorilla: a fast, scalable, in-memory time series database", VLDB 2015, section 4.1.2. Times are not part of it:
 * all series of a group share them.
 *
 *     chunk   = form [absent] values
 *     form    = 8 bits: 1 some samples are absent, 2 all values are the same, 4 there are no values at all
 *     absent  = a bit for each sample, up to a whole byte
 *     values  = the first in 64 bits, and unless all are the same, for each other one
 *               0                                          the same again
 *               1 0 bits                                   as many bits as before, at the same place
 *               1 1 leading (5 bits) length − 1 (6) bits   the bits that differ, and where
 */
import { BitReader, type BitWriter } from "./bits.ts";

const SOME_ABSENT = 1;
const CONSTANT = 2;
const EMPTY = 4;

const MAX_LEADING = 31;
const scratch = new DataView(new ArrayBuffer(8));

/** Encodes `count` samples from `from` on; those with 1 in `absent` are missing. Ends at a byte boundary. */
export function encodeChunk(
  out: BitWriter,
  values: Float64Array,
  absent: Uint8Array,
  from: number,
  count: number,
): void {
  const to = from + count;
  let present = 0;
  let first = 0;
  let constant = true;
  for (let i = from; i < to; i++) {
    if (absent[i] === 1) continue;
    if (present === 0) first = values[i]!;
    else if (!Object.is(values[i], first)) constant = false;
    present += 1;
  }
  if (present === 0) {
    out.write(EMPTY, 8);
    return;
  }
  out.write((present < count ? SOME_ABSENT : 0) | (constant ? CONSTANT : 0), 8);
  if (present < count) {
    for (let i = from; i < to; i++) out.write(absent[i]!, 1);
    out.align();
  }
  scratch.setFloat64(0, first);
  out.write(scratch.getUint32(0), 32);
  out.write(scratch.getUint32(4), 32);
  if (!constant) encodeDifferences(out, values, absent, from, to);
  out.align();
}

function encodeDifferences(
  out: BitWriter,
  values: Float64Array,
  absent: Uint8Array,
  from: number,
  to: number,
): void {
  let high = scratch.getUint32(0);
  let low = scratch.getUint32(4);
  // No window yet: no value fits into one without bits.
  let windowLeading = 64;
  let windowTrailing = 64;
  let isFirst = true;
  for (let i = from; i < to; i++) {
    if (absent[i] === 1) continue;
    if (isFirst) {
      isFirst = false;
      continue;
    }
    scratch.setFloat64(0, values[i]!);
    const nextHigh = scratch.getUint32(0);
    const nextLow = scratch.getUint32(4);
    const xorHigh = (nextHigh ^ high) >>> 0;
    const xorLow = (nextLow ^ low) >>> 0;
    high = nextHigh;
    low = nextLow;
    if (xorHigh === 0 && xorLow === 0) {
      out.write(0, 1);
      continue;
    }
    const leading = Math.min(
      MAX_LEADING,
      xorHigh === 0 ? 32 + Math.clz32(xorLow) : Math.clz32(xorHigh),
    );
    const trailing = xorLow === 0 ? 32 + countTrailing(xorHigh) : countTrailing(xorLow);
    if (leading >= windowLeading && trailing >= windowTrailing) {
      out.write(0b10, 2);
    } else {
      windowLeading = leading;
      windowTrailing = trailing;
      out.write(0b11, 2);
      out.write(leading, 5);
      out.write(63 - leading - trailing, 6);
    }
    writeWindow(out, xorHigh, xorLow, windowLeading, windowTrailing);
  }
}

function writeWindow(
  out: BitWriter,
  high: number,
  low: number,
  leading: number,
  trailing: number,
): void {
  const length = 64 - leading - trailing;
  if (trailing >= 32) {
    out.write(high >>> (trailing - 32), length);
    return;
  }
  const shiftedLow = trailing === 0 ? low : (low >>> trailing) | (high << (32 - trailing));
  if (length > 32) out.write(high >>> trailing, length - 32);
  out.write(shiftedLow, Math.min(length, 32));
}

function countTrailing(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/**
 * Decodes the chunk at an offset into `values` and `absent` from `into` on. Always writes exactly `count` samples, for
 * any input.
 *
 * @returns true if some are absent
 */
export function decodeChunk(
  bytes: Uint8Array,
  at: number,
  count: number,
  values: Float64Array,
  absent: Uint8Array,
  into: number,
): boolean {
  const end = into + count;
  const source = new BitReader(bytes, at);
  const form = source.read(8);
  if ((form & EMPTY) !== 0) {
    absent.fill(1, into, end);
    return true;
  }
  const isGappy = (form & SOME_ABSENT) !== 0;
  if (isGappy) {
    for (let i = into; i < end; i++) absent[i] = source.read(1);
    source.align();
  }
  let high = source.read(32);
  let low = source.read(32);
  scratch.setUint32(0, high);
  scratch.setUint32(4, low);
  let value = scratch.getFloat64(0);
  if ((form & CONSTANT) !== 0) {
    values.fill(value, into, end);
    return isGappy;
  }
  let trailing = 0;
  let length = 0;
  let isFirst = true;
  for (let i = into; i < end; i++) {
    if (isGappy && absent[i] === 1) continue;
    if (isFirst) {
      isFirst = false;
    } else if (source.read(1) === 1) {
      if (source.read(1) === 1) {
        const leading = source.read(5);
        length = Math.min(64 - leading, source.read(6) + 1);
        trailing = 64 - leading - length;
      }
      const top = length > 32 ? source.read(length - 32) : 0;
      const bottom = length > 0 ? source.read(Math.min(length, 32)) : 0;
      if (trailing >= 32) {
        high ^= bottom << (trailing - 32);
      } else if (trailing === 0) {
        high ^= top;
        low ^= bottom;
      } else {
        high ^= (top << trailing) | (bottom >>> (32 - trailing));
        low ^= bottom << trailing;
      }
      scratch.setUint32(0, high);
      scratch.setUint32(4, low);
      value = scratch.getFloat64(0);
    }
    values[i] = value;
  }
  return isGappy;
}

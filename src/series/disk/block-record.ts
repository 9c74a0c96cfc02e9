/**
 * A self-contained encoding of a sealed block:
 *
 *     record = length of names, names: zstd of the JSON [group, [[name, value, …], …]]
 *              number of samples, first time, differences of the differences of times (zigzag)
 *              length of each chunk
 *              chunks                                                              (all lengths and numbers are varints)
 *
 * The names are long and the same from block to block; compressed they are a few percent of the record.
 */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Labels } from "../series.ts";
import { fromLabelList, toLabelList } from "../store/label-list.ts";
import type { SealedBlock } from "../store/restorable-store.ts";
import { encodeVarints, fromZigzag, toZigzag, VarintReader } from "./varint.ts";

/** Maximum size of decompressed names, in bytes. */
const MAX_NAMES_BYTES = 256 * 2 ** 20;

export interface NamedBlock {
  readonly group: string;
  readonly block: SealedBlock;
}

/** Encodes the group and the labels of a block, compressed. */
export function encodeNames(group: string, labels: readonly Labels[]): Buffer {
  return zstdCompressSync(JSON.stringify([group, labels.map(toLabelList)]));
}

/** @param names from `encodeNames` */
export function encodeBlock(
  names: Uint8Array,
  { times, offsets, bytes }: SealedBlock,
): Uint8Array[] {
  const lengths = Array.from(offsets, (offset, i) => (offsets[i + 1] ?? bytes.length) - offset);
  return [
    encodeVarints([names.length]),
    names,
    encodeVarints([times.length, ...toDifferences(times)]),
    encodeVarints(lengths),
    bytes,
  ];
}

/** Encodes the first time unchanged, then the first difference, then differences of differences. */
function* toDifferences(times: Float64Array): Iterable<number> {
  let last = 0;
  let lastStep = 0;
  for (const [i, time] of times.entries()) {
    const step = time - last;
    yield i === 0 ? time : toZigzag(step - lastStep);
    lastStep = i === 0 ? 0 : step;
    last = time;
  }
}

/** Decodes names, and reuses the result for equal bytes: consecutive blocks mostly have the same names. */
export function createNamesReader(): (names: Buffer) => { group: string; labels: Labels[] } {
  let lastBytes: Buffer | undefined;
  let last: { group: string; labels: Labels[] } | undefined;
  return (bytes) => {
    if (last !== undefined && lastBytes?.equals(bytes)) return last;
    const json = zstdDecompressSync(bytes, { maxOutputLength: MAX_NAMES_BYTES }).toString();
    const [group, lists]: [string, string[][]] = JSON.parse(json);
    last = { group, labels: lists.map(fromLabelList) };
    lastBytes = bytes;
    return last;
  };
}

/**
 * @param readNames from `createNamesReader`
 * @throws Error if the bytes are not a record of `encodeBlock`
 */
export function decodeBlock(
  record: Buffer,
  readNames: ReturnType<typeof createNamesReader>,
): NamedBlock {
  const numbers = new VarintReader(record, 0);
  const namesEnd = numbers.read() + numbers.at;
  const { group, labels } = readNames(record.subarray(numbers.at, namesEnd));
  numbers.at = namesEnd;
  const count = numbers.read();
  if (count > record.length) throw new Error("expected at most as many times as bytes");
  const times = new Float64Array(count);
  let step = 0;
  for (let i = 0; i < times.length; i++) {
    if (i === 0) {
      times[0] = numbers.read();
      continue;
    }
    step += fromZigzag(numbers.read());
    if (!(step > 0)) throw new Error("expected increasing times");
    times[i] = times[i - 1]! + step;
  }
  const offsets = new Uint32Array(labels.length);
  let end = 0;
  for (let i = 0; i < offsets.length; i++) {
    offsets[i] = end;
    end += numbers.read();
  }
  const bytes = Uint8Array.from(record.subarray(numbers.at));
  if (bytes.length !== end)
    throw new Error("chunks do not have the lengths that the record states");
  return { group, block: { times, labels, offsets, bytes } };
}

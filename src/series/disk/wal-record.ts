/**
 * Records of the write-ahead log of a head: labels of new series, and one sample of all series for each scrape. They have
 * no compression, since they live for minutes.
 */
import type { Labels } from "../series.ts";
import { fromLabelList, toLabelList } from "../store/label-list.ts";
import type { OpenHead } from "../store/restorable-store.ts";
import type { Sample } from "../store/series-store.ts";

/** Encodes a group, and the labels of its rows from one row on. */
export function encodeSeries(group: string, head: OpenHead, from: number): Buffer {
  const rows = head.entries.slice(from).map(({ labels }) => toLabelList(labels));
  return Buffer.from(JSON.stringify([group, from, rows]));
}

/** Writes the labels to their rows. @returns the group @throws Error if the bytes are not a record of `encodeSeries` */
export function decodeSeries(record: Buffer, rows: Map<number, Labels>): string {
  const [group, from, lists]: [string, number, string[][]] = JSON.parse(record.toString());
  for (const [i, list] of lists.entries()) rows.set(from + i, fromLabelList(list));
  return group;
}

const NUMBER = Float64Array.BYTES_PER_ELEMENT;

/** Encodes the newest sample: its time, then number and value of each row that has one. */
export function encodeSamples(head: OpenHead): Buffer {
  const record = Buffer.allocUnsafe(NUMBER + head.entries.length * (4 + NUMBER));
  const newest = head.length - 1;
  let at = record.writeDoubleLE(head.times[newest]!, 0);
  for (let row = 0; row < head.entries.length; row++) {
    const cell = row * head.capacity + newest;
    if (head.absent[cell] === 1) continue;
    at = record.writeUInt32LE(row, at);
    at = record.writeDoubleLE(head.values[cell]!, at);
  }
  return record.subarray(0, at);
}

/** Decodes the samples of one scrape. Rows without labels (their record was damaged) are skipped. */
export function decodeSamples(
  record: Buffer,
  rows: ReadonlyMap<number, Labels>,
): { readonly timeMs: number; readonly samples: readonly Sample[] } {
  const timeMs = record.readDoubleLE(0);
  const samples: Sample[] = [];
  for (let at = NUMBER; at < record.length; at += 4 + NUMBER) {
    const labels = rows.get(record.readUInt32LE(at));
    if (labels !== undefined) samples.push({ labels, value: record.readDoubleLE(at + 4) });
  }
  return { timeMs, samples };
}

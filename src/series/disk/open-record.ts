/** What is logged of an open window, scrape by scrape: plain numbers, since it lives for minutes. */
import type { Head } from "../store/head.ts";
import { fromLabelList, toLabelList } from "../store/label-list.ts";
import type { Sample } from "../store/series-store.ts";
import type { Labels } from "../series.ts";

/** A group, and the labels of its rows from one on. */
export function encodeRows(group: string, head: Head, from: number): Buffer {
  const rows = head.entries.slice(from).map(({ labels }) => toLabelList(labels));
  return Buffer.from(JSON.stringify([group, from, rows]));
}

/** Puts the labels at their rows. @returns the group @throws Error when it is not what `encodeRows` writes */
export function decodeRows(record: Buffer, rows: Map<number, Labels>): string {
  const [group, from, lists]: [string, number, string[][]] = JSON.parse(record.toString());
  for (const [i, list] of lists.entries()) rows.set(from + i, fromLabelList(list));
  return group;
}

const NUMBER = Float64Array.BYTES_PER_ELEMENT;

/** The newest sample: its time, then for each row that has one the row's number and value. */
export function encodeSample(head: Head): Buffer {
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

/** Samples of rows whose labels are not known (their record was damaged) are left out. */
export function decodeSample(
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

import { readBlock } from "./block.ts";
import type { BlockList, PlacedBlock } from "./block-list.ts";
import { ensureRoom, type Column } from "./column-cache.ts";
import type { Head } from "./head.ts";
import type { SeriesEntry } from "./series-entry.ts";
import type { TimeAxis } from "./time-axis.ts";

/** All samples of a group: the blocks, then the head. */
export interface SampleSource {
  readonly times: TimeAxis;
  readonly blocks: BlockList;
  readonly head: Head;
}

/** Adds the samples that a column lacks, up to a sample number and on to the end of its block. */
export function fillColumn(
  column: Column,
  entry: SeriesEntry,
  to: number,
  { times, blocks, head }: SampleSource,
): void {
  for (let i = blocks.findIndex(column.end); i < blocks.length; i++) {
    if (column.end >= to) return;
    copyBlock(column, entry, blocks.at(i)!);
  }
  if (column.end < to) copyHead(column, entry, head, times.end);
}

/** Rewrites samples that the column has already with the same values. */
function copyBlock(column: Column, entry: SeriesEntry, { first, block }: PlacedBlock): void {
  const end = first + block.count;
  ensureRoom(column, end);
  const at = first - column.start;
  const position = block.layout.positions.get(entry);
  if (position === undefined) {
    column.absent.fill(1, at, at + block.count);
    column.hasAbsent = true;
  } else if (readBlock(block, position, column.values, column.absent, at)) {
    column.hasAbsent = true;
  }
  column.end = end;
}

/** @param end number after the last sample of the head */
function copyHead(column: Column, entry: SeriesEntry, head: Head, end: number): void {
  ensureRoom(column, end);
  const row = head.rowOf(entry);
  const headStart = end - head.length;
  for (let number = column.end; number < end; number++) {
    const at = row === undefined ? -1 : row * head.capacity + number - headStart;
    const absent = at < 0 ? 1 : head.absent[at]!;
    column.absent[number - column.start] = absent;
    if (absent === 1) column.hasAbsent = true;
    else column.values[number - column.start] = head.values[at]!;
  }
  column.end = end;
}

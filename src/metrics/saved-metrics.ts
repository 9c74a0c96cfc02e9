/**
 * The measurements of one process in a file that another reads: what the kernel has survives a process that is killed.
 *
 * The file holds the arena's numbers from 0 on, and from DIRECTORY on which of them are which series. The numbers are written
 * by one call, whose first and last number are the same serial number: who reads forwards and finds two that differ has
 * met a write, and reads again. A new directory never overwrites the one that the last numbers point to.
 */
import { readSync, writeSync } from "node:fs";
import type { Arena } from "./arena.ts";
import type { Family, Series } from "./family.ts";

/** Where directories begin, in bytes: behind any arena (all series of all metrics are 14 MB). The file has a hole before it. */
const DIRECTORY = 2 ** 26;
const BYTES = Float64Array.BYTES_PER_ELEMENT;

/** Places in the header, which is the beginning of the arena (RESERVED). */
const SERIAL = 0;
/** Index of the last number, which repeats the serial number. */
const LAST = 1;
const DIRECTORY_VERSION = 2;
const DIRECTORY_AT = 3;
const DIRECTORY_BYTES = 4;

/**
 * A writer is done within microseconds, and then does other things. One that was killed while it wrote leaves a mixture of
 * two moments, which is taken as it is: each number is one of the two.
 */
const ATTEMPTS = 200;

/** The series of one metric. */
export type SavedFamily = readonly [name: string, series: readonly Series[]];

/** What one process had measured at one moment. */
export interface Snapshot {
  /** Changes with every change of the families. */
  readonly version: number;
  readonly families: readonly SavedFamily[];
  /** All numbers; a series's begin at its slot. */
  readonly values: Float64Array;
}

/**
 * @param descriptor of an empty file that only this process writes
 * @returns what writes the measurements as they are now
 */
export function createSaver(
  descriptor: number,
  arena: Arena,
  families: readonly Family[],
): () => void {
  let saved = -1;
  let last = -1;
  let version = 0;
  let at = DIRECTORY;
  let bytes = 0;

  function saveDirectory(): void {
    const directory = families.map((family) => [family.declaration.name, [...family.series()]]);
    const text = Buffer.from(JSON.stringify(directory));
    const place = DIRECTORY + text.length <= at ? DIRECTORY : at + bytes;
    writeSync(descriptor, text, 0, text.length, place);
    at = place;
    bytes = text.length;
    version += 1;
  }

  return () => {
    if (saved !== arena.changes) {
      const { changes } = arena;
      saveDirectory();
      saved = changes;
    }
    // A place of its own each time that the arena has grown: a series must not begin on a serial number.
    if (arena.used !== last + 1) last = arena.allocate(1);
    const { values } = arena;
    const serial = (values[SERIAL] ?? 0) + 1;
    values[SERIAL] = serial;
    values[LAST] = last;
    values[DIRECTORY_VERSION] = version;
    values[DIRECTORY_AT] = at;
    values[DIRECTORY_BYTES] = bytes;
    values[last] = serial;
    writeSync(descriptor, values, 0, (last + 1) * BYTES, 0);
  };
}

/**
 * @param before the snapshot that was read last from the same file: its families are taken over when they are the same
 * @returns undefined when nothing has been saved yet
 */
export function readSaved(descriptor: number, before: Snapshot | undefined): Snapshot | undefined {
  let numbers = new Float64Array(before?.values.length ?? 1_024);
  let snapshot: Snapshot | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    readSync(descriptor, numbers, 0, numbers.byteLength, 0);
    const last = numbers[LAST] ?? 0;
    if (last === 0) return undefined;
    if (last >= numbers.length) {
      numbers = new Float64Array(last + 1);
      continue;
    }
    const version = numbers[DIRECTORY_VERSION] ?? 0;
    const known = [snapshot, before].find((one) => one?.version === version)?.families;
    const families = known ?? readDirectory(descriptor, numbers);
    // It may have been replaced twice while it was read, and then be nonsense.
    if (families === undefined) continue;
    snapshot = { version, families, values: numbers.slice(0, last + 1) };
    if (numbers[SERIAL] === numbers[last]) break;
  }
  return snapshot ?? before;
}

function readDirectory(descriptor: number, numbers: Float64Array): SavedFamily[] | undefined {
  const text = Buffer.alloc(numbers[DIRECTORY_BYTES] ?? 0);
  readSync(descriptor, text, 0, text.length, numbers[DIRECTORY_AT] ?? 0);
  const header = new Float64Array(DIRECTORY_BYTES + 1);
  readSync(descriptor, header, 0, header.byteLength, 0);
  if (header[DIRECTORY_VERSION] !== numbers[DIRECTORY_VERSION]) return undefined;
  const families: SavedFamily[] = JSON.parse(text.toString());
  return families;
}

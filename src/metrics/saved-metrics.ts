/**
 * The measurements of one process in a file that another reads: what the kernel has survives a process that is killed.
 *
 * The file holds the arena's numbers from 0 on, and from DIRECTORY on which of them are which series. Each save has a serial
 * number, which is written at BEGUN before all else and at ENDED after it. Who reads ENDED first and BEGUN last, and
 * finds the same, has met no save; else he reads again. (Calls of their own, because a single copy is in no order.) A new
 * directory never overwrites the one that the last numbers point to.
 */
import { readSync, writeSync } from "node:fs";
import type { Arena } from "./arena.ts";
import type { Family, Series } from "./family.ts";

/** Where directories begin, in bytes: behind any arena (all series of all metrics are 14 MB). The file has a hole before it. */
const DIRECTORY = 2 ** 26;
const BYTES = Float64Array.BYTES_PER_ELEMENT;

/** Places in the header, which is the beginning of the arena (RESERVED). */
const BEGUN = 0;
const ENDED = 1;
/** How many numbers there are. */
const USED = 2;
const DIRECTORY_VERSION = 3;
const DIRECTORY_AT = 4;
const DIRECTORY_BYTES = 5;

/**
 * A writer is done within microseconds, unless the system lets it wait amidst: then so does the reader. One that was killed
 * amidst leaves a mixture of two moments, which is taken as it is in the end: each number is one of the two.
 */
const ATTEMPTS = 120;
const QUICK_ATTEMPTS = 20;
const PAUSE_MS = 1;

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
    const { values, used } = arena;
    const serial = (values[BEGUN] ?? 0) + 1;
    values[BEGUN] = serial;
    values[ENDED] = serial;
    values[USED] = used;
    values[DIRECTORY_VERSION] = version;
    values[DIRECTORY_AT] = at;
    values[DIRECTORY_BYTES] = bytes;
    writeSync(descriptor, values, BEGUN * BYTES, BYTES, BEGUN * BYTES);
    writeSync(descriptor, values, USED * BYTES, (used - USED) * BYTES, USED * BYTES);
    writeSync(descriptor, values, ENDED * BYTES, BYTES, ENDED * BYTES);
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
    if (attempt >= QUICK_ATTEMPTS) pause();
    const ended = readNumber(descriptor, ENDED);
    readSync(descriptor, numbers, 0, numbers.byteLength, 0);
    const used = numbers[USED] ?? 0;
    if (used === 0) return undefined;
    if (used > numbers.length) {
      numbers = new Float64Array(used);
      continue;
    }
    const version = numbers[DIRECTORY_VERSION] ?? 0;
    const known = [snapshot, before].find((one) => one?.version === version)?.families;
    const families = known ?? readDirectory(descriptor, numbers);
    // It may have been replaced twice while it was read, and then be nonsense.
    if (families === undefined) continue;
    snapshot = { version, families, values: numbers.slice(0, used) };
    if (readNumber(descriptor, BEGUN) === ended) break;
  }
  return snapshot ?? before;
}

function readNumber(descriptor: number, at: number): number | undefined {
  const number = new Float64Array(1);
  readSync(descriptor, number, 0, BYTES, at * BYTES);
  return number[0];
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}

function readDirectory(descriptor: number, numbers: Float64Array): SavedFamily[] | undefined {
  const text = Buffer.alloc(numbers[DIRECTORY_BYTES] ?? 0);
  readSync(descriptor, text, 0, text.length, numbers[DIRECTORY_AT] ?? 0);
  if (readNumber(descriptor, DIRECTORY_VERSION) !== numbers[DIRECTORY_VERSION]) return undefined;
  const families: SavedFamily[] = JSON.parse(text.toString());
  return families;
}

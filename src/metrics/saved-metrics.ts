/**
 * The measurements of one process in a file that another reads: what the kernel has survives a process that is killed.
 *
 * The file has two places for the arena's numbers. Each save has a serial number and goes to the place that the one before
 * has not; when it is whole, its serial number is published at 0. So what is published is always whole, also when the writer
 * is killed, or waits, amidst the next save. Who reads finds the serial number unchanged afterwards, or reads again. From
 * DIRECTORY on stands which of the numbers are which series; a new directory never overwrites the one that is published.
 */
import { readSync, writeSync } from "node:fs";
import type { Arena } from "./arena.ts";
import type { Family, Series } from "./family.ts";
import type { MetricDeclaration } from "./names.ts";

const BYTES = Float64Array.BYTES_PER_ELEMENT;
/** Where the first place for numbers begins, in bytes, and how long it is: longer than all series of all metrics (14 MB). */
const FIRST_PLACE = 4_096;
const PLACE_BYTES = 2 ** 25;
/** Where directories begin. The file has holes before it. */
const DIRECTORY = 2 ** 27;

/** The header of a place, which is the beginning of the arena (RESERVED): the save's serial number, */
const SERIAL = 0;
/** how many numbers there are, */
const USED = 1;
/** and its directory. */
const DIRECTORY_VERSION = 2;
const DIRECTORY_AT = 3;
const DIRECTORY_BYTES = 4;

/** A save that is published while another is read costs a reading; a process does not save so often for long. */
const ATTEMPTS = 120;
const QUICK_ATTEMPTS = 20;
const PAUSE_MS = 1;

/** The series of one metric, with its declaration unless it is one of Tepal's own, which every process knows. */
export type SavedFamily = readonly [
  name: string,
  series: readonly Series[],
  declaration?: MetricDeclaration,
];

/** What one process had measured at one moment. */
export interface Snapshot {
  /** Changes with every change of the families. */
  readonly version: number;
  readonly families: readonly SavedFamily[];
  /** All numbers; a series's begin at its slot. */
  readonly values: Float64Array;
}

/** @param added names of the families whose declaration the reader does not know */
export function listFamilies(
  families: ReadonlyMap<string, Family>,
  added: ReadonlySet<string>,
): SavedFamily[] {
  return Array.from(families, ([name, family]) => {
    const series = [...family.series()];
    return added.has(name) ? [name, series, family.declaration] : [name, series];
  });
}

/**
 * @param descriptor of an empty file that only this process writes
 * @returns what writes the measurements as they are now
 */
export function createSaver(
  descriptor: number,
  arena: Arena,
  families: ReadonlyMap<string, Family>,
  added: ReadonlySet<string>,
): () => void {
  let serial = 0;
  let saved = -1;
  let version = 0;
  let at = DIRECTORY;
  let bytes = 0;

  function saveDirectory(): void {
    const text = Buffer.from(JSON.stringify(listFamilies(families, added)));
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
    serial += 1;
    values[SERIAL] = serial;
    values[USED] = used;
    values[DIRECTORY_VERSION] = version;
    values[DIRECTORY_AT] = at;
    values[DIRECTORY_BYTES] = bytes;
    writeSync(descriptor, values, 0, used * BYTES, toPlace(serial));
    writeSync(descriptor, values, SERIAL * BYTES, BYTES, 0);
  };
}

/** Where in the file the numbers of a save are. */
function toPlace(serial: number): number {
  return FIRST_PLACE + (serial % 2) * PLACE_BYTES;
}

/**
 * @param before the snapshot that was read last from the same file: its families are taken over when they are the same
 * @returns `before` when nobody could read between so many saves; undefined when nothing has been saved yet
 */
export function readSaved(descriptor: number, before: Snapshot | undefined): Snapshot | undefined {
  let numbers = new Float64Array(before?.values.length ?? 1_024);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt >= QUICK_ATTEMPTS) pause();
    const serial = readSerial(descriptor);
    if (serial === 0) return undefined;
    readSync(descriptor, numbers, 0, numbers.byteLength, toPlace(serial));
    const used = numbers[USED] ?? 0;
    if (used > numbers.length) {
      numbers = new Float64Array(used);
      continue;
    }
    const version = numbers[DIRECTORY_VERSION] ?? 0;
    const directory = before?.version === version ? undefined : readDirectory(descriptor, numbers);
    if (readSerial(descriptor) !== serial) continue;
    const families = directory === undefined ? before?.families : parseDirectory(directory);
    return { version, families: families ?? [], values: numbers.subarray(0, used) };
  }
  return before;
}

/** The published one; 0 before the first save. */
function readSerial(descriptor: number): number {
  const number = new Float64Array(1);
  readSync(descriptor, number, 0, BYTES, 0);
  return number[0] ?? 0;
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}

function readDirectory(descriptor: number, numbers: Float64Array): Buffer {
  const text = Buffer.alloc(numbers[DIRECTORY_BYTES] ?? 0);
  readSync(descriptor, text, 0, text.length, numbers[DIRECTORY_AT] ?? 0);
  return text;
}

function parseDirectory(text: Buffer): SavedFamily[] {
  const families: SavedFamily[] = JSON.parse(text.toString());
  return families;
}

/**
 * The measurements of one process in a file that another process reads. Written data survive a process that is killed, since the kernel has
 * them.
 *
 * The file has two slots for the numbers of the arena. Each save has a serial number and uses the slot that the previous save did not use;
 * once it is complete, its serial number is published at offset 0. So the published save is always complete, even if the writer is killed or
 * paused during the next one. A reader checks that the serial number has not changed meanwhile, or reads again. A directory from
 * DIRECTORY on states which numbers are which series; a new directory never overwrites the published one.
 */
import { readSync, writeSync } from "node:fs";
import type { Arena } from "./arena.ts";
import type { Family, Measurements, SavedFamily } from "./metrics.ts";

const BYTES = Float64Array.BYTES_PER_ELEMENT;
/** Offset of the first slot in bytes, and the size of a slot: more than all series of all metrics (14 MB). */
const FIRST_SLOT = 4_096;
const SLOT_BYTES = 2 ** 25;
/** Offset of the directories. The file has holes before it. */
const DIRECTORY = 2 ** 27;

/** The header of a slot, which is the start of the arena (RESERVED): serial number of the save, */
const SERIAL = 0;
/** count of numbers, */
const USED = 1;
/** and the directory. */
const DIRECTORY_VERSION = 2;
const DIRECTORY_AT = 3;
const DIRECTORY_BYTES = 4;

/** A save that is published during a read costs an attempt. No process saves that often for long. */
const ATTEMPTS = 120;
const QUICK_ATTEMPTS = 20;
const PAUSE_MS = 1;

/** The measurements of one process at one moment. */
export interface Snapshot extends Measurements {
  /** Changes with every change of the families. */
  readonly version: number;
}

/** Lists the families with their open series. @param added names of the families whose declaration the reader does not know */
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
 * Creates a function that saves the current measurements.
 * @param descriptor an empty file that only this process writes
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
    const offset = DIRECTORY + text.length <= at ? DIRECTORY : at + bytes;
    writeSync(descriptor, text, 0, text.length, offset);
    at = offset;
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
    writeSync(descriptor, values, 0, used * BYTES, toSlotOffset(serial));
    writeSync(descriptor, values, SERIAL * BYTES, BYTES, 0);
  };
}

/** Returns the offset of the slot of a save. */
function toSlotOffset(serial: number): number {
  return FIRST_SLOT + (serial % 2) * SLOT_BYTES;
}

/**
 * Reads the published measurements.
 * @param before the previous snapshot of the same file, whose families are reused if they have not changed
 * @returns `before` if saves were so frequent that no read succeeded; undefined if nothing has been saved yet
 */
export function readSaved(descriptor: number, before: Snapshot | undefined): Snapshot | undefined {
  let numbers = new Float64Array(before?.values.length ?? 1_024);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt >= QUICK_ATTEMPTS) pause();
    const serial = readSerial(descriptor);
    if (serial === 0) return undefined;
    readSync(descriptor, numbers, 0, numbers.byteLength, toSlotOffset(serial));
    const used = numbers[USED]!;
    if (used > numbers.length) {
      numbers = new Float64Array(used);
      continue;
    }
    const version = numbers[DIRECTORY_VERSION]!;
    const directory = before?.version === version ? undefined : readDirectory(descriptor, numbers);
    if (readSerial(descriptor) !== serial) continue;
    const families = directory === undefined ? before?.families : parseDirectory(directory);
    return { version, families: families ?? [], values: numbers.subarray(0, used) };
  }
  return before;
}

/** Reads the published serial number; 0 before the first save. */
function readSerial(descriptor: number): number {
  const number = new Float64Array(1);
  readSync(descriptor, number, 0, BYTES, 0);
  return number[0]!;
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}

function readDirectory(descriptor: number, numbers: Float64Array): Buffer {
  const text = Buffer.alloc(numbers[DIRECTORY_BYTES]!);
  readSync(descriptor, text, 0, text.length, numbers[DIRECTORY_AT]!);
  return text;
}

function parseDirectory(text: Buffer): SavedFamily[] {
  const families: SavedFamily[] = JSON.parse(text.toString());
  return families;
}

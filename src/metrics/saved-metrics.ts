/**
 * The measurements of one process in a file that another process reads. Written data survive a process that is killed, since the kernel has
 * them.
 *
 * The file has two slots for the numbers of the arena. Each save has a serial number and uses the slot that the previous save did not use.
 * It is one write, since a system call costs more than the numbers: the serial number, the numbers, and the serial number again. The kernel
 * copies them in this order, so a save is complete once its second serial number is there. Until then the other slot has the previous save:
 * the file always has a complete one, even if the writer is killed or paused during a write. A reader takes the last complete save, and
 * reads again if a newer one was completed meanwhile. A directory from DIRECTORY on states which numbers are which series; a new directory never
 * overwrites that of the previous save.
 */
import { readSync, writeSync } from "node:fs";
import { RESERVED, type Arena } from "./arena.ts";
import type { Family, Measurements, SavedFamily } from "./metrics.ts";

const BYTES = Float64Array.BYTES_PER_ELEMENT;
/** Offsets of the slots in bytes: each is larger than all series of all metrics (14 MB). */
const SLOTS = [0, 2 ** 25] as const;
const FIRST_SERIAL = 1;
/** Offset of the directories. The file has holes before it. */
const DIRECTORY = 2 ** 27;

/** The header of a slot, which is the start of the arena (RESERVED): serial number of the save, which also follows the last number, */
const SERIAL = 0;
/** count of numbers, */
const USED = 1;
/** and the directory. */
const DIRECTORY_VERSION = 2;
const DIRECTORY_AT = 3;
const DIRECTORY_BYTES = 4;

/** Each save that is completed during a read costs an attempt. No process saves that often for long. */
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
  let serial = FIRST_SERIAL;
  let saved = -1;
  let version = 0;
  let at = DIRECTORY;
  let bytes = 0;

  function saveDirectory(): void {
    const text = Buffer.from(JSON.stringify(listFamilies(families, added)));
    const offset = DIRECTORY + text.length <= at ? DIRECTORY : at + bytes;
    write(descriptor, text, text.length, offset);
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
    values[SERIAL] = serial;
    values[USED] = used;
    values[DIRECTORY_VERSION] = version;
    values[DIRECTORY_AT] = at;
    values[DIRECTORY_BYTES] = bytes;
    values[used] = serial;
    write(descriptor, values, (used + 1) * BYTES, toSlotOffset(serial));
    serial += 1;
  };
}

/** @throws Error if the device is full; the previous save then stays the complete one */
function write(descriptor: number, data: NodeJS.ArrayBufferView, size: number, at: number): void {
  const written = writeSync(descriptor, data, 0, size, at);
  if (written < size) throw new Error(`wrote ${written} of ${size} bytes`);
}

/** Returns the offset of the slot of a save. */
function toSlotOffset(serial: number): number {
  return SLOTS[serial % 2]!;
}

/**
 * Reads the measurements of the last complete save.
 * @param before the previous snapshot of the same file, whose families are reused if they have not changed
 * @returns `before` if saves were so frequent that no read succeeded; undefined if nothing has been saved yet
 */
export function readSaved(descriptor: number, before: Snapshot | undefined): Snapshot | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt >= QUICK_ATTEMPTS) pause();
    const header = findLastSave(descriptor);
    if (header === undefined) {
      if (!hasSaves(descriptor)) return undefined;
      continue;
    }
    const values = readNumbers(descriptor, toSlotOffset(header[SERIAL]!), header[USED]!);
    const version = header[DIRECTORY_VERSION]!;
    const directory = before?.version === version ? undefined : readDirectory(descriptor, header);
    const after = findLastSave(descriptor);
    if (header.some((number, i) => after?.[i] !== number)) continue;
    const families = directory === undefined ? before?.families : parseDirectory(directory);
    return { version, families: families ?? [], values };
  }
  return before;
}

/** Returns the header of the last complete save; undefined if saves were so frequent that each slot was incomplete when it was read. */
function findLastSave(descriptor: number): Float64Array | undefined {
  const complete = SLOTS.flatMap((slot) => {
    const header = readNumbers(descriptor, slot, RESERVED);
    const used = header[USED]!;
    const [end] = readNumbers(descriptor, slot + used * BYTES, 1);
    return used > 0 && header[SERIAL] === end ? [header] : [];
  });
  return complete.toSorted((a, b) => b[SERIAL]! - a[SERIAL]!)[0];
}

/** Returns false if the first save has not begun. */
function hasSaves(descriptor: number): boolean {
  return readNumbers(descriptor, toSlotOffset(FIRST_SERIAL), 1)[SERIAL]! > 0;
}

/** Reads numbers; those after the end of the file are 0. */
function readNumbers(descriptor: number, at: number, count: number): Float64Array {
  const numbers = new Float64Array(count);
  readSync(descriptor, numbers, 0, numbers.byteLength, at);
  return numbers;
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

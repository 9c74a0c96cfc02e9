import { closeSync, fsyncSync, openSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { toMessage } from "../../kernel/errors.ts";
import { AppendFile } from "./append-file.ts";
import type { Log } from "../log.ts";

/** A file of blocks. */
interface Segment {
  readonly path: string;
  /** The newest time in it, in milliseconds since 1970. */
  lastMs: number;
  bytes: number;
}

export interface SegmentOptions {
  /** Maximum duration of one file, in milliseconds. */
  readonly spanMs: number;
  /** Returns a path that does not exist yet. */
  nextPath(): string;
  readonly log: Log;
}

/**
 * The files of blocks. One of them receives new blocks; a file is deleted when all of its samples are too old.
 */
export class Segments {
  readonly #options: SegmentOptions;
  #segments: Segment[] = [];
  #current:
    | { readonly file: AppendFile; readonly segment: Segment; readonly firstMs: number }
    | undefined;

  constructor(options: SegmentOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Adds a file of an earlier process, which is only read and deleted. */
  add(path: string, lastMs: number, bytes: number): void {
    this.#segments.push({ path, lastMs, bytes });
  }

  /** Appends a frame, and waits until it is on disk. @throws Error of node:fs */
  append(frame: Uint8Array, firstMs: number, lastMs: number): void {
    if (this.#current !== undefined && lastMs - this.#current.firstMs > this.#options.spanMs) {
      this.close();
    }
    this.#current ??= this.#begin(firstMs);
    const { file, segment } = this.#current;
    file.append(frame);
    segment.bytes = file.length;
    segment.lastMs = Math.max(segment.lastMs, lastMs);
    file.sync();
  }

  /** Treats samples of the future as if they were of this time, so that their files are deleted like others. */
  setAside(nowMs: number): void {
    // The next file begins with the right time.
    if (this.#current !== undefined && this.#current.segment.lastMs > nowMs) this.close();
    for (const segment of this.#segments) segment.lastMs = Math.min(segment.lastMs, nowMs);
  }

  #begin(firstMs: number): { file: AppendFile; segment: Segment; firstMs: number } {
    const file = new AppendFile(this.#options.nextPath());
    syncFolder(dirname(file.path));
    const segment = { path: file.path, lastMs: firstMs, bytes: 0 };
    this.#segments.push(segment);
    return { file, segment, firstMs };
  }

  /** Deletes the files whose samples are all older than a time. The current file is never that old. */
  expire(beforeMs: number): void {
    this.#segments = this.#segments.filter((segment) => {
      if (segment.lastMs >= beforeMs) return true;
      try {
        unlinkSync(segment.path);
      } catch (error) {
        this.#options.log.warn(`history: ${segment.path} cannot be deleted: ${toMessage(error)}`);
      }
      return false;
    });
  }

  close(): void {
    this.#current?.file.close();
    this.#current = undefined;
  }
}

/** The name of a new file is in its folder, which has an fsync of its own. */
function syncFolder(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

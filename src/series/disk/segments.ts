import { closeSync, fsyncSync, openSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { toMessage } from "../../kernel/errors.ts";
import { AppendFile } from "./append-file.ts";
import type { Log } from "./log.ts";

/** A file of sealed windows. */
interface Segment {
  readonly path: string;
  /** The newest time in it, in milliseconds since 1970. */
  lastMs: number;
  bytes: number;
}

export interface SegmentOptions {
  /** What one file spans at most. */
  readonly spanMs: number;
  /** A path that no file has yet. */
  nextPath(): string;
  readonly log: Log;
}

/** The files of sealed windows: one is appended to, and each is deleted when all that it has is old. */
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

  /** Counts a file that was there before, which is only read and deleted. */
  add(path: string, lastMs: number, bytes: number): void {
    this.#segments.push({ path, lastMs, bytes });
  }

  /** Appends a frame, and waits until it is on the disk. @throws Error of node:fs */
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

  #begin(firstMs: number): { file: AppendFile; segment: Segment; firstMs: number } {
    const file = new AppendFile(this.#options.nextPath());
    syncFolder(dirname(file.path));
    const segment = { path: file.path, lastMs: firstMs, bytes: 0 };
    this.#segments.push(segment);
    return { file, segment, firstMs };
  }

  /** Deletes the files in which everything is older. The one that is appended to is never so old. */
  expire(beforeMs: number): void {
    this.#segments = this.#segments.filter((segment) => {
      if (segment.lastMs >= beforeMs) return true;
      try {
        unlinkSync(segment.path);
      } catch (error) {
        this.#options.log.warn(`history: ${segment.path} is not deleted: ${toMessage(error)}`);
      }
      return false;
    });
  }

  close(): void {
    this.#current?.file.close();
    this.#current = undefined;
  }
}

/** The name of a new file is in its folder, which is written on its own. */
function syncFolder(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

import { closeSync, fdatasyncSync, ftruncateSync, openSync, writeSync } from "node:fs";

/** An append-only file. A partial write is truncated, so that the next write takes its place. */
export class AppendFile {
  readonly path: string;
  readonly #descriptor: number;
  #length = 0;

  /** @throws Error of node:fs, also if the file exists already */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, "wx", 0o600);
  }

  get length(): number {
    return this.#length;
  }

  /** @throws Error of node:fs, for example ENOSPC */
  append(bytes: Uint8Array): void {
    try {
      let written = 0;
      while (written < bytes.length) {
        const left = bytes.length - written;
        written += writeSync(this.#descriptor, bytes, written, left, this.#length + written);
      }
    } catch (error) {
      this.#cut(this.#length);
      throw error;
    }
    this.#length += bytes.length;
  }

  /** Waits until the appended bytes would survive a loss of power. */
  sync(): void {
    fdatasyncSync(this.#descriptor);
  }

  clear(): void {
    this.#length = 0;
    this.#cut(0);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #cut(length: number): void {
    try {
      ftruncateSync(this.#descriptor, length);
    } catch {
      // The next write overwrites the partial one, and readers skip incomplete frames.
    }
  }
}

import type { OpenHead } from "../store/restorable-store.ts";
import { AppendFile } from "./append-file.ts";
import { encodeFrame, FRAME_KINDS } from "./frames.ts";
import { encodeSamples, encodeSeries } from "./wal-record.ts";

/** The log of one group's head. */
interface WriteAheadLog {
  readonly file: AppendFile;
  /** Number of rows whose labels are in the log. */
  rows: number;
}

/** One write-ahead log for each group. It has all samples of the group that are not in a sealed block. */
export class WriteAheadLogs {
  readonly #nextPath: () => string;
  readonly #logs = new Map<string, WriteAheadLog>();

  /** @param nextPath returns a path that does not exist yet */
  constructor(nextPath: () => string) {
    this.#nextPath = nextPath;
  }

  /** Appends the newest sample of a head, and the labels of its new rows. @throws Error of node:fs */
  append(group: string, head: OpenHead): void {
    const log = this.#open(group);
    const frames: Buffer[] = [];
    if (log.rows < head.entries.length) {
      frames.push(encodeFrame(FRAME_KINDS.series, encodeSeries(group, head, log.rows)));
    }
    frames.push(encodeFrame(FRAME_KINDS.samples, encodeSamples(head)));
    log.file.append(Buffer.concat(frames));
    log.rows = head.entries.length;
  }

  /** Replaces the content of a group's log. @throws Error of node:fs */
  rewrite(group: string, head: OpenHead): void {
    this.clear(group);
    // Each sample as it was when it was the newest.
    for (let length = 1; length <= head.length; length++) {
      const { capacity, times, entries, values, absent } = head;
      this.append(group, { capacity, times, entries, values, absent, length });
    }
  }

  /** Empties the log of a group whose head was sealed. */
  clear(group: string): void {
    const log = this.#logs.get(group);
    if (log === undefined) return;
    log.file.clear();
    log.rows = 0;
  }

  close(): void {
    for (const { file } of this.#logs.values()) file.close();
  }

  #open(group: string): WriteAheadLog {
    let log = this.#logs.get(group);
    if (log === undefined) {
      this.#logs.set(group, (log = { file: new AppendFile(this.#nextPath()), rows: 0 }));
    }
    return log;
  }
}

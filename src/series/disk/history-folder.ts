/**
 * Persists the samples of a store in a folder of its own:
 *
 *     lock                  process id of the writer
 *     windows-NUMBER.tps    sealed windows, frame by frame; deleted when all of them are older than the retention
 *     open-NUMBER.tps       the open window of one group, scrape by scrape; emptied when it is sealed
 *
 * No failure here stops the server: unreadable parts are skipped, failed writes are retried, and both are logged.
 */
import { mkdirSync, readdirSync, readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { toMessage } from "../../kernel/errors.ts";
import { AppendFile } from "./append-file.ts";
import type { RestorableStore } from "../store/create-series-store.ts";
import { lockFolder } from "./folder-lock.ts";
import { encodeFrame } from "./frames.ts";
import type { Log } from "./log.ts";
import { encodeRows, encodeSample } from "./open-record.ts";
import { FRAME_KINDS, readOpenWindow, readWindows } from "./recover.ts";
import { Segments } from "./segments.ts";
import type { Labels } from "../series.ts";
import { encodeWindow, packNames } from "./window-record.ts";

export interface FolderOptions {
  readonly retentionMs: number;
  readonly log: Log;
}

export interface HistoryFolder extends Disposable {
  readonly path: string;
  statistics(): FolderStatistics;
}

export interface FolderStatistics {
  /** Files of sealed windows. */
  readonly bytes: number;
  /** Failed writes since the folder was opened. */
  readonly failures: number;
  /** Sealed windows in memory that could not be written yet. */
  readonly unsaved: number;
}

/** Number of files that hold the retention. The disk holds at most one file's share more than memory. */
const FILES = 12;
const NAME = /^(windows|open)-(\d+)\.tps$/;

/** The log of a group's open window. */
interface OpenLog {
  readonly file: AppendFile;
  /** Number of rows whose labels are in the log. */
  rows: number;
}

/** A sealed window that is to be written. */
interface Unsaved {
  readonly frame: Buffer;
  readonly firstMs: number;
  readonly lastMs: number;
}

/**
 * Fills a store with the content of a folder, and writes to the folder what the store appends from then on.
 *
 * @param store an empty store
 * @throws TepalError CANNOT_WRITE if the folder is not available, or if another process holds its lock
 */
export function openHistoryFolder(
  path: string,
  store: RestorableStore,
  { retentionMs, log }: FolderOptions,
  nowMs: number,
): HistoryFolder {
  mkdirSync(path, { recursive: true, mode: 0o750 });
  const lock = lockFolder(path);
  const found = readdirSync(path).flatMap((name) => {
    const [, kind, number] = NAME.exec(name) ?? [];
    return kind === undefined ? [] : [{ kind, number: Number(number), path: join(path, name) }];
  });
  found.sort((a, b) => a.number - b.number);
  let lastNumber = found.at(-1)?.number ?? 0;
  const segments = new Segments({
    spanMs: retentionMs / FILES,
    nextPath: () => nextPath("windows"),
    log,
  });
  const logs = new Map<string, OpenLog>();
  const names = new Map<string, { readonly labels: readonly Labels[]; readonly packed: Buffer }>();
  let unsaved: Unsaved[] = [];
  let failures = 0;
  let failuresBefore = 0;
  let isFailing = false;
  let isRecovering = true;

  function nextPath(kind: string): string {
    lastNumber += 1;
    return join(path, `${kind}-${String(lastNumber).padStart(8, "0")}.tps`);
  }

  /** Tries to write, and logs the first of consecutive failures. @returns true on success */
  function attempt(write: () => void): boolean {
    try {
      write();
    } catch (error) {
      failures += 1;
      if (!isFailing) {
        log.warn(
          `history: cannot write to ${path}; history continues in memory: ${toMessage(error)}`,
        );
      }
      isFailing = true;
      return false;
    }
    return true;
  }

  /**
   * Logs the recovery of writing: no window is pending, and no write has failed since the previous window was sealed.
   */
  function noteSealed(): void {
    if (isFailing && unsaved.length === 0 && failures === failuresBefore) {
      log.info(`history: ${path} is writable again`);
      isFailing = false;
    }
    failuresBefore = failures;
  }

  function openLog(group: string): OpenLog {
    let open = logs.get(group);
    if (open === undefined) {
      logs.set(group, (open = { file: new AppendFile(nextPath("open")), rows: 0 }));
    }
    return open;
  }

  function packNamesOnce(group: string, labels: readonly Labels[]): Buffer {
    const last = names.get(group);
    if (last?.labels.length === labels.length && last.labels.every((one, i) => one === labels[i])) {
      return last.packed;
    }
    const packed = packNames(group, labels);
    names.set(group, { labels, packed });
    return packed;
  }

  function saveAll(): void {
    while (unsaved.length > 0) {
      const [{ frame, firstMs, lastMs }] = unsaved as [Unsaved];
      if (!attempt(() => segments.append(frame, firstMs, lastMs))) return;
      unsaved.shift();
    }
  }

  store.setJournal({
    appended(group, head) {
      if (isRecovering) return;
      attempt(() => {
        const open = openLog(group);
        const frames: Buffer[] = [];
        if (open.rows < head.entries.length) {
          frames.push(encodeFrame(FRAME_KINDS.rows, encodeRows(group, head, open.rows)));
        }
        frames.push(encodeFrame(FRAME_KINDS.sample, encodeSample(head)));
        open.file.append(Buffer.concat(frames));
        open.rows = head.entries.length;
      });
    },
    sealed(group, times, { layout, offsets, bytes }) {
      const packed = packNamesOnce(
        group,
        layout.entries.map(({ labels }) => labels),
      );
      const frame = encodeFrame(FRAME_KINDS.window, ...encodeWindow(packed, times, offsets, bytes));
      const lastMs = times.at(-1)!;
      unsaved = unsaved.filter((one) => one.lastMs >= lastMs - retentionMs);
      unsaved.push({ frame, firstMs: times[0]!, lastMs });
      saveAll();
      const open = logs.get(group);
      if (open !== undefined) {
        open.file.clear();
        open.rows = 0;
      }
      segments.expire(lastMs - retentionMs);
      noteSealed();
    },
  });

  const [windows = [], open = []] = ["windows", "open"].map((kind) =>
    found.filter((file) => file.kind === kind),
  );
  // The open window is newer than all sealed ones.
  for (const file of [...windows, ...open]) recover(file.path, file.kind);
  store.sealAll();
  store.expire(nowMs);
  segments.expire(nowMs - retentionMs);
  isRecovering = false;
  if (unsaved.length === 0) {
    for (const file of open) attempt(() => unlinkSync(file.path));
  }

  function recover(file: string, kind: string): void {
    try {
      const bytes = readFileSync(file);
      const result = kind === "windows" ? readWindows(bytes, store) : readOpenWindow(bytes, store);
      if (kind === "windows" && result.lastMs !== undefined) {
        segments.add(file, result.lastMs, bytes.length);
      }
      for (const problem of result.problems) log.warn(`history: ${file}: ${problem}`);
    } catch (error) {
      log.warn(`history: ${file} cannot be read: ${toMessage(error)}`);
    }
  }

  let isClosed = false;
  return {
    path,
    statistics: () => ({ bytes: segments.bytes, failures, unsaved: unsaved.length }),
    [Symbol.dispose]() {
      if (isClosed) return;
      isClosed = true;
      for (const { file } of logs.values()) file.close();
      segments.close();
      lock[Symbol.dispose]();
    },
  };
}

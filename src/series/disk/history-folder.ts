/**
 * Persists the samples of a store in a folder of its own:
 *
 *     lock                  empty; locked by the process that writes
 *     windows-NUMBER.tps    a segment: sealed blocks, frame by frame; deleted when all of them are older than the retention
 *     open-NUMBER.tps       the write-ahead log of one group's head, scrape by scrape; emptied when the head is sealed
 *
 * No failure here stops the server: unreadable parts are skipped, failed writes are retried, and both are logged.
 */
import { mkdirSync, readFileSync, unlinkSync } from "node:fs";
import { toMessage } from "../../kernel/errors.ts";
import type { RestorableStore } from "../store/restorable-store.ts";
import { BlockWriter } from "./block-writer.ts";
import { lockFolder } from "./folder-lock.ts";
import { HistoryFiles } from "./history-files.ts";
import type { Log } from "../log.ts";
import { readSegment, readWal } from "./recover.ts";
import { Segments } from "./segments.ts";
import { WriteAheadLogs } from "./write-ahead-logs.ts";
import { WriteGuard } from "./write-guard.ts";

export interface FolderOptions {
  readonly retentionMs: number;
  readonly log: Log;
}

export interface HistoryFolder extends Disposable {
  readonly path: string;
  statistics(): FolderStatistics;
}

export interface FolderStatistics {
  /** Size of all segments. */
  readonly bytes: number;
  /** Failed writes since the folder was opened. */
  readonly failures: number;
  /** Sealed blocks in memory that could not be written yet. */
  readonly unsaved: number;
}

/** Number of segments that hold the retention. The disk holds at most one segment's share more than memory. */
const SEGMENTS = 12;

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
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const lock = lockFolder(path);
  const files = new HistoryFiles(path);
  const guard = new WriteGuard(path, log);
  const wals = new WriteAheadLogs(() => files.nextPath("wal"));
  const segments = new Segments({
    spanMs: retentionMs / SEGMENTS,
    nextPath: () => files.nextPath("segment"),
    log,
  });
  const writer = new BlockWriter(segments, guard);
  let isRecovering = true;

  store.setJournal({
    appended(group, head) {
      if (!isRecovering) guard.attempt(() => wals.append(group, head));
    },
    setAside(group, afterMs, head) {
      segments.setAside(afterMs);
      writer.writeSetAside(group, afterMs);
      guard.attempt(() => wals.rewrite(group, head));
    },
    sealed(group, block) {
      writer.write(group, block, retentionMs);
      wals.clear(group);
      segments.expire(block.times.at(-1)! - retentionMs);
      guard.noteSealed(writer.pending);
    },
  });

  recoverStore(store, files, segments, log);
  store.sealAll();
  store.expire(nowMs);
  segments.expire(nowMs - retentionMs);
  isRecovering = false;
  if (writer.pending === 0) {
    for (const wal of files.wals) guard.attempt(() => unlinkSync(wal));
  }

  let isClosed = false;
  return {
    path,
    statistics: () => ({
      bytes: segments.bytes,
      failures: guard.failures,
      unsaved: writer.pending,
    }),
    [Symbol.dispose]() {
      if (isClosed) return;
      isClosed = true;
      wals.close();
      segments.close();
      lock[Symbol.dispose]();
    },
  };
}

/** Reads all files into a store. Logs what it skips. */
function recoverStore(
  store: RestorableStore,
  files: HistoryFiles,
  segments: Segments,
  log: Log,
): void {
  for (const file of files.segments) {
    readHistoryFile(file, log, (bytes) => {
      const { lastMs, problems } = readSegment(bytes, store);
      if (lastMs !== undefined) segments.add(file, lastMs, bytes.length);
      return problems;
    });
  }
  // The heads are newer than all sealed blocks.
  for (const file of files.wals) {
    readHistoryFile(file, log, (bytes) => readWal(bytes, store).problems);
  }
}

/** @param read returns descriptions of the parts that it skipped */
function readHistoryFile(path: string, log: Log, read: (bytes: Buffer) => readonly string[]): void {
  try {
    for (const problem of read(readFileSync(path))) log.warn(`history: ${path}: ${problem}`);
  } catch (error) {
    log.warn(`history: ${path} cannot be read: ${toMessage(error)}`);
  }
}

import { closeSync, openSync, rmSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";

/** Result codes of SQLite. */
const BUSY = 5;
const NOT_A_DATABASE = 26;

/**
 * Takes an exclusive lock on a file of its own, which stays when the lock is released. SQLite's lock on an empty database is a lock of the
 * operating system: it ends with the process, even a killed one, and works across containers that share a folder, which a file with a
 * process ID does not. Only its owner can open the file.
 *
 * @returns null if another process, or another part of this one, holds the lock
 * @throws Error of the system if no lock is possible
 */
export function takeFileLock(path: string): Disposable | null {
  createFile(path);
  try {
    return openExclusively(path);
  } catch (error) {
    const code = toSqliteCode(error);
    if (code === BUSY) return null;
    if (code !== NOT_A_DATABASE) throw error;
    // Another program's file. SQLite has read its content, so it is not locked.
    rmSync(path);
    return openExclusively(path);
  }
}

/**
 * Takes a lock as `takeFileLock` does, on a file that is removed when the lock is released.
 */
export function takeTemporaryFileLock(path: string): Disposable | null {
  for (;;) {
    createFile(path);
    const before = identify(path);
    const lock = takeFileLock(path);
    if (lock === null) return null;
    // The file may have been removed between its opening and the lock, which then excludes no other process: they lock the next file.
    if (before !== undefined && identify(path) === before) {
      let isReleased = false;
      return {
        [Symbol.dispose]() {
          if (isReleased) return;
          isReleased = true;
          // Before the release: afterwards the file may be locked by another process.
          rmSync(path, { force: true });
          lock[Symbol.dispose]();
        },
      };
    }
    lock[Symbol.dispose]();
  }
}

/** Identifies the file at a path without opening it. A number of a removed file is given again, but not its time. */
function identify(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
}

const RETRY_MS = 10;

/**
 * Waits for a lock as of `takeTemporaryFileLock`.
 * @returns null if others held the lock for this time
 */
export async function waitForFileLock(path: string, seconds: number): Promise<Disposable | null> {
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    const lock = takeTemporaryFileLock(path);
    if (lock !== null || waitedMs >= seconds * 1_000) return lock;
    await sleep(RETRY_MS);
  }
}

/**
 * Creates an empty file, which SQLite would create with the permissions of a document. Must not open an existing file: the operating
 * system drops a process's lock on a file when the process closes any descriptor of it.
 */
function createFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

function openExclusively(path: string): Disposable {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // Without this mode, BEGIN writes a page, which fails on a full disk.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw error;
  }
  return { [Symbol.dispose]: () => database.close() };
}

function toSqliteCode(error: unknown): unknown {
  return error instanceof Error && "errcode" in error ? error.errcode : undefined;
}

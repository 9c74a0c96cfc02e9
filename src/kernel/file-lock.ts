import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** Result codes of SQLite. */
const BUSY = 5;
const NOT_A_DATABASE = 26;

/**
 * Takes an exclusive lock on a file of its own, which stays when the lock is released. SQLite's lock on an empty database is a lock of the
 * operating system: it ends with the process, even a killed one, and works across containers that share a folder, which a file with a
 * process ID does not.
 *
 * @returns null if another process, or another part of this one, holds the lock
 * @throws Error of the system if no lock is possible
 */
export function takeFileLock(path: string): Disposable | null {
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

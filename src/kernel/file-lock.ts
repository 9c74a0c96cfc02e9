import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** SQLite's codes. */
const BUSY = 5;
const NOT_A_DATABASE = 26;

/**
 * Takes a lock for this process alone, in a file of its own, which stays when the lock is given back. SQLite's lock on an empty
 * database is the operating system's own: it ends with the process, however that ends, and holds across containers that share
 * a folder, which no file with a process's number does.
 *
 * @returns null when another process, or another part of this one, has it
 * @throws what the system says when there can be no lock
 */
export function takeFileLock(path: string): Disposable | null {
  try {
    return openExclusively(path);
  } catch (error) {
    const code = toSqliteCode(error);
    if (code === BUSY) return null;
    if (code !== NOT_A_DATABASE) throw error;
    // Whoever reads so far in it has found no lock: the file is foreign, and nobody's.
    rmSync(path);
    return openExclusively(path);
  }
}

function openExclusively(path: string): Disposable {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // Without a journal, beginning writes a page, for which a full disk has no room.
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

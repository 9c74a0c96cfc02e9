import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { TepalError, toMessage } from "../kernel/errors.ts";

const FILE = "lock";
/** SQLite's codes. */
const BUSY = 5;
const NOT_A_DATABASE = 26;

/**
 * Takes a folder for this process alone. SQLite's lock on an empty database is the operating system's own: it ends with the
 * process, however that ends, and holds across containers that share a folder, which no file with a process's number does.
 *
 * @throws TepalError CANNOT_WRITE when another process has it, or there can be no lock
 */
export function lockFolder(folder: string): Disposable {
  const path = join(folder, FILE);
  let lock: DatabaseSync | undefined;
  try {
    lock = tryLock(path);
  } catch (error) {
    if (toSqliteCode(error) === BUSY) {
      const message =
        `The history in ${folder} is written by another process. ` +
        "Stop that one, or give each its own --data-dir; --no-persist keeps history in memory alone.";
      throw new TepalError("CANNOT_WRITE", message, { cause: error });
    }
    const message = `No lock can be taken in ${folder}: ${toMessage(error)}`;
    throw new TepalError("CANNOT_WRITE", message, { cause: error });
  }
  return { [Symbol.dispose]: () => lock.close() };
}

function tryLock(path: string): DatabaseSync {
  try {
    return openExclusively(path);
  } catch (error) {
    if (toSqliteCode(error) !== NOT_A_DATABASE) throw error;
    // Whoever reads so far in it has found no lock: the file is foreign, and nobody's.
    rmSync(path);
    return openExclusively(path);
  }
}

function openExclusively(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function toSqliteCode(error: unknown): unknown {
  return error instanceof Error && "errcode" in error ? error.errcode : undefined;
}

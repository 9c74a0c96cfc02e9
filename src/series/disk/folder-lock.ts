import { join } from "node:path";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { takeFileLock } from "../../kernel/file-lock.ts";

const FILE = "lock";

/**
 * Takes a folder of history for this process alone.
 *
 * @throws TepalError CANNOT_WRITE when another process has it, or there can be no lock
 */
export function lockFolder(folder: string): Disposable {
  let lock: Disposable | null;
  try {
    lock = takeFileLock(join(folder, FILE));
  } catch (cause) {
    const message = `No lock can be taken in ${folder}: ${toMessage(cause)}`;
    throw new TepalError("CANNOT_WRITE", message, { cause });
  }
  if (lock !== null) return lock;
  const message =
    `The history in ${folder} is written by another process. ` +
    "Stop that one, or give each its own --data-dir; --no-persist keeps history in memory alone.";
  throw new TepalError("CANNOT_WRITE", message);
}

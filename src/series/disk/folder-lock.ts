import { join } from "node:path";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { takeFileLock } from "../../kernel/file-lock.ts";

const FILE = "lock";

/**
 * Locks a history folder for this process.
 *
 * @throws TepalError CANNOT_WRITE if another process holds the lock, or if the lock cannot be created
 */
export function lockFolder(folder: string): Disposable {
  let lock: Disposable | null;
  try {
    lock = takeFileLock(join(folder, FILE));
  } catch (cause) {
    const message = `Cannot lock the history folder ${folder}: ${toMessage(cause)}`;
    throw new TepalError("CANNOT_WRITE", message, { cause });
  }
  if (lock !== null) return lock;
  const message =
    `The history folder ${folder} is in use by another process. ` +
    "Stop it, or give each process its own --data-dir. With --no-persist, history is kept in memory only.";
  throw new TepalError("CANNOT_WRITE", message);
}

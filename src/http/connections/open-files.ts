import { readdirSync, readFileSync } from "node:fs";
import { TepalError } from "../../kernel/errors.ts";

/** Free descriptors that a server needs: half for connections, half for the files that it opens later. */
const NEEDED = 64;

/**
 * Checks that this process may open enough files: each connection needs one, and a server without them seems to run but
 * replies to no client.
 * @throws TepalError CANNOT_LISTEN with the limit and how to raise it
 */
export function checkOpenFiles(): void {
  const limit = readLimit();
  if (limit === undefined) return;
  const open = countOpen();
  if (limit - open >= NEEDED) return;
  throw new TepalError(
    "CANNOT_LISTEN",
    `Cannot serve with a limit of ${limit} open files: ${open} are open already, and each connection needs one. Expected a ` +
      `limit of at least ${open + NEEDED}. Raise it, for example with ulimit -n 4096.`,
  );
}

/** Returns the soft limit of open files; undefined on a system without /proc, and if there is no limit. */
function readLimit(): number | undefined {
  const limits = readProc(() => readFileSync("/proc/self/limits", "utf8"));
  const soft = /^Max open files +(\d+)/m.exec(limits ?? "")?.[1];
  return soft === undefined ? undefined : Number(soft);
}

function countOpen(): number {
  return readProc(() => readdirSync("/proc/self/fd").length) ?? 0;
}

function readProc<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

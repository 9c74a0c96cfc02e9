import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Linux keeps what is there in memory. */
const IN_MEMORY = "/dev/shm";

/**
 * Opens an empty file for reading and writing that no longer has a name: it is gone when the last process that has it open
 * is.
 * @returns its descriptor, which the caller closes
 */
export function openUnlinked(): number {
  const folder = mkdtempSync(join(existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir(), "tepal-"));
  let descriptor: number | undefined;
  try {
    descriptor = openSync(join(folder, "metrics"), "wx+", 0o600);
    rmSync(folder, { recursive: true });
    return descriptor;
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw error;
  }
}

import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TepalError, toMessage } from "../../kernel/errors.ts";

/** Linux keeps what is there in memory. */
const IN_MEMORY = "/dev/shm";

/**
 * Opens an empty file for reading and writing that no longer has a name: it is gone when the last process that has it open
 * is.
 *
 * @returns its descriptor, which the caller closes
 * @throws TepalError CANNOT_WRITE
 */
export function openUnlinked(): number {
  try {
    return openIn(IN_MEMORY);
  } catch {
    try {
      return openIn(tmpdir());
    } catch (cause) {
      throw new TepalError(
        "CANNOT_WRITE",
        `Workers need a folder for temporary files, ${IN_MEMORY} or ${tmpdir()} (TMPDIR): ${toMessage(cause)}`,
        { cause },
      );
    }
  }
}

function openIn(parent: string): number {
  const folder = mkdtempSync(join(parent, "tepal-"));
  try {
    return openSync(join(folder, "metrics"), "wx+", 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

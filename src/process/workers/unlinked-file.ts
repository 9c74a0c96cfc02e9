import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TepalError, toMessage } from "../../kernel/errors.ts";

/** Linux keeps the files of this folder in memory. */
const IN_MEMORY = "/dev/shm";

/**
 * Opens an empty, unlinked file for reading and writing: it disappears with the last process that has it open.
 *
 * @returns its file descriptor, which the caller closes
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
        `Cannot write to ${IN_MEMORY} or ${tmpdir()}: ${toMessage(cause)}. ` +
          "Worker processes need a folder for temporary files; set TMPDIR.",
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

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TemporaryFolder } from "../support/folders.ts";

const IN_MEMORY = "/dev/shm";

/** Creates a folder in memory if the machine has such a file system, so that fsync does not wait. */
export async function createMemoryFolder(): Promise<TemporaryFolder> {
  const parent = existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir();
  const path = await mkdtemp(join(parent, "tepal-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

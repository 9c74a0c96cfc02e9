import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TemporaryFolder } from "../support/folders.ts";

const IN_MEMORY = "/dev/shm";

/** A fresh folder, in memory where the machine has such: what waits for the disk there waits for nothing. */
export async function createMemoryFolder(): Promise<TemporaryFolder> {
  const parent = existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir();
  const path = await mkdtemp(join(parent, "tepal-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createFolder } from "../../test/support/folders.ts";
import { loadConfig } from "./load-config.ts";

it("rejects an option that stands twice in the file", async () => {
  await using folder = await createFolder();
  const path = join(folder.path, "config.json");
  await writeFile(path, '{"port": 1, "host": "::1", "port": 2}');
  await expect(loadConfig(path, { flags: {} })).rejects.toThrow(
    `${path}: port: Expected 1 field of this name, got 2.`,
  );
});

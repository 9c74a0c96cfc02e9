import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createFolder } from "../../test/support/folders.ts";
import { scanModels } from "./scan-models.ts";

describe("scanModels", () => {
  it("lists versions in numeric order, and ignores other names and files", async () => {
    await using folder = await createFolder();
    for (const path of ["iris/10", "iris/9", "iris/.new-1", "iris/01", "wine", ".hidden/1"]) {
      await mkdir(join(folder.path, path), { recursive: true });
    }
    await writeFile(join(folder.path, "iris", "11"), "a file");
    await writeFile(join(folder.path, "README"), "a file");
    expect([...(await scanModels(folder.path, new Map()))]).toEqual([
      ["iris", [9, 10]],
      ["wine", []],
    ]);
  });

  it("returns after a few attempts when a model is a broken link", async () => {
    await using folder = await createFolder();
    await symlink(join(folder.path, "nowhere"), join(folder.path, "iris"));
    expect([...(await scanModels(folder.path, new Map()))]).toEqual([["iris", []]]);
  });

  it("rejects with MODEL_NOT_FOUND when the folder does not exist", async () => {
    await using folder = await createFolder();
    await rm(folder.path, { recursive: true });
    await expect(scanModels(folder.path, new Map())).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: expect.stringContaining("Specify another folder with --models"),
    });
  });
});

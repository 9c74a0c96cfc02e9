import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { readVersion } from "../../src/version.ts";
import { createFolder } from "../support/folders.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = join(ROOT, "dist/cli/main.js");

describe("the built package", () => {
  beforeAll(async () => {
    await run("npm", ["run", "build"], { cwd: ROOT });
  });

  it("works in a program that imports it: types, training in threads, serving, a prediction, PromQL", async () => {
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "esnext"];
    const consumer = join(ROOT, "test/package/consumer.ts");
    await run(
      tsc,
      ["--ignoreConfig", ...flags, "--types", "node", "--skipLibCheck", "false", consumer],
      {
        cwd: ROOT,
      },
    );
    const { stdout } = await run(process.execPath, [consumer], { cwd: ROOT });
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 60,
      classes: ["high", "low"],
      increase: ["api", 19.666666666666668],
      prediction: { label: "high", model: { name: "levels", version: 1 } },
    });
  });

  it("has a command line that trains the bundled Iris model", async () => {
    await using folder = await createFolder();
    const version = await run(process.execPath, [MAIN, "--version"]);
    expect(version.stdout.trim()).toBe(readVersion());
    const { stdout } = await run(process.execPath, [MAIN, "train"], { cwd: folder.path });
    expect(stdout).toContain("Wrote models/iris/1");
    expect(await readdir(join(folder.path, "models/iris/1"))).toHaveLength(4);
  });

  it("contains the build, the example and the documents, and nothing else", async () => {
    const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: ROOT,
    });
    const packed: unknown = JSON.parse(stdout);
    const text = JSON.stringify(packed);
    for (const wanted of [
      "dist/index.js",
      "dist/index.d.ts",
      "dist/promql/index.js",
      "examples/iris/iris.csv",
      "LICENSE",
    ]) {
      expect(text).toContain(`"${wanted}"`);
    }
    for (const unwanted of [".test.", '"src/', '"test/', '"bench/', "shared"]) {
      expect(text).not.toContain(unwanted);
    }
  });
});

import { execFile, spawnSync } from "node:child_process";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import * as index from "../../src/index.ts";
import { readVersion } from "../../src/version.ts";
import { createFolder } from "../support/folders.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = join(ROOT, "dist/cli/main.js");
/** The version in package.json, which is the only statement of it. */
const REQUIRED_MAJOR = Number(packageJson.engines.node.replace(">=", ""));

/** Returns the path and version of an installed Node.js that is older than Tepal requires. */
function findOldNode(): { readonly path: string; readonly version: string } | undefined {
  for (const path of ["/usr/bin/node", "/usr/bin/nodejs", "/usr/local/bin/node"]) {
    const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
    const version = stdout?.trim() ?? "";
    const major = Number.parseInt(version.slice(1), 10);
    if (major < REQUIRED_MAJOR) return { path, version };
  }
  process.stderr.write(
    `skipped: no Node.js older than ${REQUIRED_MAJOR} is installed: \`apt-get install nodejs\` on Debian 13 or older\n`,
  );
  return undefined;
}
const OLD = findOldNode();

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

  it("exports the values of src/index.ts, by import and by require", async () => {
    const names = Object.keys(index).toSorted();
    const entry = join(ROOT, "dist/package.js");
    const imported: object = await import(entry);
    expect(Object.keys(imported).toSorted()).toEqual(names);
    const required: object = createRequire(import.meta.url)(entry);
    expect(Object.keys(required).toSorted()).toEqual(names);
  });

  describe.runIf(OLD !== undefined)("with a Node.js that is too old", () => {
    const sentence = `tepal requires Node.js ${REQUIRED_MAJOR} or later; this is ${OLD?.version}.\n`;

    it('import "tepal" ends with one sentence', async () => {
      await using folder = await createFolder();
      await mkdir(join(folder.path, "node_modules"));
      await symlink(ROOT, join(folder.path, "node_modules/tepal"));
      await writeFile(join(folder.path, "program.mjs"), 'import { createServer } from "tepal";\n');
      const { status, stdout, stderr } = spawnSync(OLD?.path ?? "", ["program.mjs"], {
        cwd: folder.path,
        encoding: "utf8",
      });
      expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: "", stderr: sentence });
    });

    it("the command ends with the same sentence", () => {
      const main = join(ROOT, "dist/cli/main.js");
      const { status, stderr } = spawnSync(OLD?.path ?? "", [main, "--version"], {
        encoding: "utf8",
      });
      expect({ status, stderr }).toEqual({ status: 1, stderr: sentence });
    });
  });
});

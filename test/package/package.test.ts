import { execFile, spawnSync } from "node:child_process";
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it, vi } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import * as index from "../../src/index.ts";
import { readVersion } from "../../src/version.ts";
import { startCli, waitForOutput } from "../support/cli.ts";
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

/** Copies the files of the repository into a folder, as `git clone` does, and packs them there; returns the tarball's bytes. */
async function packCopy(folder: string, umask: string, timeZone: string): Promise<Buffer> {
  const { stdout } = await run(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { cwd: ROOT },
  );
  for (const path of stdout.split("\0").filter((line) => line !== "")) {
    await cp(join(ROOT, path), join(folder, path));
  }
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const mode = `u=rw,g=${umask === "077" ? "" : "rw"},o=`;
  const files = "README.md LICENSE CHANGELOG.md package.json examples/iris/*";
  await run("sh", ["-c", `umask ${umask} && chmod ${mode} ${files} && npm pack --silent`], {
    cwd: folder,
    env: { ...process.env, TZ: timeZone },
  });
  return readFile(join(folder, `tepal-${readVersion()}.tgz`));
}

/** Returns "name@version" of each package that `npm install tepal` installs, sorted. */
async function listLocked(): Promise<readonly string[]> {
  const lock: { readonly packages: Record<string, { version: string }> } = JSON.parse(
    await readFile(join(ROOT, "package-lock.json"), "utf8"),
  );
  const locked = Object.entries(lock.packages)
    .filter(([path, entry]) => path.startsWith("node_modules/") && !isForDevelopment(entry))
    .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, "")}@${version}`);
  return [...new Set(locked)].toSorted();
}

/** True if `npm install tepal` does not install this entry of package-lock.json. */
const isForDevelopment = (entry: object): boolean =>
  ["dev", "optional", "link"].some((name) => name in entry);

const LOCKED = await listLocked();

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

  it("serves from workers, with the threads of the monitor, its queries and the console", async () => {
    await using folder = await createFolder();
    await run(process.execPath, [MAIN, "train"], { cwd: folder.path });
    const words = ["serve", "--port", "0", "--workers", "2", "--monitor", "--no-persist"];
    await using server = startCli(words, folder.path, {}, MAIN);
    const url = await waitForOutput(server, /workers serve (http:[^"]+)/);
    await vi.waitFor(async () => {
      const query = await fetch(`${url}/prometheus/api/v1/query?query=tepal_workers`);
      expect(await query.json()).toMatchObject({
        status: "success",
        data: { result: [{ value: [expect.any(Number), "2"] }] },
      });
    }, 60_000);
    for (const path of ["/console/", "/console/dashboards", "/runbooks/MemoryHigh"]) {
      expect({ path, status: (await fetch(url + path)).status }).toEqual({ path, status: 200 });
    }
  });

  it("runs a load script, and shows lines of the script alone in its exceptions", async () => {
    await using folder = await createFolder();
    const script = join(folder.path, "script.ts");
    await writeFile(
      script,
      `import { constant, defineUser, task } from "tepal/load";
export default defineUser({
  waitTime: constant(0.3),
  tasks: [task(1, async () => { throw new Error("an exception"); })],
});`,
    );
    const flags = [
      "--host",
      "http://127.0.0.1:9",
      "--headless",
      "--users",
      "1",
      "--run-time",
      "1s",
    ];
    await using load = startCli(
      ["load", script, ...flags, "--json", "report.json"],
      folder.path,
      {},
      MAIN,
    );
    await load.ended;
    const { exceptions } = JSON.parse(await readFile(join(folder.path, "report.json"), "utf8"));
    expect(exceptions).toMatchObject([{ message: "Error: an exception" }]);
    expect(exceptions[0].traceback.split("\n")).toEqual([
      "Error: an exception",
      expect.stringContaining("script.ts:4:"),
    ]);
  });

  it("states the license of each package in the bundle, and has only packages of the bill of materials", async () => {
    const text = await readFile(join(ROOT, "dist/licenses.txt"), "utf8");
    const sections = text.split(/\n-{80}\n\n/);
    const bundled = sections.map((section) => {
      const [, name, version] =
        /^(\S+) (\S+) \([\w. -]+\)\n\n.*\b(?:License|Copyright)\b/is.exec(section) ?? [];
      return `${name}@${version}`;
    });
    expect(bundled.filter((one) => !LOCKED.includes(one))).toEqual([]);
    const direct = Object.entries(packageJson.dependencies).map(
      ([name, version]) => `${name}@${version}`,
    );
    expect(bundled).toEqual(expect.arrayContaining(direct));
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
      "dist/licenses.txt",
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

  it("has the same bytes from another folder, umask and time zone, with a bill of materials", async () => {
    await using one = await createFolder();
    await using other = await createFolder();
    const deep = join(other.path, "a folder/deep");
    await mkdir(deep, { recursive: true });
    const first = await packCopy(one.path, "002", "UTC");
    const second = await packCopy(deep, "077", "Asia/Tokyo");
    expect(second.equals(first)).toBe(true);

    const tarball = join(one.path, `tepal-${readVersion()}.tgz`);
    const { stdout } = await run("tar", ["xzOf", tarball, "package/dist/sbom.cdx.json"], {
      maxBuffer: 1 << 26,
    });
    const bom: { readonly components: readonly { readonly name: string; version: string }[] } =
      JSON.parse(stdout);
    expect(bom).toMatchObject({
      bomFormat: "CycloneDX",
      metadata: { component: { name: "tepal" } },
    });
    expect(bom.components.map(({ name, version }) => `${name}@${version}`)).toEqual(LOCKED);
  }, 300_000);

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

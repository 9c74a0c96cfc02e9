import { spawnSync } from "node:child_process";
import { cp, mkdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import nodePackage from "../../scripts/node/package.json" with { type: "json" };
import { SMALL_HEAP_FLAGS } from "../../src/kernel/child-process.ts";
import { createFolder } from "../support/folders.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PLATFORM_PACKAGES: Readonly<Record<string, string>> = nodePackage.optionalDependencies;

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: true;
  readonly hasInstallScript?: true;
  readonly optional?: true;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
}
const LOCK: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
  await readFile(join(ROOT, "package-lock.json"), "utf8"),
);
const INSTALLED = Object.entries(LOCK.packages).filter(
  ([path, { link }]) => /(^|\/)node_modules\//.test(path) && link === undefined,
);

describe("npm ci", () => {
  it("verifies each package by its hash, Node.js too", () => {
    expect(INSTALLED.length).toBeGreaterThan(200);
    const unverified = INSTALLED.filter(
      ([, { integrity }]) => integrity?.startsWith("sha512-") !== true,
    );
    expect(unverified.map(([path]) => path)).toEqual([]);
  });

  it("runs no install script that may download anything", async () => {
    const withScript = INSTALLED.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const names = withScript.map(([path]) => path.replace(/^.*node_modules\//, ""));
    expect(packageJson.allowScripts).toEqual(
      Object.fromEntries(names.map((name) => [name, false])),
    );
    // npm 10 does not know `allowScripts`.
    expect(names).toEqual(["onnxruntime-node"]);
    expect(await readFile(join(ROOT, ".npmrc"), "utf8")).toContain("onnxruntime-node-install=skip");
  });
});

describe("the Node.js of npm scripts", () => {
  it("is the version in the lock file, which the images have too, and runs these tests", async () => {
    const [version] = Object.values(PLATFORM_PACKAGES);
    for (const [name, listed] of Object.entries(PLATFORM_PACKAGES)) {
      const locked = LOCK.packages[`node_modules/${name}`];
      expect({ name, listed }).toEqual({ name, listed: version });
      expect(locked).toMatchObject({ version, optional: true });
      expect(locked).toHaveProperty("os");
      expect(locked).toHaveProperty("cpu");
    }
    expect(process.version).toBe(`v${version}`);
    for (const file of ["Dockerfile", "compose.yaml", ".env.example"]) {
      const text = await readFile(join(ROOT, file), "utf8");
      expect([file, /\bnode:([\d.]+)-/.exec(text)?.[1]]).toEqual([file, version]);
    }
  });

  it("has the small heap in `npm start`, the image and a class", async () => {
    const flags = SMALL_HEAP_FLAGS.join(" ");
    expect(packageJson.scripts.start).toContain(`node ${flags} src/cli/main.ts up`);
    const files = ["Dockerfile", "examples/class/class.sh"];
    const texts = await Promise.all(files.map((file) => readFile(join(ROOT, file), "utf8")));
    const plain = texts.map((text) => text.replaceAll(/", "/g, " "));
    expect(plain.map((text) => text.includes(flags))).toEqual([true, true]);
  });

  it("is not a dependency of the package", () => {
    expect(Object.keys(packageJson.dependencies)).not.toContain("node");
    expect(packageJson).not.toHaveProperty("optionalDependencies");
    expect(packageJson.files.filter((path) => path.startsWith("scripts"))).toEqual([]);
  });

  it("is linked after npm has removed the link", async () => {
    await using folder = await createClone();
    const [name = ""] =
      Object.keys(PLATFORM_PACKAGES).filter((key) => {
        const { os, cpu } = LOCK.packages[`node_modules/${key}`] ?? {};
        return [os].flat()[0] === process.platform && [cpu].flat()[0] === process.arch;
      }) ?? [];
    const installed = join(folder.path, "node_modules", name);
    await mkdir(join(installed, "bin"), { recursive: true });
    await symlink(process.execPath, join(installed, "bin/node"));
    await writeFile(
      join(installed, "package.json"),
      JSON.stringify({ os: process.platform, cpu: process.arch, bin: { node: "bin/node" } }),
    );
    for (let time = 0; time < 2; time++) {
      const { status, stderr } = runLink(process.execPath, folder.path);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const link = await readlink(join(folder.path, "node_modules/.bin/node"));
      expect(link).toBe(`../${name}/bin/node`);
    }
  });

  const old = spawnSync("/usr/bin/node", ["--version"], { encoding: "utf8" }).stdout?.trim() ?? "";
  it.runIf(/^v(1\d|20|22)\./.test(old))(
    "is missing with a sentence, not a syntax error",
    async () => {
      await using folder = await createClone();
      expect(runLink("/usr/bin/node", folder.path)).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(
          /^Expected Node\.js ≥ 24, got v[\d.]+\. npm installed no Node\.js for .+ Install Node\.js 24 or later\.\n$/,
        ),
      });
      expect(runLink(process.execPath, folder.path)).toMatchObject({ status: 0, stderr: "" });
    },
  );
});

/** Returns a folder with what scripts/node/link.mjs reads, without node_modules. */
async function createClone(): ReturnType<typeof createFolder> {
  const folder = await createFolder();
  await cp(join(ROOT, "scripts/node"), join(folder.path, "scripts/node"), { recursive: true });
  await cp(join(ROOT, "package.json"), join(folder.path, "package.json"));
  return folder;
}

const runLink = (program: string, folder: string): ReturnType<typeof spawnSync> =>
  spawnSync(program, [join(folder, "scripts/node/link.mjs")], { encoding: "utf8" });

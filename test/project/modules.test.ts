import { spawnSync } from "node:child_process";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MODULES, OUTSIDERS, type Module } from "../../modules.ts";
import { checkModules } from "../../scripts/modules/check-modules.ts";
import { createFolder } from "../support/folders.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NAMES = Object.keys(MODULES);
const isFile = (name: string): boolean => name.endsWith(".ts");

interface Planted {
  readonly file: string;
  readonly line: string;
  /** Part of the linter's message; null if the line is allowed. */
  readonly message: string | null;
}

/** An import by each module of each other one, from a file at its top and from one two folders below. */
const IMPORTS: readonly Planted[] = Object.entries<Module>(MODULES).flatMap(([name, { imports }]) =>
  NAMES.filter((other) => other !== name).flatMap((other) => {
    const target = isFile(other) ? other : `${other}/inner/sample.ts`;
    const message = imports.some((one) => one === other) ? null : `src/${name} may import only`;
    const files = isFile(name)
      ? [[`src/${name}`, "./"]]
      : [
          [`src/${name}/to-${other.replace(".ts", "")}.ts`, "../"],
          [`src/${name}/a/b/to-${other.replace(".ts", "")}.ts`, "../../../"],
        ];
    return files.map(([file = "", up = ""]) => ({
      file,
      line: `import "${up}${target}";`,
      message,
    }));
  }),
);

const OTHERS: readonly Planted[] = [
  ...Object.entries(OUTSIDERS).flatMap(([name, { imports }]) => [
    ...imports.map((path, i) => ({
      file: `${name}/allowed-${i}.ts`,
      line: `import "../src/${path}";`,
      message: null,
    })),
    {
      file: `${name}/inner/denied.ts`,
      line: 'import "../../src/server.ts";',
      message: `${name}/ may import of src/ only`,
    },
  ]),
  {
    file: "src/serving/now.ts",
    line: "export const a = Date.now();",
    message: "Only kernel/clock.ts",
  },
  {
    file: "src/http/now.ts",
    line: "export const a = performance.now();",
    message: "Only kernel/clock.ts",
  },
  {
    file: "src/guard/random.ts",
    line: "export const a = Math.random();",
    message: "Only kernel/random.ts",
  },
];

describe("the lint rules made from modules.ts", () => {
  const planted = [...IMPORTS, ...OTHERS];
  let folder: Awaited<ReturnType<typeof createFolder>>;
  let reports: readonly {
    readonly filename: string;
    readonly message: string;
    readonly line: number;
  }[];

  beforeAll(async () => {
    folder = await createFolder();
    for (const config of [".oxlintrc.json", ".oxlintrc.modules.json"]) {
      await cp(join(ROOT, config), join(folder.path, config));
    }
    // A file such as src/server.ts has one line for each of its planted imports.
    const files = Map.groupBy(planted, ({ file }) => file);
    for (const [file, lines] of files) {
      await mkdir(join(folder.path, dirname(file)), { recursive: true });
      await writeFile(join(folder.path, file), lines.map(({ line }) => `${line}\n`).join(""));
    }
    const oxlint = join(ROOT, "node_modules/.bin/oxlint");
    const { stdout } = spawnSync(oxlint, ["--format", "json"], {
      cwd: folder.path,
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
    const { diagnostics } = JSON.parse(stdout);
    reports = diagnostics.map(({ filename, message, help = "", labels }: Diagnostic) => ({
      filename,
      message: `${message} ${help}`,
      line: labels[0]?.span.line ?? 0,
    }));
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it("plants an import for every pair of modules", () => {
    expect(IMPORTS.length).toBeGreaterThan(NAMES.length * (NAMES.length - 1));
  });

  it.each(planted)("$file: $line → $message", ({ file, line, message }) => {
    const number = planted.filter((one) => one.file === file).findIndex((one) => one.line === line);
    const found = reports
      .filter((report) => report.filename === file && report.line === number + 1)
      .filter((report) => /may import|Only kernel/.test(report.message))
      .map((report) => report.message);
    if (message === null) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining(message)]);
  });
});

interface Diagnostic {
  readonly filename: string;
  readonly message: string;
  readonly help?: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

describe("checkModules", () => {
  const plantModules = async (root: string): Promise<void> => {
    for (const [name, { folders = {} }] of Object.entries<Module>(MODULES)) {
      const path = join(root, "src", name);
      if (isFile(name)) await writeFile(path, "");
      else await mkdir(path, { recursive: true });
      for (const inner of Object.keys(folders)) await mkdir(join(path, inner));
    }
  };

  it("accepts the project, and a copy of its folders", async () => {
    await expect(checkModules(ROOT)).resolves.toBeUndefined();
    await using folder = await createFolder();
    await mkdir(join(folder.path, "src"));
    await plantModules(folder.path);
    await expect(checkModules(folder.path)).resolves.toBeUndefined();
  });

  it.each(["src/plugins", "src/http/plugins"])("rejects the unknown folder %s", async (unknown) => {
    await using folder = await createFolder();
    await mkdir(join(folder.path, "src"));
    await plantModules(folder.path);
    await mkdir(join(folder.path, unknown));
    await expect(checkModules(folder.path)).rejects.toThrow(`${unknown} is not in modules.ts`);
  });

  it("rejects a listed folder that is missing", async () => {
    await using folder = await createFolder();
    await mkdir(join(folder.path, "src"));
    await expect(checkModules(folder.path)).rejects.toThrow("modules.ts lists kernel");
  });
});

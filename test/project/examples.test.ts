import { spawn } from "node:child_process";
import { once } from "node:events";
import { glob, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { findDocumentExamples, findPublicExamples } from "../support/examples.ts";
import { createFolder, type TemporaryFolder } from "../support/folders.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TSC = join(ROOT, "node_modules/.bin/tsc");

/** The entry files in the sources, by the name that programs import. */
const ENTRIES = {
  tepal: "src/index.ts",
  "tepal/load": "src/load/script/define.ts",
  "tepal/promql": "src/promql/index.ts",
} as const;

/** A program that has not ended by itself by then fails. */
const TIMEOUT_MS = 45_000;

// Two cores: more programs at once only slow each other down.
vi.setConfig({ maxConcurrency: 2 });

const DOCUMENTS = (await Array.fromAsync(glob("{*.md,docs/**/*.md}", { cwd: ROOT }))).toSorted();
const PUBLIC = Object.values(ENTRIES).map(findPublicExamples);
const EXAMPLES = [
  ...PUBLIC.flatMap(({ examples }) => examples),
  ...DOCUMENTS.flatMap(findDocumentExamples),
].map((example, index) => ({ ...example, index }));

/** An ended process. */
interface Ended {
  readonly code: number | null;
  /** Null unless a signal ended it. */
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

async function run(file: string, words: readonly string[], folder: string): Promise<Ended> {
  const child = spawn(file, words, {
    cwd: folder,
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  }
  await once(child, "close");
  return { code: child.exitCode, signal: child.signalCode, output };
}

/** Returns a createServer that a busy machine, which stalls for a second, does not make reject requests. */
function toPatientServer(source: string): string {
  return `import { createServer as create } from ${source};
export const createServer = (options, parts) => create({ maxEventLoopLag: 60, ...options }, parts);`;
}

/** Writes a folder in which `tepal` is installed as its sources, with a folder for each program. */
async function createProject(path: string, programs: readonly string[]): Promise<void> {
  const installed = join(path, "node_modules/tepal");
  await mkdir(installed, { recursive: true });
  const exports: Record<string, string> = {};
  const paths: Record<string, readonly string[]> = {};
  for (const [name, file] of Object.entries(ENTRIES)) {
    const target = `./${name.replace("/", "-")}.js`;
    exports[name.replace("tepal", ".")] = target;
    paths[name] = [`${ROOT}${file}`];
    const source = JSON.stringify(`${ROOT}${file}`);
    const lines = [
      `export * from ${source};`,
      ...(name === "tepal" ? [toPatientServer(source)] : []),
    ];
    await writeFile(join(installed, target), lines.join("\n"));
  }
  const manifest = { name: "tepal", type: "module", exports };
  await writeFile(join(installed, "package.json"), JSON.stringify(manifest));
  await writeFile(join(path, "package.json"), JSON.stringify({ type: "module" }));
  const settings = {
    extends: `${ROOT}tsconfig.json`,
    compilerOptions: { paths, typeRoots: [`${ROOT}node_modules/@types`] },
    include: ["*/program.ts"],
    exclude: [],
  };
  await writeFile(join(path, "tsconfig.json"), JSON.stringify(settings));
  for (const [index, code] of programs.entries()) {
    const folder = join(path, String(index));
    await mkdir(folder);
    await writeFile(join(folder, "program.ts"), code);
  }
}

/**
 * Returns a pattern of the output that the program states: the comments behind its `console.log` calls, in which `…` stands for
 * anything. A comment that begins with "for example" states nothing.
 */
function toExpectedOutput(code: string): RegExp {
  const stated = [...code.matchAll(/console\.log\(.*\); \/\/ (?!for example)(.+)$/gm)];
  const patterns = stated.map(([, comment = ""]) =>
    comment
      .split("…")
      .map((part) => RegExp.escape(part.replaceAll(/\s+/g, " ").replaceAll("'", '"')))
      .join(".*"),
  );
  return new RegExp(patterns.join(".*"));
}

describe("every public function", () => {
  it("has an example in its doc comment", () => {
    expect(PUBLIC.flatMap(({ missing }) => missing)).toEqual([]);
    const named = EXAMPLES.map(({ name }) => name);
    const members = ["src/server.ts: Server", "src/server.ts: Server"]; // metrics and app
    expect(named).toEqual(expect.arrayContaining(["src/kernel/errors.ts: TepalError"]));
    expect(named.filter((name) => members.includes(name))).toHaveLength(members.length);
  });
});

describe("the examples of doc comments and documents", () => {
  let project: TemporaryFolder;
  beforeAll(async () => {
    project = await createFolder();
    await createProject(
      project.path,
      EXAMPLES.map(({ code }) => code),
    );
  });
  afterAll(() => project[Symbol.asyncDispose]());

  it("are accepted by the type checker", async () => {
    const { output, code } = await run(TSC, ["-p", project.path, "--noEmit"], project.path);
    const named = output.replaceAll(/^(\d+)\/program\.ts/gm, (_, i) => EXAMPLES[i]?.name ?? "");
    expect(named).toBe("");
    expect(code).toBe(0);
  });

  it.concurrent.each(EXAMPLES)(
    "run, end by themselves and print what they state: $name",
    async (example) => {
      const folder = join(project.path, String(example.index));
      const { output, ...ended } = await run(process.execPath, ["program.ts"], folder);
      expect({ output, ...ended }).toEqual({ output, code: 0, signal: null });
      const printed = output.replaceAll(/\s+/g, " ").replaceAll("'", '"');
      expect(printed).toMatch(toExpectedOutput(example.code));
    },
  );
});

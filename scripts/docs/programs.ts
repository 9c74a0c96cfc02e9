/** TypeScript programs of documents and doc comments: the project in which they are type-checked and run. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TSC = join(ROOT, "node_modules/.bin/tsc");

/** The entry files in the sources, by the name that programs import. */
export const ENTRIES = {
  tepal: "src/index.ts",
  "tepal/load": "src/load/script/define.ts",
  "tepal/promql": "src/promql/index.ts",
} as const;

/** A program that has not ended by itself by then fails. */
const TIMEOUT_MS = 180_000;
const TYPES_TIMEOUT_MS = 600_000;

/** An ended process. */
interface Ended {
  readonly code: number | null;
  /** Null unless a signal ended it. */
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** Writes a folder in which `tepal` is installed as its sources, with `N/program.ts` for program N. */
export async function createProject(path: string, programs: readonly string[]): Promise<void> {
  await installTepal(path);
  const paths = Object.fromEntries(
    Object.entries(ENTRIES).map(([name, file]) => [name, [`${ROOT}${file}`]]),
  );
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

/** Makes programs in a folder import the sources as `tepal`. */
async function installTepal(path: string): Promise<void> {
  const installed = join(path, "node_modules/tepal");
  await mkdir(installed, { recursive: true });
  const exports: Record<string, string> = {};
  for (const [name, file] of Object.entries(ENTRIES)) {
    const target = `./${name.replace("/", "-")}.js`;
    exports[name.replace("tepal", ".")] = target;
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
}

/** Returns a createServer that a busy machine, which stalls for a second, does not make reject requests. */
function toPatientServer(source: string): string {
  return `import { createServer as create } from ${source};
export const createServer = (options, parts) => create({ maxEventLoopLag: 60, ...options }, parts);`;
}

/** Returns the errors of the type checker, with the names of the programs; "" if there are none. */
export async function checkTypes(path: string, names: readonly string[]): Promise<string> {
  const { output, code } = await run(TSC, ["-p", path, "--noEmit"], path, TYPES_TIMEOUT_MS);
  const errors = output.replaceAll(/^(\d+)\/program\.ts/gm, (_, index) => names[index] ?? "");
  return code === 0 || errors !== "" ? errors : `The type checker ended with ${code}.`;
}

/** Runs program `index` of a project. */
export function runProgram(path: string, index: number): Promise<Ended> {
  return run(process.execPath, ["program.ts"], join(path, String(index)));
}

async function run(
  file: string,
  words: readonly string[],
  folder: string,
  timeout = TIMEOUT_MS,
): Promise<Ended> {
  const child = spawn(file, words, {
    cwd: folder,
    env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] },
    stdio: ["ignore", "pipe", "pipe"],
    timeout,
    killSignal: "SIGKILL",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  }
  await once(child, "close");
  return { code: child.exitCode, signal: child.signalCode, output };
}

/**
 * Returns a pattern of the output that the program states: the comments behind its `console.log` calls, in which `…` stands for
 * anything. A comment that begins with "for example" states nothing.
 */
export function toExpectedOutput(code: string): RegExp {
  const stated = [...code.matchAll(/console\.log\(.*\); \/\/ (?!for example)(.+)$/gm)];
  const patterns = stated.map(([, comment = ""]) =>
    comment
      .split("…")
      .map((part) => RegExp.escape(normalizeOutput(part)))
      .join(".*"),
  );
  return new RegExp(patterns.join(".*"));
}

/** Makes the line breaks and quotes of an output those of a comment. */
export function normalizeOutput(output: string): string {
  return output.replaceAll(/\s+/g, " ").replaceAll("'", '"');
}

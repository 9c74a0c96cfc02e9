/**
 * Checks and runs what README.md and docs/ show: `npm run test:docs`. CONTRIBUTING.md explains the attributes of blocks.
 *
 * Paths select pages: `npm run test:docs -- docs/api.md`. `--static` runs nothing; `--fix` rewrites replies and values that are out of date.
 */
import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkStatically } from "./docs/check-statically.ts";
import { parsePage, type Problem } from "./docs/page.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    static: { type: "boolean", default: false },
    fix: { type: "boolean", default: false },
    port: { type: "string", default: "21560" },
  },
});

const started = performance.now();
const files = await Array.fromAsync(glob("{README,CONTRIBUTING,SECURITY}.md", { cwd: ROOT }));
const documents = await Array.fromAsync(glob("docs/**/*.md", { cwd: ROOT }));
const pages = await Promise.all(
  [...files, ...documents]
    .toSorted()
    .map(async (path) => parsePage(path, await readFile(`${ROOT}${path}`, "utf8"))),
);
const selected = pages.filter(({ path }) => positionals.length === 0 || positionals.includes(path));
const port = Number(values.port);

function report(problems: readonly Problem[]): void {
  for (const { path, line, message } of problems) console.error(`${path}:${line} ${message}`);
  if (problems.length > 0) process.exitCode = 1;
}

function step(text: string): void {
  console.log(`${((performance.now() - started) / 1_000).toFixed(1)} s: ${text}`);
}

step(`checking ${selected.length} pages`);
report(await checkStatically(selected, { all: pages, root: ROOT, port }));
step(process.exitCode === 1 ? "problems found" : "everything as shown");

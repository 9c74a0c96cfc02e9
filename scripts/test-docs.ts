/**
 * Checks and runs what README.md and docs/ show: `npm run test:docs`. CONTRIBUTING.md explains the attributes of blocks.
 *
 * Paths select pages: `npm run test:docs -- docs/api.md`. `--static` runs nothing; `--fix` rewrites replies and values that are out of
 * date; `--port N` is the first of the ports.
 */
import { globSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkResults, listUncovered, readResults } from "./docs/benchmarks.ts";
import { checkConfigs } from "./docs/check-configs.ts";
import { checkQueries } from "./docs/check-queries.ts";
import { checkStatically } from "./docs/check-statically.ts";
import { parsePage, type Page, type Problem } from "./docs/page.ts";
import { createPorts } from "./docs/ports.ts";
import { checkPrograms } from "./docs/run-programs.ts";
import { applyEdits } from "./docs/edit.ts";
import { isRunnable, runPage } from "./docs/run-page.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const PATTERNS = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/**/*.md"];
const PORTS_OF_PAGE = 20;
/** Most of the time, a page waits: for scrapes, and for pauses of its clients. */
const PAGES_AT_ONCE = 3;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    static: { type: "boolean", default: false },
    fix: { type: "boolean", default: false },
    port: { type: "string", default: "18300" },
  },
});
// An interrupted run ends in the handlers of "exit", which stop what it has started.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
process.env["NODE_COMPILE_CACHE"] ??= `${ROOT}/node_modules/.cache/tepal`;

const started = performance.now();
const paths = globSync(PATTERNS, { cwd: ROOT }).toSorted();
const all = await Promise.all(
  paths.map(async (path) => parsePage(path, await readFile(`${ROOT}/${path}`, "utf8"))),
);
const isSelected = (path: string): boolean =>
  positionals.length === 0 || positionals.some((start) => path.startsWith(start));
const pages = all.filter(({ path }) => isSelected(path));
const firstPort = Number(values.port);

function report(problems: readonly Problem[]): void {
  const lines = problems.map(({ path, line, message }) => `${path}:${line} ${message}`);
  for (const line of new Set(lines)) console.error(line);
  if (lines.length > 0) process.exitCode = 1;
}

function step(text: string): void {
  console.log(`${((performance.now() - started) / 1_000).toFixed(0)} s: ${text}`);
}

async function runOnePage(page: Page, slot: number): Promise<void> {
  const ports = createPorts(firstPort + PORTS_OF_PAGE * (slot + 1));
  const { problems, edits, ran } = await runPage(page, ROOT, ports);
  const isFixed = values.fix && edits.length > 0;
  if (isFixed) await writeFile(`${ROOT}/${page.path}`, applyEdits(page.text, edits));
  step(`${page.path}: ran ${ran} blocks${isFixed ? `, rewrote ${edits.length}` : ""}`);
  const rewritten = new Set(isFixed ? edits.map(({ line }) => line) : []);
  report(problems.filter(({ line }) => !rewritten.has(line)));
}

async function runPages(): Promise<void> {
  const waiting = pages.filter(isRunnable);
  await Promise.all(
    Array.from({ length: PAGES_AT_ONCE }, async (_, slot) => {
      for (let page = waiting.shift(); page !== undefined; page = waiting.shift()) {
        await runOnePage(page, slot);
      }
    }),
  );
}

step(`checking ${pages.length} pages`);
report(await checkStatically(pages, { all, root: ROOT, port: firstPort }));
report(await checkConfigs(pages, ROOT));
const results = readResults(ROOT);
report(pages.flatMap((page) => checkResults(page, results)));
step(`not covered by bench/results/: ${listUncovered(pages, results).join(", ")}`);
if (values.static) {
  report(await checkPrograms(pages, { isStatic: true }));
} else {
  step("running blocks, programs, and queries on both engines");
  await Promise.all([
    runPages(),
    checkPrograms(pages, { isStatic: false }).then(report),
    checkQueries(pages, firstPort).then(report),
  ]);
}
step(process.exitCode === 1 ? "problems found" : "all pages are as shown");

/**
 * Runs a folder of cases in Prometheus's format: `npm run conformance -- FOLDER`. Each `eval` of its *.test files is a
 * case, which passes if all of its variants do. parse-cases.json, if it exists, has inputs for the parser. The last line counts the
 * passed cases, and the failed cases and inputs.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createEngine } from "../src/promql/index.ts";
import { findParseFailures } from "../test/promql/parse-cases.ts";
import { runCases } from "../test/promql/run-cases.ts";

const [folder] = process.argv.slice(2);
if (folder === undefined || !existsSync(folder)) {
  console.error("usage: npm run conformance -- FOLDER, with *.test files in it");
  process.exit(2);
}
// The settings of Prometheus's own runner.
const engine = createEngine({ delayedNameRemoval: true });
let passed = 0;
let failed = 0;
for (const name of readdirSync(folder).toSorted()) {
  const path = join(folder, name);
  if (name.endsWith(".test")) runFile(name, path);
  else if (name === "parse-cases.json") runParseCases(name, path);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

function runFile(name: string, path: string): void {
  const outcomes = runCases(engine, readFileSync(path, "utf8"));
  const failures = outcomes.filter(({ failure }) => failure !== undefined);
  const queries = outcomes.reduce((sum, outcome) => sum + outcome.queries, 0);
  console.log(`${name}: ${outcomes.length} cases, ${queries} queries, ${failures.length} failed`);
  for (const { line, query, failure } of failures) {
    console.log(`  ${name}:${line} ${query}\n    ${failure}`);
  }
  passed += outcomes.length - failures.length;
  failed += failures.length;
}

function runParseCases(name: string, path: string): void {
  const { inputs, failures } = findParseFailures(readFileSync(path, "utf8"));
  console.log(`${name}: ${inputs} parser inputs, ${failures.length} with a wrong verdict`);
  for (const failure of failures) console.log(`  ${failure}`);
  failed += failures.length;
}

/**
 * Checks that documents, comments and messages use the words that CONTRIBUTING.md lists:
 * `node scripts/check-language.ts [PATH …]`. It prints each violation and exits with 1 if there are any.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findViolations } from "./language/find-violations.ts";

/** Generated from sources that are checked, written by other programs, or data. */
const NOT_OURS =
  /^(?:deploy\/(?:grafana|prometheus\/rules)\/|test\/fixtures\/|package-lock\.json$)/;

const root = fileURLToPath(new URL("..", import.meta.url));
const listed = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard", "--", ...process.argv.slice(2)],
  { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 },
);
const violations = listed
  .split("\n")
  .filter((file) => file !== "" && !NOT_OURS.test(file))
  .flatMap((file) => findViolations(file, readFileSync(`${root}/${file}`, "utf8")));
for (const { file, line, kind, found, write } of violations) {
  console.log(`${file}:${line} ${kind}: "${found}"; write ${write}`);
}
if (violations.length > 0) {
  console.error(`${violations.length} violations of the language rules (CONTRIBUTING.md)`);
  process.exitCode = 1;
}

import { glob, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { formatProblem } from "../../kernel/check.ts";
import { TepalError, toMessage, type Problem } from "../../kernel/errors.ts";
import { parseRuleFile } from "./parse-rule-file.ts";
import type { GroupDefinition } from "./rules.ts";

const MAX_BYTES = 10_485_760;
const MAX_RULES = 10_000;
/** Maximum problems in the message of the error. */
const MAX_SHOWN = 20;
const ADVICE = "Fix the files, or name others with --rules.";

/**
 * Reads rule files.
 *
 * @param sources files, folders (of which *.yml and *.yaml are read) and glob patterns, for example `rules/*.yml`
 * @returns the groups, by file and in the order of the files
 * @throws TepalError INVALID_RULES with all problems of all files
 */
export async function loadRules(sources: readonly string[]): Promise<readonly GroupDefinition[]> {
  const problems: Problem[] = [];
  const files = new Set<string>();
  for (const source of sources) {
    const found = await findFiles(source);
    if (found.length === 0) {
      problems.push({
        at: source,
        message:
          "Expected a file, a folder with *.yml or *.yaml files, or a pattern; found no file.",
      });
    }
    for (const file of found) files.add(file);
  }
  const groups: GroupDefinition[] = [];
  for (const file of files) {
    const parsed = await readRuleFile(file);
    groups.push(...parsed.groups);
    problems.push(...parsed.problems);
  }
  const count = groups.reduce((sum, { rules }) => sum + rules.length, 0);
  if (count > MAX_RULES) {
    problems.push({
      at: sources.join(", "),
      message: `Expected at most ${MAX_RULES} rules, got ${count}.`,
    });
  }
  if (problems.length > 0) throw toRulesError(problems);
  return groups;
}

async function findFiles(source: string): Promise<readonly string[]> {
  const path = resolve(source);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return [path];
  const pattern = found?.isDirectory() === true ? join(path, "*.{yml,yaml}") : path;
  const files: string[] = [];
  for await (const file of glob(pattern)) files.push(resolve(file));
  return files.toSorted();
}

async function readRuleFile(file: string): Promise<ReturnType<typeof parseRuleFile>> {
  const toFailure = (message: string) => ({ groups: [], problems: [{ at: file, message }] });
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) return toFailure(`Expected at most ${MAX_BYTES} bytes, got ${size}.`);
    return parseRuleFile(file, await readFile(file, "utf8"));
  } catch (error) {
    return toFailure(`Cannot read the file: ${toMessage(error)}.`);
  }
}

export function toRulesError(problems: readonly Problem[]): TepalError {
  const lines = problems.slice(0, MAX_SHOWN).map((problem) => `  ${formatProblem(problem)}`);
  if (problems.length > MAX_SHOWN) lines.push(`  and ${problems.length - MAX_SHOWN} more`);
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const message = `Invalid rule files, ${count}:\n${lines.join("\n")}\n${ADVICE}`;
  return new TepalError("INVALID_RULES", message, { problems });
}

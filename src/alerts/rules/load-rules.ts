import { glob, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TepalError, toMessage, type Problem } from "../../kernel/errors.ts";
import { parseRuleFile } from "./parse-rule-file.ts";
import type { GroupDefinition } from "./rules.ts";

const MAX_BYTES = 10_485_760;
const MAX_RULES = 10_000;
/** Of many problems, those that the message itself names. */
const SHOWN = 20;

/**
 * Reads rule files.
 *
 * @param places files, folders (of which *.yml and *.yaml are taken) and patterns such as `rules/*.yml`
 * @returns the groups, by file and in the files' order
 * @throws TepalError INVALID_RULES with all that is wrong in all files
 */
export async function loadRules(places: readonly string[]): Promise<readonly GroupDefinition[]> {
  const problems: Problem[] = [];
  const files = new Set<string>();
  for (const place of places) {
    const found = await findFiles(place);
    if (found.length === 0) {
      problems.push({
        at: place,
        message: "there is no such file, and no folder with *.yml or *.yaml",
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
      at: places.join(", "),
      message: `${count} rules, and ${MAX_RULES} are the most`,
    });
  }
  if (problems.length > 0) throw toError(problems);
  return groups;
}

async function findFiles(place: string): Promise<readonly string[]> {
  const path = resolve(place);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return [path];
  const pattern = found?.isDirectory() === true ? join(path, "*.{yml,yaml}") : path;
  const files: string[] = [];
  for await (const file of glob(pattern)) files.push(resolve(file));
  return files.toSorted();
}

async function readRuleFile(file: string): Promise<ReturnType<typeof parseRuleFile>> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) {
      return { groups: [], problems: [{ at: file, message: `larger than ${MAX_BYTES} bytes` }] };
    }
    return parseRuleFile(file, await readFile(file, "utf8"));
  } catch (error) {
    return { groups: [], problems: [{ at: file, message: `cannot be read: ${toMessage(error)}` }] };
  }
}

function toError(problems: readonly Problem[]): TepalError {
  const lines = problems.slice(0, SHOWN).map(({ at, message }) => `  ${at}: ${message}`);
  if (problems.length > SHOWN) lines.push(`  and ${problems.length - SHOWN} more`);
  const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
  const message = `The rules have ${count}:\n${lines.join("\n")}\nMend the files, or name others with --rules.`;
  return new TepalError("INVALID_RULES", message, { problems });
}

import { createFolder } from "../../test/support/folders.ts";
import type { Page, Problem } from "./page.ts";
import {
  checkTypes,
  createProject,
  normalizeOutput,
  runProgram,
  toExpectedOutput,
} from "./programs.ts";

import { isProgramOfPage } from "./run-page.ts";

interface Program {
  readonly path: string;
  readonly line: number;
  readonly text: string;
  readonly runs: boolean;
}

/** Type-checks the TypeScript blocks of all pages in one program, and runs them. */
export async function checkPrograms(
  pages: readonly Page[],
  { isStatic }: { readonly isStatic: boolean },
): Promise<readonly Problem[]> {
  const programs = pages.flatMap(({ path, blocks }) =>
    blocks
      .filter(({ language, attributes }) => language === "ts" && !attributes.has("not-checked"))
      .map((block) => ({
        path,
        text: block.text,
        line: block.line,
        // A file is for the commands of the page.
        runs:
          !block.attributes.has("not-run") &&
          !block.attributes.has("file") &&
          !isProgramOfPage(block),
      })),
  );
  if (programs.length === 0) return [];
  await using folder = await createFolder();
  await createProject(
    folder.path,
    programs.map(({ text }) => text),
  );
  const names = programs.map(({ path, line }) => `${path}:${line}`);
  const types = checkTypes(folder.path, names);
  const problems: Problem[] = [];
  for (const [index, program] of programs.entries()) {
    if (isStatic || !program.runs) continue;
    const message = await runOne(folder.path, index, program);
    if (message !== undefined) problems.push({ path: program.path, line: program.line, message });
  }
  return [...problems, ...toProblems(await types)];
}

async function runOne(
  folder: string,
  index: number,
  { text }: Program,
): Promise<string | undefined> {
  const { output, code } = await runProgram(folder, index);
  if (code !== 0) return `The program ends with ${code}: ${output.trim()}`;
  const expected = toExpectedOutput(text);
  if (expected.test(normalizeOutput(output))) return undefined;
  return `The program prints ${JSON.stringify(output.trim())}, not what its comments state.`;
}

/** Finds the lines of the pages in the errors of the type checker. */
function toProblems(errors: string): readonly Problem[] {
  if (errors === "") return [];
  return errors
    .trim()
    .split("\n")
    .map((error) => {
      const [, path, line, row, message] = /^([^:\s]+):(\d+)\((\d+),\d+\): (.*)$/.exec(error) ?? [];
      return path === undefined
        ? { path: "", line: 0, message: error }
        : { path, line: Number(line) + Number(row), message: message ?? "" };
    });
}

import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createFolder } from "../support/folders.ts";
import type { Mutation } from "./mutations.ts";

const ROOT = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/**
 * Makes each change in a copy of the engine and runs our own cases there.
 *
 * @param report called for each mutant with true if the cases detected it
 * @returns the mutants that no case detected
 */
export async function findUndetected(
  mutations: readonly Mutation[],
  report: (mutation: Mutation, isDetected: boolean) => void = () => {},
): Promise<Mutation[]> {
  const misplaced = await findMisplaced(mutations);
  if (misplaced.length > 0) {
    throw new Error(`does not stand exactly once: ${JSON.stringify(misplaced)}`);
  }
  await using folder = await createFolder();
  await copyEngine(folder.path);
  if (await failsCases(folder.path)) throw new Error("the cases fail without any change");
  const undetected: Mutation[] = [];
  for (const mutation of mutations) {
    const path = join(folder.path, "src", mutation.file);
    const text = await readFile(path, "utf8");
    // A function, because a dollar sign in a replacement string has a special meaning.
    await writeFile(
      path,
      text.replace(mutation.find, () => mutation.replace),
    );
    const isDetected = await failsCases(folder.path);
    await writeFile(path, text);
    report(mutation, isDetected);
    if (!isDetected) undetected.push(mutation);
  }
  return undetected;
}

/** Returns the mutants that cannot be applied, because their text does not occur exactly once in the file. */
export async function findMisplaced(mutations: readonly Mutation[]): Promise<Mutation[]> {
  const misplaced: Mutation[] = [];
  for (const mutation of mutations) {
    const text = await readFile(join(ROOT, "src", mutation.file), "utf8");
    if (text.split(mutation.find).length !== 2) misplaced.push(mutation);
  }
  return misplaced;
}

async function copyEngine(to: string): Promise<void> {
  for (const part of [
    "src/kernel",
    "src/series",
    "src/promql",
    "test/promql",
    "scripts/conformance.ts",
    "package.json",
  ]) {
    await mkdir(join(to, part, ".."), { recursive: true });
    await cp(join(ROOT, part), join(to, part), { recursive: true });
  }
  await symlink(join(ROOT, "node_modules"), join(to, "node_modules"));
}

/** Returns true if a case fails, or if the engine crashes or hangs. */
async function failsCases(folder: string): Promise<boolean> {
  const words = [join(folder, "scripts/conformance.ts"), join(folder, "test/promql")];
  return run(process.execPath, words, { timeout: 60_000, maxBuffer: 2 ** 26 }).then(
    () => false,
    () => true,
  );
}

import { rm } from "node:fs/promises";
import type { TestProject } from "vitest/node";
import { createFolder } from "./folders.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder of this run into which `buildConsole` builds. */
    consoleFolder: string;
  }
}

/** Gives the run a folder for the built web application. Vitest calls it once, before all tests. */
export async function setup(project: TestProject): Promise<() => PromiseLike<void>> {
  const folder = await createFolder();
  project.provide("consoleFolder", folder.path);
  // In watch mode the sources have changed.
  project.onTestsRerun(() => rm(`${folder.path}/console`, { recursive: true, force: true }));
  return () => folder[Symbol.asyncDispose]();
}

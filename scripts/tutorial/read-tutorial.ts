import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { TutorialPage } from "./render-questions.ts";

const FOLDER = fileURLToPath(new URL("../../docs/tutorial/", import.meta.url));

/** Reads the pages of the tutorial that have questions: part one, and the pages of part two. */
export async function readTutorial(): Promise<readonly TutorialPage[]> {
  const paths = await Array.fromAsync(glob("{reading-the-files,hands-on/*}.md", { cwd: FOLDER }));
  return Promise.all(
    paths
      .toSorted()
      .map(async (path) => ({ path, text: await readFile(`${FOLDER}${path}`, "utf8") })),
  );
}

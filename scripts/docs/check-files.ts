import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { listCommands } from "./commands.ts";
import type { Page, Problem } from "./page.ts";

/** Folders of the repository: inline code that begins with one of them names a file. */
const NAMED =
  /^(?:bench|console|dashboards|deploy|docs|examples|kernels|scripts|src|test)\/[\w./*{},-]*$/;

/** Checks that files that inline code and commands name are in the repository. */
export function checkFiles(page: Page, root: string): Problem[] {
  const inCommands = page.blocks
    .filter(({ language }) => language === "sh")
    .flatMap(({ text, line }) =>
      listCommands(text).flatMap((words) =>
        words.map((word) => ({ text: word.replace(/^@/, ""), line })),
      ),
    );
  const named = [...page.spans, ...inCommands].filter(({ text }) => NAMED.test(text));
  // A path that the page itself writes need not be there.
  const written = new Set(page.blocks.flatMap(({ attributes }) => attributes.get("file") ?? []));
  return named
    .filter(({ text }) => !written.has(text) && !existsInRoot(text, root))
    .map(({ text, line }) => ({
      path: page.path,
      line,
      message: `${text} does not exist in the repository.`,
    }));
}

function existsInRoot(path: string, root: string): boolean {
  // NAME.md stands for any name.
  const pattern = path.replaceAll(/\b[A-Z]{3,}\b(?=[./-]|$)(?!\.md)/g, "*").replaceAll("NAME", "*");
  return existsSync(join(root, path)) || globSync(pattern, { cwd: root }).length > 0;
}

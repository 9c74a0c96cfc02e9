import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import type { Page, Problem } from "./page.ts";

/** Checks that links to pages, files and headings of the repository lead somewhere. */
export function checkLinks(page: Page, pages: ReadonlyMap<string, Page>, root: string): Problem[] {
  return page.links.flatMap(({ text: link, line }) => {
    if (/^[a-z][a-z+.-]*:/.test(link)) return [];
    const [file = "", anchor] = link.split("#");
    const path = file === "" ? page.path : normalize(join(dirname(page.path), file));
    const problem = (message: string): Problem[] => [{ path: page.path, line, message }];
    if (!existsSync(join(root, path))) return problem(`Link ${link}: ${path} does not exist.`);
    const target = pages.get(path);
    if (anchor === undefined || target === undefined || target.anchors.has(anchor)) return [];
    return problem(`Link ${link}: ${path} has no heading #${anchor}.`);
  });
}

import { glob, readFile } from "node:fs/promises";
import { expect, it } from "vitest";

const SOURCES = new URL("../", import.meta.url).pathname;
/** An entry of its own, whose pages never load the styles of the others. */
const DOCS = "docs/";

// The styles of a page stay loaded when another page is opened: rules for one class in two files would depend on the pages visited before.
it("declares the rules of each class in one style sheet", async () => {
  const files = new Map<string, Set<string>>();
  for await (const file of glob("**/*.css", { cwd: SOURCES })) {
    if (file.startsWith(DOCS)) continue;
    const css = (await readFile(SOURCES + file, "utf8")).replaceAll(/\/\*.*?\*\//gs, "");
    for (const [, selectors = ""] of css.matchAll(/^([^\s@{}][^{}]*)\{/gm)) {
      for (const selector of selectors.split(",")) {
        const [, name] = /^\s*\.([\w-]+)\s*$/.exec(selector) ?? [];
        if (name !== undefined) files.set(name, (files.get(name) ?? new Set()).add(file));
      }
    }
  }
  expect(files.size).toBeGreaterThan(300);
  const shared = [...files].filter(([, places]) => places.size > 1);
  expect(shared.map(([name, places]) => [name, [...places]])).toEqual([]);
});

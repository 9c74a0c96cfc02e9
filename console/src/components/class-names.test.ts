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

// A selector that matches nothing is a wait without an end, or a count of 0 that proves nothing.
it("has the classes that tests in a browser look for", async () => {
  const read = async (pattern: string, folder: string): Promise<string> => {
    const texts: Promise<string>[] = [];
    for await (const file of glob(pattern, { cwd: folder, exclude: ["**/*.test.ts"] })) {
      texts.push(readFile(folder + file, "utf8"));
    }
    return (await Promise.all(texts)).join("\n");
  };
  const words = new Set((await read("**/*.{ts,tsx,css}", SOURCES)).match(/[a-z][\w-]+/gi));
  const tests = new URL("../../../test/console/", import.meta.url).pathname;
  const texts = await Promise.all(
    (await Array.fromAsync(glob("*.ts", { cwd: tests }))).map((file) =>
      readFile(tests + file, "utf8"),
    ),
  );
  const selectors = texts
    .join("\n")
    .matchAll(/(?:locator|querySelector|querySelectorAll|waitForData)\([^"'`]{0,8}(["'`])(.+?)\1/g);
  const classes = new Set(
    [...selectors].flatMap(([, , selector = ""]) =>
      [...selector.matchAll(/(?<![\w"'])\.([a-z][\w-]*)/g)].map(([, name = ""]) => name),
    ),
  );
  // Those of uPlot and CodeMirror.
  const own = [...classes].filter((name) => !/^(?:u|cm)-/.test(name));
  expect(own.length).toBeGreaterThan(60);
  expect(own.filter((name) => !words.has(name))).toEqual([]);
});

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { toImagePlaceholder } from "./course-text.ts";
import { renderPage, summarizePage } from "./render-page.ts";

const ROOT = join(import.meta.dirname, "../..");
const TUTORIAL = join(ROOT, "docs/tutorial");
/** The module whose list of pages the plugin fills in. */
const INDEX = join(import.meta.dirname, "../src/learn/pages.ts");
/** Begin of the names of the modules of pages. Rollup marks a module that is no file with \0. */
const PAGE = "virtual:course/";
const MARK = "\0";

/**
 * Renders the pages of docs/tutorial from Markdown, each into a module of its own, which is loaded on demand and contains the URLs of its
 * images.
 */
export function createCoursePlugin(): Plugin {
  const files = new Map(
    globSync("**/*.md", { cwd: TUTORIAL })
      .toSorted()
      .map((file) => [file.replaceAll("\\", "/").replace(/\.md$/, ""), join(TUTORIAL, file)]),
  );
  // Without it, the page Learn would be empty.
  if (files.size === 0) throw new Error(`Expected the pages of the course in ${TUTORIAL}.`);
  return {
    name: "course",
    resolveId: (id) => (id.startsWith(PAGE) ? `${MARK}${id}` : undefined),
    load(id) {
      if (id === INDEX) {
        for (const file of files.values()) this.addWatchFile(file);
        return { code: writeIndex(files), moduleType: "js" };
      }
      if (!id.startsWith(`${MARK}${PAGE}`)) return undefined;
      const path = id.slice(MARK.length + PAGE.length);
      const file = files.get(path);
      if (file === undefined) return undefined;
      this.addWatchFile(file);
      return writePage(path, file, (other) => files.has(other));
    },
  };
}

function writeIndex(files: ReadonlyMap<string, string>): string {
  const pages = [...files].map(([path, file]) => {
    const summary = summarizePage(readFileSync(file, "utf8"), path);
    return `{ summary: ${JSON.stringify(summary)}, load: () => import("${PAGE}${path}").then((page) => page.TEXT) }`;
  });
  return `export const COURSE = [\n${pages.join(",\n")}\n];\n`;
}

function writePage(path: string, file: string, isPage: (path: string) => boolean): string {
  const { images, ...text } = renderPage(readFileSync(file, "utf8"), path, isPage);
  const imports = images.map(
    (image, index) => `import image${index} from ${JSON.stringify(`${join(ROOT, image)}?url`)};`,
  );
  const filled = images.reduce(
    (code, _image, index) => code.replaceAll(toImagePlaceholder(index), `" + image${index} + "`),
    JSON.stringify(text),
  );
  return `${imports.join("\n")}\nexport const TEXT = ${filled};\n`;
}

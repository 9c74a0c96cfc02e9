import { dirname, join, relative } from "node:path";
import type { Plugin } from "rolldown";

/** Stands for the path from a chunk to the output folder, until the name of the chunk is known. */
const OUTPUT = "output-folder:";

/**
 * Keeps the meaning of `import.meta.url`: in the bundle it is the same URL as if each module were a file of its own. So paths to files of the
 * package are valid in every chunk. A `"./thread.js"` in a module with `import.meta.url`, which a thread or a process runs, becomes an entry
 * file of the bundle.
 * @param root the folder of the modules
 * @param entries names of the entry files of the bundle
 */
export function createUrlPlugin(root: string, entries: readonly string[]): Plugin {
  const names = new Set(entries);
  return {
    name: "keep-urls",
    transform: {
      filter: { id: { include: `${root}/**/*.ts` }, code: "import.meta.url" },
      handler(code, id) {
        for (const [, path] of code.matchAll(/"(\.\.?\/[\w/-]+)\.js"/g)) {
          const file = join(dirname(id), `${path}.ts`);
          const name = toName(file);
          if (names.has(name)) continue;
          names.add(name);
          this.emitFile({ type: "chunk", id: file, fileName: `${name}.js` });
        }
        const url = `new URL("${OUTPUT}${toName(id)}.js", import.meta.url).href`;
        return { code: code.replaceAll("import.meta.url", url), map: null };
      },
    },
    renderChunk: {
      filter: { code: OUTPUT },
      handler(code, { fileName }) {
        const folder = relative(dirname(fileName), ".");
        return { code: code.replaceAll(OUTPUT, folder === "" ? "./" : `${folder}/`), map: null };
      },
    },
  };

  function toName(file: string): string {
    return relative(root, file).replace(/\.ts$/, "");
  }
}

/** Builds the lab (docs/tutorial/lab.md) into dist/lab, or into the folder of `--out`. */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { readdir, readFile } from "node:fs/promises";
import { build } from "vite";
import { createLabPlugin } from "../console/lab/lab-plugin.ts";
import { createSlimPlugin } from "../console/lab/slim-plugin.ts";

const CONSOLE = join(import.meta.dirname, "../console");
const { values } = parseArgs({
  options: {
    out: { type: "string", default: join(CONSOLE, "../dist/lab") },
  },
});
const outDir = resolve(values.out);
// Otherwise a variable of the shell or the test runner decides, and a development build contains the folder's path.
process.env["NODE_ENV"] = "production";
await build({
  root: CONSOLE,
  configFile: false,
  logLevel: "warn",
  plugins: [createLabPlugin(), createSlimPlugin()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2023",
    minify: true,
    // One classic script: browsers load no modules from files.
    lib: {
      entry: "src/lab/main.tsx",
      formats: ["iife"],
      name: "tepalLab",
      fileName: () => "lab.js",
      cssFileName: "lab",
    },
  },
});
let bytes = 0;
for (const file of await readdir(outDir)) {
  bytes += gzipSync(await readFile(join(outDir, file))).length;
}
console.log(
  `${outDir}/index.html: open it in a browser. ${(bytes / 1_000).toFixed(0)} kB gzipped.`,
);

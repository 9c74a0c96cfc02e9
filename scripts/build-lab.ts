/** Builds the lab (docs/tutorial/lab.md) into dist/lab, or into the folder of `--out`. */
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { readContent } from "../console/lab/lab-plugin.ts";
import { buildLab } from "./lab/build.ts";

const { values } = parseArgs({
  options: {
    out: { type: "string", default: join(import.meta.dirname, "../dist/lab") },
  },
});
const outDir = resolve(values.out);
await buildLab(outDir, readContent());
let bytes = 0;
for (const file of await readdir(outDir)) {
  bytes += gzipSync(await readFile(join(outDir, file))).length;
}
console.log(
  `${outDir}/index.html: open it in a browser. ${(bytes / 1_000).toFixed(0)} kB gzipped.`,
);

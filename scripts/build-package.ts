/**
 * Bundles src/ and its dependencies into dist/: `node scripts/build-package.ts`. A start then reads some files instead of 1,600. The entry files
 * are where tsc puts their types; what several of them need is in dist/chunks. dist/licenses.txt has the licenses of what is bundled.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import packageJson from "../package.json" with { type: "json" };
import { createLicensePlugin } from "./package/license-plugin.ts";
import { createUrlPlugin } from "./package/url-plugin.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Returns the files that package.json names, without `dist/` and the extension: `cli/main`. */
function listEntries(): readonly string[] {
  const { ".": main, "./load": load, "./promql": promql } = packageJson.exports;
  const files = [packageJson.bin.tepal, main.default, load.default, promql.default];
  return files.map((file) => relative("dist", file).replace(/\.js$/, ""));
}

const entries = listEntries();
const bundle = await rolldown({
  cwd: ROOT,
  input: Object.fromEntries(entries.map((name) => [name, `src/${name}.ts`])),
  platform: "node",
  // Optional for `debug`, and installed here for development only.
  external: ["supports-color"],
  // node_modules may be a link; the bundle does not depend on where it leads.
  resolve: { symlinks: false },
  experimental: { attachDebugInfo: "none" },
  plugins: [createUrlPlugin(`${ROOT}src`, entries), createLicensePlugin(ROOT, "licenses.txt")],
});
await bundle.write({
  dir: "dist",
  entryFileNames: "[name].js",
  chunkFileNames: "chunks/[name]-[hash].js",
  comments: false,
});
await bundle.close();

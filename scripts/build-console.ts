/**
 * Builds the web page into dist/console: `node scripts/build-console.ts`. With `--if-needed` only when its sources are newer than what
 * is there, and a failure is told and no more: the server does without the page.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../console", import.meta.url));
const outDir = fileURLToPath(new URL("../dist/console", import.meta.url));

/** The last change of anything below a folder, in milliseconds since 1970; 0 when there is nothing. */
async function findNewest(folder: string): Promise<number> {
  let newest = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    const time =
      entry.name === "node_modules"
        ? 0
        : entry.isDirectory()
          ? await findNewest(path)
          : (await stat(path)).mtimeMs;
    newest = Math.max(newest, time);
  }
  return newest;
}

async function isNeeded(): Promise<boolean> {
  const built = await stat(join(outDir, "index.html")).catch(() => undefined);
  return built === undefined || (await findNewest(root)) > built.mtimeMs;
}

const isOptional = process.argv.includes("--if-needed");
if (!isOptional || (await isNeeded())) {
  try {
    if (isOptional) console.error("Building the web page, once.");
    // Only here: it takes a moment to load.
    const { build } = await import("vite");
    await build({
      root,
      logLevel: isOptional ? "error" : "warn",
      build: { outDir, emptyOutDir: true },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(`The web page could not be built: ${message}`);
    if (!isOptional) process.exitCode = 1;
  }
}

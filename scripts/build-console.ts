/**
 * Builds the web pages (console, load page) into dist/console: `node scripts/build-console.ts`. With `--if-needed` it builds only if the sources are
 * newer, and a failure is only printed, because the server works without them.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../console", import.meta.url));
const outDir = fileURLToPath(new URL("../dist/console", import.meta.url));

/** The text and the images of the course in Learn. */
const COURSE = ["../docs/tutorial", "../docs/images/tutorial"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** Returns the latest modification time below a folder in milliseconds since 1970; 0 if the folder is empty or missing. */
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
  if (built === undefined) return true;
  const newest = await Promise.all([root, ...COURSE].map(findNewest));
  return Math.max(...newest) > built.mtimeMs;
}

const isOptional = process.argv.includes("--if-needed");
if (!isOptional || (await isNeeded())) {
  try {
    if (isOptional) console.error("Building the web pages…");
    // Otherwise a variable of the shell or the test runner decides, and a development build contains the folder's path.
    process.env["NODE_ENV"] = "production";
    // Imported here because loading it takes time.
    const { build } = await import("vite");
    await build({
      root,
      logLevel: isOptional ? "error" : "warn",
      build: { outDir, emptyOutDir: true, license: { fileName: "licenses.md" } },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(`Cannot build the web pages: ${message}`);
    if (!isOptional) process.exitCode = 1;
  }
}

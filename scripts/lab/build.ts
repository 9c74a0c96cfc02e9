/** Builds the lab, or the pages of the console over a recording with other dashboards. */
import { join } from "node:path";
import { build } from "vite";
import type { LabContent } from "../../console/lab/lab-content.ts";
import { createLabPlugin } from "../../console/lab/lab-plugin.ts";
import { createSlimPlugin } from "../../console/lab/slim-plugin.ts";

const CONSOLE = join(import.meta.dirname, "../../console");

/** Writes the page into a folder, which is emptied first. */
export async function buildLab(outDir: string, content: LabContent): Promise<void> {
  // Otherwise a variable of the shell or the test runner decides, and a development build contains the folder's path.
  process.env["NODE_ENV"] = "production";
  await build({
    root: CONSOLE,
    configFile: false,
    logLevel: "warn",
    plugins: [createLabPlugin(content), createSlimPlugin()],
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
}

/** Grafana's components, in a cache folder of the user: they are no dependency of the project. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Exact versions: pictures of the same data stay the same. */
const PACKAGE = {
  private: true,
  dependencies: {
    "@fontsource-variable/inter": "5.3.0",
    "@grafana/data": "12.4.10",
    "@grafana/ui": "12.4.10",
    esbuild: "0.28.2",
    react: "18.3.1",
    "react-dom": "18.3.1",
    "upng-js": "2.1.0",
  },
  // The version that @grafana/ui names has been removed from npm.
  overrides: { "react-data-grid": "7.0.0-beta.56" },
};

export const CACHE = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "tepal-look");
const PAGE = join(fileURLToPath(new URL("page", import.meta.url)), "main.jsx");

/** Installs the components if they are missing or of other versions. No install script runs. */
export async function install(): Promise<void> {
  const path = join(CACHE, "package.json");
  const wanted = `${JSON.stringify(PACKAGE, null, 2)}\n`;
  const installed = await readFile(path, "utf8").catch(() => "");
  if (installed === wanted && existsSync(join(CACHE, "node_modules/.package-lock.json"))) return;
  await mkdir(CACHE, { recursive: true });
  await writeFile(path, wanted);
  console.log(`installing Grafana's components into ${CACHE}`);
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps"];
  execFileSync("npm", args, { cwd: CACHE, stdio: ["ignore", "ignore", "inherit"] });
}

/** Bundles the page. @returns paths of the script and of the style sheet */
export function bundle(): { readonly script: string; readonly style: string } {
  const script = join(CACHE, "page.js");
  execFileSync(
    join(CACHE, "node_modules/esbuild/bin/esbuild"),
    [
      PAGE,
      "--bundle",
      `--outfile=${script}`,
      "--jsx=automatic",
      "--format=iife",
      "--loader:.woff2=dataurl",
      "--loader:.svg=dataurl",
      "--loader:.ttf=empty",
      '--define:process.env.NODE_ENV="production"',
      "--log-level=error",
      "--minify-syntax",
    ],
    // The sources are outside the folder of the packages.
    { env: { ...process.env, NODE_PATH: join(CACHE, "node_modules") }, stdio: "inherit" },
  );
  return { script, style: join(CACHE, "page.css") };
}

/**
 * Links node_modules/.bin/node to the Node.js that npm installed for this platform; npm runs this after an installation, with
 * any Node.js. npm 11 has already linked it. npm 10 may remove the link again, together with the packages of other platforms.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const { platform, arch, version } = process;

/** Returns the content of a package's package.json; undefined if it does not exist. */
function readPackage(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch {
    return undefined;
  }
}

function findNode() {
  const { optionalDependencies } = readPackage(join(ROOT, "scripts/node"));
  for (const name of Object.keys(optionalDependencies)) {
    const folder = join(ROOT, "node_modules", name);
    const { os, cpu, bin } = readPackage(folder) ?? {};
    if ([os].flat().includes(platform) && [cpu].flat().includes(arch))
      return join(folder, bin.node);
  }
  return undefined;
}

const node = findNode();
if (node !== undefined) {
  const bin = join(ROOT, "node_modules/.bin");
  mkdirSync(bin, { recursive: true });
  const path = join(bin, platform === "win32" ? "node.exe" : "node");
  rmSync(path, { force: true });
  if (platform === "win32") linkSync(node, path);
  else symlinkSync(relative(bin, node), path);
} else {
  const minimum = Number.parseInt(readPackage(ROOT).engines.node.replace(">=", ""), 10);
  if (Number.parseInt(version.slice(1), 10) < minimum) {
    process.stderr.write(
      `Expected Node.js ≥ ${minimum}, got ${version}. npm installed no Node.js for ${platform}-${arch}, because scripts/node/package.json does not list one or the command had --omit=optional. Install Node.js ${minimum} or later.\n`,
    );
    process.exit(1);
  }
}

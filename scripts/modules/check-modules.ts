import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { MODULES, type Module } from "../../modules.ts";

/**
 * Checks that modules.ts lists every folder of src/ and every folder inside a module, and that imports point to lower levels.
 *
 * @param root folder that holds src/
 * @throws Error that names the folder or the import
 */
export async function checkModules(root: string): Promise<void> {
  compare("src", await readdir(join(root, "src")), Object.keys(MODULES));
  for (const [name, { folders = {}, level, imports }] of Object.entries<Module>(MODULES)) {
    if (!name.endsWith(".ts")) {
      const entries = await readdir(join(root, "src", name), { withFileTypes: true });
      const found = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
      compare(`src/${name}`, found, Object.keys(folders));
    }
    const wrong = imports.find((other) => MODULES[other].level >= level);
    if (wrong !== undefined) {
      throw new Error(
        `modules.ts: ${name} may not import ${wrong}, which is not on a lower level.`,
      );
    }
  }
}

function compare(folder: string, found: readonly string[], listed: readonly string[]): void {
  const unlisted = found.find((name) => !listed.includes(name));
  if (unlisted !== undefined) {
    throw new Error(`${folder}/${unlisted} is not in modules.ts. Add it to the table.`);
  }
  const missing = listed.find((name) => !found.includes(name));
  if (missing !== undefined) {
    throw new Error(`modules.ts lists ${missing}, but there is no ${folder}/${missing}.`);
  }
}

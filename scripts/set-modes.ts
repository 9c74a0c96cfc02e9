/**
 * Makes the files of the package readable by all users: `npm pack` stores the modes of the working tree, which depend on the
 * umask of the checkout.
 */
import { chmod, glob, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import packageJson from "../package.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("..", import.meta.url));
// npm adds the last three to `files`.
const listed = [...packageJson.files, "package.json", "README.md", "LICENSE"];
for (const path of listed) {
  for await (const found of glob(`{${path},${path}/**/*}`, { cwd: ROOT })) {
    const isFile = (await stat(`${ROOT}${found}`)).isFile();
    await chmod(`${ROOT}${found}`, isFile ? 0o644 : 0o755);
  }
}

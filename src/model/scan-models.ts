import { join } from "node:path";
import { listModels, listVersions } from "./artifact.ts";

/** A name that is not a folder, for example a broken link, looks deleted at every attempt. */
const MAX_ATTEMPTS = 3;

/**
 * Lists the version numbers of each model in a folder, ascending.
 *
 * When a model's folder disappears during the scan, the folder of all models may have been removed as a whole, so the scan
 * starts again. A model's folder that exists but cannot be read, for example for lack of file descriptors, counts as
 * unchanged: its versions are those in `known`.
 *
 * @throws TepalError MODEL_NOT_FOUND when the folder of all models cannot be read
 */
export async function scanModels(
  folder: string,
  known: ReadonlyMap<string, { readonly versions: ReadonlyMap<number, unknown> }>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  for (let attempt = 1; ; attempt++) {
    const found = new Map<string, readonly number[]>();
    let isComplete = true;
    for (const name of await listModels(folder)) {
      const numbers = await listVersions(join(folder, name)).catch(() => [
        ...(known.get(name)?.versions.keys() ?? []),
      ]);
      isComplete &&= numbers !== undefined;
      found.set(name, numbers ?? []);
    }
    if (isComplete || attempt === MAX_ATTEMPTS) return found;
  }
}

import { join } from "node:path";
import { listModels, listVersions } from "./artifact.ts";
import { readDefault } from "./default-record.ts";
import { selectDefault, type DefaultModel } from "./select-default.ts";

/**
 * Finds the default model of a folder without loading it, as a server would select it if every model could serve.
 *
 * @throws TepalError MODEL_NOT_FOUND when the folder cannot be read, MODEL_DAMAGED when its default.json is invalid
 */
export async function findDefault(models: string): Promise<DefaultModel> {
  const found = new Map<string, { readonly serving: unknown }>();
  for (const name of await listModels(models)) {
    const versions = await listVersions(join(models, name));
    if (versions !== undefined && versions.length > 0)
      found.set(name, { serving: versions.at(-1) });
  }
  return selectDefault({
    configured: null,
    recorded: await readDefault(models),
    before: undefined,
    models: found,
  });
}

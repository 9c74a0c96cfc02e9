import { join } from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { takeFingerprint } from "./artifact.ts";
import { toInvalidFile } from "./invalid-file.ts";
import type { Loader } from "./loading/loader.ts";
import { isRemote, type AnyExecutor, type LoadedModel } from "./model.ts";
import type { ModelOptions } from "./options.ts";
import { register, type RegistryHooks } from "./register.ts";
import { toEntry, type Entries, type Entry, type Version } from "./registry-entries.ts";
import { scanModels } from "./scan-models.ts";
import type { DefaultModel } from "./select-default.ts";

/**
 * Loads the newest versions of each model in the folder that can be loaded, and keeps those in `known` that have not changed.
 * @throws TepalError MODEL_NOT_FOUND when the folder cannot be read, or has no model any more; CANCELLED when the loader is disposed
 */
export async function loadEntries<T>(
  { models, loadVersions }: ModelOptions,
  known: Entries<T>,
  loader: Loader,
  hooks: RegistryHooks<T>,
  clock: Clock,
): Promise<Entries<T>> {
  const found = await scanModels(models, known);
  // A volume that is not mounted looks like this.
  const isEmpty = [...found].every(([name, numbers]) => numbers.length === 0 && !known.has(name));
  if (isEmpty && known.size > 0) {
    throw new TepalError(
      "MODEL_NOT_FOUND",
      `The models folder ${models} has no model any more. The loaded versions continue to serve.`,
    );
  }
  const entries = new Map<string, Entry<T>>();
  const created: T[] = [];
  try {
    for (const [name, numbers] of found) {
      const versions: Version<T>[] = [];
      let wanted = loadVersions;
      // Newest first: a version that cannot be loaded takes the place of no other.
      for (const number of numbers.toReversed()) {
        const directory = join(models, name, String(number));
        const before = known.get(name)?.versions.get(number);
        const version =
          wanted > 0
            ? await loadVersion(directory, name, number, before, loader, hooks, clock)
            : toNotLoaded<T>(number, loadVersions);
        if (version.value !== undefined) wanted -= 1;
        if (version.value !== undefined && version.value !== before?.value) {
          created.push(version.value);
        }
        versions.push(version);
      }
      const kept = known.get(name)?.serving;
      if (kept !== undefined && wanted === loadVersions) versions.push(keepVersion(kept));
      if (versions.length > 0) entries.set(name, toEntry(versions));
    }
    return entries;
  } catch (error) {
    // Nothing changes then.
    for (const value of created) hooks.dispose(value);
    throw error;
  }
}

/** Creates the version of a model that serves although its folder is missing. */
function keepVersion<T>(version: Version<T>): Version<T> {
  const reason =
    "Its folder is missing. It serves from memory until another version, or another default model, can replace it.";
  return { ...version, status: { ...version.status, reason } };
}

/** Adds the serving version of the default model if its folder was deleted and no other model is certain to be the default. */
export function keepDefault<T>(
  loaded: Entries<T>,
  known: Entries<T>,
  name: string | undefined,
  select: (entries: Entries<T>) => DefaultModel,
): Entries<T> {
  const kept = name === undefined ? undefined : known.get(name)?.serving;
  if (name === undefined || kept === undefined || loaded.has(name)) return loaded;
  const successor = select(loaded);
  const canServe =
    successor.name !== undefined && loaded.get(successor.name)?.serving !== undefined;
  if (canServe && !successor.isGuess) return loaded;
  const all = [...loaded, [name, toEntry([keepVersion(kept)])] as const];
  return new Map(all.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function loadVersion<T>(
  directory: string,
  name: string,
  version: number,
  known: Version<T> | undefined,
  loader: Loader,
  hooks: RegistryHooks<T>,
  clock: Clock,
): Promise<Version<T>> {
  const fingerprint = await takeFingerprint(directory);
  // A failed version is tried again: the cause may have been the disk, not the files.
  if (known?.fingerprint === fingerprint && known.status.reason === null) return known;
  let model: LoadedModel<AnyExecutor> | undefined;
  try {
    model = await loader.load(directory);
    checkLocation(model, name, version);
    return await register(model, fingerprint, hooks, clock);
  } catch (cause) {
    if (model !== undefined && isRemote(model.executor)) await model.executor.close();
    if (cause instanceof TepalError && cause.code === "CANCELLED") throw cause;
    const reason = toMessage(cause);
    // Files that were damaged after they were loaded must not stop the version that was loaded from them.
    if (known?.value !== undefined) {
      return { ...known, fingerprint, status: { ...known.status, reason } };
    }
    const status = { version, state: "FAILED", reason, loadedAtMs: null } as const;
    return { version, fingerprint, status, value: undefined };
  }
}

function toNotLoaded<T>(version: number, loadVersions: number): Version<T> {
  const reason = `Only the newest ${loadVersions} versions that can be loaded are kept (--load-versions).`;
  const status = { version, state: "NOT_LOADED", reason, loadedAtMs: null } as const;
  return { version, fingerprint: "", status, value: undefined };
}

function checkLocation(
  { manifest }: LoadedModel<AnyExecutor>,
  name: string,
  version: number,
): void {
  if (manifest.name === name && manifest.version === version) return;
  const message = `Expected the name and version of its folder, ${name}/${version}, got ${manifest.name}/${manifest.version}.`;
  throw toInvalidFile("manifest.json", [{ at: "", message }]);
}

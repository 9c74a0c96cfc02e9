import type { Clock } from "../kernel/clock.ts";
import { TepalError } from "../kernel/errors.ts";
import type { AnyExecutor, LoadedModel } from "./model.ts";
import { toEntry, type Entries, type Entry, type Version } from "./registry-entries.ts";

export interface RegistryHooks<T> {
  /** Creates the owner's view of a model. Throws a TepalError when the model cannot be used. */
  prepare(model: LoadedModel<AnyExecutor>): T | Promise<T>;
  dispose(value: T): void;
}

/**
 * Registers models in memory at the first call; later calls change nothing.
 * @throws TepalError of `hooks.prepare`, and INVALID_OPTION for two models with the same name and version
 */
export async function registerOnce<T>(
  models: readonly LoadedModel<AnyExecutor>[],
  known: Entries<T>,
  hooks: RegistryHooks<T>,
  clock: Clock,
): Promise<Entries<T>> {
  if (known.size > 0) return known;
  for (const [i, { manifest }] of models.entries()) {
    const { name, version } = manifest;
    const first = models.findIndex(
      (other) => other.manifest.name === name && other.manifest.version === version,
    );
    if (first === i) continue;
    const message = `Invalid option models: Expected different models, got version ${version} of ${name} twice.`;
    throw new TepalError("INVALID_OPTION", message);
  }
  const byName = Map.groupBy(models, ({ manifest }) => manifest.name);
  const names = [...byName.keys()].toSorted();
  const entries = new Map<string, Entry<T>>();
  for (const name of names) {
    const versions: Version<T>[] = [];
    for (const model of byName.get(name)!) {
      versions.push(await register(model, "", hooks, clock));
    }
    entries.set(name, toEntry(versions));
  }
  return entries;
}

/** Creates the registry's version of a loaded model. @throws TepalError of `hooks.prepare` */
export async function register<T>(
  model: LoadedModel<AnyExecutor>,
  fingerprint: string,
  hooks: RegistryHooks<T>,
  clock: Clock,
): Promise<Version<T>> {
  const { version } = model.manifest;
  const value = await hooks.prepare(model);
  const status = { version, state: "READY", reason: null, loadedAtMs: clock.nowMs() } as const;
  return { version, fingerprint, status, value };
}

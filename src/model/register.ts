import type { Clock } from "../kernel/clock.ts";
import { TepalError } from "../kernel/errors.ts";
import type { LoadedModel } from "./model.ts";
import { toEntry, type Entries, type Version } from "./registry-entries.ts";

export interface RegistryHooks<T> {
  /** Creates the owner's view of a model. Throws a TepalError when the model cannot be used. */
  prepare(model: LoadedModel): T;
  dispose(value: T): void;
}

/**
 * Registers models in memory at the first call; later calls change nothing.
 * @throws TepalError of `hooks.prepare`, and INVALID_OPTION for two models with the same name and version
 */
export function registerOnce<T>(
  models: readonly LoadedModel[],
  known: Entries<T>,
  hooks: RegistryHooks<T>,
  clock: Clock,
): Entries<T> {
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
  return new Map(
    names.map((name) => {
      const versions = byName.get(name)!.map((model) => register(model, "", hooks, clock));
      return [name, toEntry(versions)];
    }),
  );
}

/** Creates the registry's version of a loaded model. @throws TepalError of `hooks.prepare` */
export function register<T>(
  model: LoadedModel,
  fingerprint: string,
  hooks: RegistryHooks<T>,
  clock: Clock,
): Version<T> {
  const { version } = model.manifest;
  const value = hooks.prepare(model);
  const status = { version, state: "READY", reason: null, loadedAtMs: clock.nowMs() } as const;
  return { version, fingerprint, status, value };
}

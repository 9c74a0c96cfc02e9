import { join } from "node:path";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { takeFingerprint } from "./artifact.ts";
import { toInvalidFile } from "./invalid-file.ts";
import { loadModel } from "./load-model.ts";
import type { LoadedModel, Registry, ReloadReport } from "./model.ts";
import type { ModelOptions } from "./options.ts";
import {
  listReady,
  toReloadReport,
  toReplacedValues,
  toStatuses,
  type Entries,
  type Entry,
  type Version,
} from "./registry-entries.ts";
import { scanModels } from "./scan-models.ts";

export interface RegistryHooks<T> {
  /** Creates the owner's view of a model. Throws a TepalError when the model cannot be used. */
  prepare(model: LoadedModel): T;
  dispose(value: T): void;
}

export interface RegistrySettings {
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** Models to register instead of those in `options.models`. */
  readonly inMemory?: readonly LoadedModel[] | undefined;
}

/** Creates the registry of the models in `options.models`, or of models in memory. It is empty until the first `reload`. */
export function createRegistry<T>(
  options: ModelOptions,
  hooks: RegistryHooks<T>,
  { clock = systemClock, inMemory }: RegistrySettings = {},
): Registry<T> {
  let models: Entries<T> = new Map();
  let defaultName: string | undefined;
  let reloading: Promise<unknown> = Promise.resolve();

  async function reloadNow(): Promise<ReloadReport> {
    const before = models;
    const next =
      inMemory === undefined
        ? await loadEntries(options, before, hooks, clock)
        : registerOnce(inMemory, before, hooks, clock);
    models = next;
    defaultName = selectDefault(options.model, next, defaultName);
    for (const value of toReplacedValues(before, next)) hooks.dispose(value);
    return toReloadReport(before, next);
  }

  return {
    reload() {
      const report = reloading.then(reloadNow);
      reloading = report.catch(() => {});
      return report;
    },
    find: (name, version) => findValue(findEntry(models, name, defaultName), version),
    ready: () => listReady(models),
    list: () => toStatuses(models, defaultName),
    isReady: () => defaultName !== undefined && models.get(defaultName)?.serving !== undefined,
  };
}

/** Loads the newest versions of each model in the folder, and keeps those in `known` that have not changed. */
async function loadEntries<T>(
  { models, loadVersions }: ModelOptions,
  known: Entries<T>,
  hooks: RegistryHooks<T>,
  clock: Clock,
): Promise<Entries<T>> {
  const entries = new Map<string, Entry<T>>();
  for (const [name, numbers] of await scanModels(models, known)) {
    const newest = new Set(numbers.slice(-loadVersions));
    const versions = new Map<number, Version<T>>();
    for (const number of numbers) {
      const directory = join(models, name, String(number));
      const before = known.get(name)?.versions.get(number);
      const version = newest.has(number)
        ? await loadVersion(directory, name, number, before, hooks, clock)
        : toNotLoaded<T>(number, loadVersions);
      versions.set(number, version);
    }
    const serving = [...versions.values()].findLast(({ value }) => value !== undefined);
    if (versions.size > 0) entries.set(name, { versions, serving });
  }
  return entries;
}

/**
 * Registers models in memory at the first call; later calls change nothing.
 * @throws TepalError of `hooks.prepare`, and INVALID_OPTION for two models with the same name and version
 */
function registerOnce<T>(
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
      const versions = byName
        .get(name)!
        .map((model) => register(model, "", hooks, clock))
        .toSorted((a, b) => a.version - b.version);
      const serving = versions.findLast(({ value }) => value !== undefined);
      return [name, { versions: new Map(versions.map((one) => [one.version, one])), serving }];
    }),
  );
}

async function loadVersion<T>(
  directory: string,
  name: string,
  version: number,
  known: Version<T> | undefined,
  hooks: RegistryHooks<T>,
  clock: Clock,
): Promise<Version<T>> {
  const fingerprint = await takeFingerprint(directory);
  // A failed version is tried again: the cause may have been the disk, not the files.
  if (known?.fingerprint === fingerprint && known.status.reason === null) return known;
  try {
    const model = await loadModel(directory);
    checkLocation(model, name, version);
    return register(model, fingerprint, hooks, clock);
  } catch (cause) {
    const reason = toMessage(cause);
    // Files that were damaged after they were loaded must not stop the version that was loaded from them.
    if (known?.value !== undefined) {
      return { ...known, fingerprint, status: { ...known.status, reason } };
    }
    const status = { version, state: "FAILED", reason, loadedAtMs: null } as const;
    return { version, fingerprint, status, value: undefined };
  }
}

/** @throws TepalError of `hooks.prepare` */
function register<T>(
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

function toNotLoaded<T>(version: number, loadVersions: number): Version<T> {
  const reason = `Only the newest ${loadVersions} versions are loaded (--load-versions).`;
  const status = { version, state: "NOT_LOADED", reason, loadedAtMs: null } as const;
  return { version, fingerprint: "", status, value: undefined };
}

function checkLocation({ manifest }: LoadedModel, name: string, version: number): void {
  if (manifest.name === name && manifest.version === version) return;
  const message = `Expected the name and version of its folder, ${name}/${version}, got ${manifest.name}/${manifest.version}.`;
  throw toInvalidFile("manifest.json", [{ at: "", message }]);
}

/** Selects the configured model; else the previous default while it can serve; else the first model that can. */
function selectDefault<T>(
  configured: string | null,
  models: Entries<T>,
  before: string | undefined,
): string | undefined {
  if (configured !== null) return configured;
  if (before !== undefined && models.get(before)?.serving !== undefined) return before;
  const first = [...models].find(([, { serving }]) => serving !== undefined);
  return first?.[0] ?? before;
}

function findEntry<T>(
  models: Entries<T>,
  name: string | undefined,
  defaultName: string | undefined,
): Entry<T> {
  const selected = name ?? defaultName;
  if (selected === undefined) {
    throw new TepalError(
      "MODEL_NOT_READY",
      "No model is loaded. Train a model with `tepal train`, or see GET /models for the reason.",
    );
  }
  const entry = models.get(selected);
  if (entry !== undefined) return entry;
  const names = [...models.keys()].join(", ") || "none";
  if (name === undefined) {
    throw new TepalError(
      "MODEL_NOT_READY",
      `The default model "${selected}" (--model) does not exist. Models: ${names}.`,
    );
  }
  throw new TepalError("MODEL_NOT_FOUND", `The model does not exist. Models: ${names}.`);
}

function findValue<T>({ versions, serving }: Entry<T>, version: number | undefined): T {
  const found = version === undefined ? serving : versions.get(version);
  if (found?.value !== undefined) return found.value;
  if (version !== undefined && found === undefined) {
    throw new TepalError(
      "MODEL_NOT_FOUND",
      `Version ${version} of the model does not exist. Versions: ${[...versions.keys()].join(", ")}.`,
    );
  }
  const reason = (found ?? [...versions.values()].at(-1))?.status.reason ?? "";
  throw new TepalError("MODEL_NOT_READY", `The model is not ready. ${reason}`);
}

import { systemClock, type Clock } from "../kernel/clock.ts";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { readDefault, recordDefault } from "./default-record.ts";
import { keepDefault, loadEntries } from "./load-entries.ts";
import { createLoader, type Loader } from "./loading/loader.ts";
import type { AnyExecutor, LoadedModel, ModelChanges, Registry } from "./model.ts";
import type { ModelOptions } from "./options.ts";
import { registerOnce, type RegistryHooks } from "./register.ts";
import {
  listReady,
  toChanges,
  toReplacedValues,
  toStatuses,
  type Entries,
  type Entry,
} from "./registry-entries.ts";
import { selectDefault, type DefaultModel } from "./select-default.ts";

export interface RegistrySettings {
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** Models to register instead of those in `options.models`. */
  readonly inMemory?: readonly LoadedModel<AnyExecutor>[] | undefined;
}

/** Creates the registry of the models in `options.models`, or of models in memory. It is empty until the first `reload`. */
export function createRegistry<T>(
  options: ModelOptions,
  hooks: RegistryHooks<T>,
  { clock = systemClock, inMemory }: RegistrySettings = {},
): Registry<T> {
  let models: Entries<T> = new Map();
  // In memory, the first model of the list.
  let selected: DefaultModel = { ...NO_DEFAULT, name: inMemory?.[0]?.manifest.name };
  let reloading: Promise<unknown> = Promise.resolve();
  /** The loader of the last reload. */
  let loading: Loader | undefined;
  let isClosed = false;

  async function reloadFolder(): Promise<ModelChanges> {
    const before = models;
    await using loader = createLoader(options);
    loading = loader;
    if (isClosed) throw new TepalError("CANCELLED", "The registry is closed");
    const loaded = await loadEntries(options, before, loader, hooks, clock);
    if (isClosed) {
      for (const value of toReplacedValues(loaded, before)) hooks.dispose(value);
      throw new TepalError("CANCELLED", "The registry is closed");
    }
    const record = await readRecord(options.models);
    const select = (entries: Entries<T>): DefaultModel =>
      selectDefault({
        configured: options.defaultModel,
        recorded: record.name,
        before: selected.name,
        models: entries,
      });
    const next = keepDefault(loaded, before, selected.name, select);
    replaceModels(next, select(next));
    if (selected.name !== undefined && models.size === 1 && isReady()) {
      await recordDefault(options.models, selected.name);
    }
    return toChanges(before, next, record.problems);
  }

  async function reloadMemory(list: readonly LoadedModel<AnyExecutor>[]): Promise<ModelChanges> {
    const before = models;
    const next = await registerOnce(list, before, hooks, clock);
    const { defaultModel: configured } = options;
    const { name } = selected;
    replaceModels(
      next,
      selectDefault({ configured, recorded: undefined, before: name, models: next }),
    );
    return toChanges(before, next);
  }

  function replaceModels(next: Entries<T>, defaultModel: DefaultModel): void {
    const before = models;
    models = next;
    selected = defaultModel;
    for (const value of toReplacedValues(before, next)) hooks.dispose(value);
  }

  function isReady(): boolean {
    return selected.name !== undefined && models.get(selected.name)?.serving !== undefined;
  }

  return {
    reload() {
      const report = reloading.then(() =>
        inMemory === undefined ? reloadFolder() : reloadMemory(inMemory),
      );
      reloading = report.catch(() => {});
      return report;
    },
    find: (name, version) => findValue(findEntry(models, name, selected.name), version),
    ready: () => listReady(models),
    list: () => toStatuses(models, selected.name),
    isReady,
    defaultNotice: () => selected.notice,
    async close() {
      isClosed = true;
      await loading?.[Symbol.asyncDispose]();
    },
  };
}

const NO_DEFAULT: DefaultModel = { name: undefined, isGuess: false, notice: null };

async function readRecord(
  models: string,
): Promise<{ readonly name: string | undefined; readonly problems: readonly string[] }> {
  try {
    return { name: await readDefault(models), problems: [] };
  } catch (error) {
    return { name: undefined, problems: [toMessage(error)] };
  }
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
      `The default model ${JSON.stringify(selected)} does not exist. Models: ${names}. Choose one with --default-model.`,
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

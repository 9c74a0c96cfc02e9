import { join } from "node:path";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { listModels, listVersions, takeFingerprint } from "./artifact.ts";
import { loadModel, type LoadedModel } from "./load-model.ts";
import type { ModelOptions } from "./options.ts";

/**
 * READY: serves. FAILED: its reason says why it is refused; older versions go on serving.
 * NOT_LOADED: older than the versions that `--load-versions` asks for.
 */
export type VersionState = "READY" | "FAILED" | "NOT_LOADED";

export interface VersionStatus {
  readonly version: number;
  readonly state: VersionState;
  /** Why it is not READY; or, for a READY one, why its files as they now are were refused. */
  readonly reason: string | null;
  /** Milliseconds since 1970; null unless READY. */
  readonly loadedAtMs: number | null;
}

export interface ModelStatus {
  readonly name: string;
  /** Ascending. */
  readonly versions: readonly VersionStatus[];
  /** The highest READY version; null when there is none. */
  readonly serving: number | null;
  /** Whether it answers requests that name no model. */
  readonly isDefault: boolean;
}

/** What a reload changed, for logs and metrics. */
export interface ReloadReport {
  readonly loaded: readonly { readonly name: string; readonly version: number }[];
  readonly failed: readonly {
    readonly name: string;
    readonly version: number;
    readonly reason: string;
  }[];
  readonly removed: readonly { readonly name: string; readonly version: number }[];
}

/**
 * The models of one folder. `T` is what the owner makes of a loaded model (`prepare`); the registry keeps
 * it beside the version, hands it out, and disposes of it when the version goes.
 */
export interface Registry<T> {
  /**
   * Looks at the folder again: loads what is new or changed, drops what is gone. What cannot be loaded
   * is reported and refused, and whatever served before goes on. Calls run one after the other.
   * @throws TepalError MODEL_NOT_FOUND when the folder itself cannot be read; nothing changes then
   */
  reload(): Promise<ReloadReport>;
  /**
   * The version that serves a model, or the one named; without a name the default model's.
   * @throws TepalError MODEL_NOT_FOUND or MODEL_NOT_READY
   */
  find(name?: string, version?: number): T;
  /** All READY versions, for descriptions. */
  ready(): readonly T[];
  /** By name, ascending. */
  list(): readonly ModelStatus[];
  isReady(): boolean;
}

interface Version<T> {
  readonly version: number;
  /** Of the files when they were last looked at; "" when they were not. */
  readonly fingerprint: string;
  readonly status: VersionStatus;
  readonly value: T | undefined;
}

interface Entry<T> {
  readonly versions: ReadonlyMap<number, Version<T>>;
  readonly serving: Version<T> | undefined;
}
type Entries<T> = ReadonlyMap<string, Entry<T>>;

/** A name that is no folder, such as a link to nowhere, looks gone every time. */
const LOOKS = 3;

export function createRegistry<T>(
  options: ModelOptions,
  hooks: {
    /** Makes the owner's view of a model; throws a TepalError when the model is not usable. */
    prepare(model: LoadedModel): T;
    dispose(value: T): void;
  },
  clock: Clock = systemClock,
): Registry<T> {
  let models: Entries<T> = new Map();
  let defaultName: string | undefined;
  let reloading: Promise<unknown> = Promise.resolve();

  async function load(name: string, version: number, known?: Version<T>): Promise<Version<T>> {
    const directory = join(options.models, name, String(version));
    const fingerprint = await takeFingerprint(directory);
    // A refused version is tried again: what was wrong may have been the disk, not the files.
    if (known?.fingerprint === fingerprint && known.status.reason === null) return known;
    try {
      const model = await loadModel(directory);
      checkPlace(model, name, version);
      const value = hooks.prepare(model);
      const loadedAtMs = clock.nowMs();
      const status = { version, state: "READY", reason: null, loadedAtMs } as const;
      return { version, fingerprint, status, value };
    } catch (cause) {
      const reason = toMessage(cause);
      // Files that were spoilt in place must not take down what was loaded from them before.
      if (known?.value !== undefined) {
        return { ...known, fingerprint, status: { ...known.status, reason } };
      }
      const status = { version, state: "FAILED", reason, loadedAtMs: null } as const;
      return { version, fingerprint, status, value: undefined };
    }
  }

  /**
   * The version numbers of each model. What was seen a moment ago and is gone now may have been taken away as a whole, with the
   * folder of all models, so that is looked for again. A folder that is there and cannot be read, such as for want of
   * descriptors, is taken to hold what it held.
   */
  async function look(): Promise<ReadonlyMap<string, readonly number[]>> {
    for (let attempt = 1; ; attempt++) {
      const found = new Map<string, readonly number[]>();
      let isGone = false;
      for (const name of await listModels(options.models)) {
        const numbers = await listVersions(join(options.models, name)).catch(() => [
          ...(models.get(name)?.versions.keys() ?? []),
        ]);
        isGone ||= numbers === undefined;
        found.set(name, numbers ?? []);
      }
      if (!isGone || attempt === LOOKS) return found;
    }
  }

  async function reloadNow(): Promise<ReloadReport> {
    const next = new Map<string, Entry<T>>();
    for (const [name, numbers] of await look()) {
      const wanted = new Set(numbers.slice(-options.loadVersions));
      const versions = new Map<number, Version<T>>();
      for (const version of numbers) {
        const known = models.get(name)?.versions.get(version);
        versions.set(
          version,
          wanted.has(version)
            ? await load(name, version, known)
            : notLoaded(version, options.loadVersions),
        );
      }
      const serving = [...versions.values()].findLast(({ value }) => value !== undefined);
      if (versions.size > 0) next.set(name, { versions, serving });
    }
    const before = models;
    models = next;
    defaultName = chooseDefault(options.model, next, defaultName);
    return settle(before, next, hooks.dispose);
  }

  function findEntry(name: string | undefined): Entry<T> {
    const wanted = name ?? defaultName;
    if (wanted === undefined) {
      throw new TepalError(
        "MODEL_NOT_READY",
        "No model is loaded. Train one with `tepal train`, or look at GET /models for what went wrong.",
      );
    }
    const entry = models.get(wanted);
    if (entry !== undefined) return entry;
    const names = [...models.keys()].join(", ") || "none";
    if (name === undefined) {
      throw new TepalError(
        "MODEL_NOT_READY",
        `The model "${wanted}" (--model) is not there. Models: ${names}.`,
      );
    }
    throw new TepalError("MODEL_NOT_FOUND", `There is no model of that name. Models: ${names}.`);
  }

  return {
    reload() {
      const report = reloading.then(reloadNow);
      reloading = report.catch(() => {});
      return report;
    },
    find(name, version) {
      const { versions, serving } = findEntry(name);
      const found = version === undefined ? serving : versions.get(version);
      if (found?.value !== undefined) return found.value;
      if (version !== undefined && found === undefined) {
        throw new TepalError(
          "MODEL_NOT_FOUND",
          `The model has no version ${version}. Versions: ${[...versions.keys()].join(", ")}.`,
        );
      }
      const reason = (found ?? [...versions.values()].at(-1))?.status.reason ?? "";
      throw new TepalError("MODEL_NOT_READY", `The model is not ready: ${reason}`);
    },
    ready: () =>
      [...models.values()].flatMap(({ versions }) =>
        [...versions.values()].flatMap(({ value }) => (value === undefined ? [] : [value])),
      ),
    list: () =>
      [...models].map(([name, { versions, serving }]) => ({
        name,
        versions: [...versions.values()].map(({ status }) => status),
        serving: serving?.version ?? null,
        isDefault: name === defaultName,
      })),
    isReady: () => defaultName !== undefined && models.get(defaultName)?.serving !== undefined,
  };
}

function checkPlace({ manifest }: LoadedModel, name: string, version: number): void {
  if (manifest.name === name && manifest.version === version) return;
  throw new TepalError(
    "MODEL_DAMAGED",
    `manifest.json says ${manifest.name} version ${manifest.version}, its folder ${name}/${version}`,
  );
}

/** Disposes of the values that are no longer held, and says what changed. */
function settle<T>(
  before: Entries<T>,
  next: Entries<T>,
  dispose: (value: T) => void,
): ReloadReport {
  const report: { [K in keyof ReloadReport]: ReloadReport[K][number][] } = {
    loaded: [],
    failed: [],
    removed: [],
  };
  for (const [name, { versions }] of next) {
    for (const [version, now] of versions) {
      const old = before.get(name)?.versions.get(version);
      if (old === now || now.status.state === "NOT_LOADED") continue;
      const { reason } = now.status;
      if (reason === null) report.loaded.push({ name, version });
      else report.failed.push({ name, version, reason });
    }
  }
  for (const [name, { versions }] of before) {
    for (const [version, old] of versions) {
      const now = next.get(name)?.versions.get(version);
      if (old.value === undefined || now?.value === old.value) continue;
      dispose(old.value);
      if (now?.value === undefined) report.removed.push({ name, version });
    }
  }
  return report;
}

/** The model asked for; else the one that was the default while it can serve; else the first that can. */
function chooseDefault<T>(
  asked: string | null,
  models: Entries<T>,
  before: string | undefined,
): string | undefined {
  if (asked !== null) return asked;
  if (before !== undefined && models.get(before)?.serving !== undefined) return before;
  const first = [...models].find(([, { serving }]) => serving !== undefined);
  return first?.[0] ?? before;
}

function notLoaded<T>(version: number, loadVersions: number): Version<T> {
  const reason = `only the newest ${loadVersions} versions are loaded (--load-versions)`;
  const status = { version, state: "NOT_LOADED", reason, loadedAtMs: null } as const;
  return { version, fingerprint: "", status, value: undefined };
}

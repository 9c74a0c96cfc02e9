import type { ModelStatus, ModelChanges, VersionStatus } from "./model.ts";

/** A version of a model in the registry. */
export interface Version<T> {
  readonly version: number;
  /** Fingerprint of its files when they were last read; "" when they were not. */
  readonly fingerprint: string;
  readonly status: VersionStatus;
  /** The owner's view of the model; undefined unless READY. */
  readonly value: T | undefined;
}

/** A model in the registry. */
export interface Entry<T> {
  /** Versions by number, ascending; at least one. */
  readonly versions: ReadonlyMap<number, Version<T>>;
  readonly serving: Version<T> | undefined;
}

/** The models of a registry by name, ascending. */
export type Entries<T> = ReadonlyMap<string, Entry<T>>;

/** Creates the entry of a model from its versions, at least one. */
export function toEntry<T>(versions: readonly Version<T>[]): Entry<T> {
  const ascending = versions.toSorted((a, b) => a.version - b.version);
  return {
    versions: new Map(ascending.map((one) => [one.version, one])),
    serving: ascending.findLast(({ value }) => value !== undefined),
  };
}

/** Returns the values of all READY versions. */
export function listReady<T>(models: Entries<T>): readonly T[] {
  return [...models.values()].flatMap(({ versions }) =>
    [...versions.values()].flatMap(({ value }) => (value === undefined ? [] : [value])),
  );
}

export function toStatuses<T>(
  models: Entries<T>,
  defaultName: string | undefined,
): readonly ModelStatus[] {
  return [...models].map(([name, { versions, serving }]) => ({
    name,
    versions: [...versions.values()].map(({ status }) => status),
    serving: serving?.version ?? null,
    isDefault: name === defaultName,
  }));
}

/** Returns the values of `before` that are removed or replaced in `next`. */
export function toReplacedValues<T>(before: Entries<T>, next: Entries<T>): readonly T[] {
  const replaced: T[] = [];
  for (const [name, { versions }] of before) {
    for (const [number, { value }] of versions) {
      if (value === undefined) continue;
      if (next.get(name)?.versions.get(number)?.value !== value) replaced.push(value);
    }
  }
  return replaced;
}

export function toChanges<T>(
  before: Entries<T>,
  next: Entries<T>,
  unreadable: readonly string[] = [],
): ModelChanges {
  const report: { [K in keyof ModelChanges]: ModelChanges[K][number][] } = {
    loaded: [],
    failed: [],
    removed: [],
    unreadable: [...unreadable],
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
      const isRemoved = next.get(name)?.versions.get(version)?.value === undefined;
      if (old.value !== undefined && isRemoved) report.removed.push({ name, version });
    }
  }
  return report;
}

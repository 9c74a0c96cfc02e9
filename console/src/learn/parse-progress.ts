/** The state of a tour, which lasts until the user ends it: it survives a reload and another visit. */
export interface Progress {
  readonly tour: string;
  /** Index of the current step. */
  readonly step: number;
  /** Ids of the steps that are done. */
  readonly done: readonly string[];
  /** Values of the current step's queries when it began. */
  readonly before: Readonly<Record<string, number>>;
}

/** Parses stored progress; undefined for none, and for what another version wrote. */
export function parseProgress(text: string | null): Progress | undefined {
  let value: Partial<Progress> | null;
  try {
    value = JSON.parse(text ?? "null") as Partial<Progress> | null;
  } catch {
    return undefined;
  }
  const { tour, step, done, before } = value ?? {};
  const isValid =
    typeof tour === "string" &&
    Number.isInteger(step) &&
    Array.isArray(done) &&
    typeof before === "object" &&
    before !== null;
  return isValid ? { tour, step: step ?? 0, done, before } : undefined;
}

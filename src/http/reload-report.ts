import type { ModelChanges } from "../model/model.ts";

/** The changes of a reload, and what could not be read. */
export interface ReloadReport extends Omit<ModelChanges, "unreadable"> {
  /** Empty if everything was read. What could not be read stays as it was. */
  readonly problems: readonly ReloadProblem[];
}

/** A part of the server that a reload could not read. Versions of models that cannot be loaded are in `failed`. */
export interface ReloadProblem {
  readonly part: ReloadPart;
  /** States what is wrong and what to do. */
  readonly message: string;
}

export const RELOAD_PARTS = ["models", "keys", "certificate", "rules"] as const;
export type ReloadPart = (typeof RELOAD_PARTS)[number];

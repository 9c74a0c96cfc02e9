import { hasBegun } from "./conditions.ts";
import type { Condition } from "./course/mechanics.ts";
import type { Progress } from "./parse-progress.ts";
import { createSharedValue } from "./shared-value.ts";

export interface CheckState {
  /** Id of the step that is checked, whose activities are observed; null for none. */
  readonly id: string | null;
  /** The problem of the last check; undefined if it succeeded. */
  readonly problem: string | undefined;
  /** Number of checks of the step since it began. */
  readonly checks: number;
}

export const NO_CHECK: CheckState = { id: null, problem: undefined, checks: 0 };

/** The state of the check: it runs beside all pages. */
export const {
  get: getCheck,
  set: shareCheck,
  use: useSharedCheck,
} = createSharedValue<CheckState>(NO_CHECK);

/** True once a deed counts for a step: its activities are observed, and the numbers that it compares with are known. */
export function isReady(
  id: string,
  done: readonly Condition[],
  progress: Pick<Progress, "step" | "before">,
  check: CheckState,
): boolean {
  return progress.step === id && check.id === id && check.checks > 0 && hasBegun(done, progress);
}

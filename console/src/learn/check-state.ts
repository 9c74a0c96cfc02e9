import { useEffect, useState } from "preact/hooks";
import { hasBegun } from "./conditions.ts";
import type { Condition } from "./course/mechanics.ts";
import type { Progress } from "./parse-progress.ts";

export interface CheckState {
  /** Id of the step that is checked, whose activities are observed; null for none. */
  readonly id: string | null;
  /** The problem of the last check; undefined if it succeeded. */
  readonly problem: string | undefined;
  /** Number of checks of the step since it began. */
  readonly checks: number;
}

export const NO_CHECK: CheckState = { id: null, problem: undefined, checks: 0 };

const CHANGED = "tepal-check-changed";
let current = NO_CHECK;

/** Shares the state of the check with all views: the check runs beside all pages. */
export function shareCheck(check: CheckState): void {
  current = check;
  dispatchEvent(new Event(CHANGED));
}

export function getCheck(): CheckState {
  return current;
}

export function useSharedCheck(): CheckState {
  const [check, follow] = useState(current);
  useEffect(() => {
    const update = (): void => follow(current);
    update();
    addEventListener(CHANGED, update);
    return () => removeEventListener(CHANGED, update);
  }, []);
  return check;
}

/** True once a deed counts for a step: its activities are observed, and the numbers that it compares with are known. */
export function isReady(
  id: string,
  done: readonly Condition[],
  progress: Pick<Progress, "step" | "before">,
  check: CheckState,
): boolean {
  return progress.step === id && check.id === id && check.checks > 0 && hasBegun(done, progress);
}

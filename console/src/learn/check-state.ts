import { useEffect, useState } from "preact/hooks";
import type { CheckState } from "./use-checks.ts";

const CHANGED = "tepal-check-changed";
let current: CheckState = { problem: undefined, checks: 0 };

/** Shares the state of the check with the page Learn: the check runs beside all pages. */
export function shareCheck(check: CheckState): void {
  current = check;
  dispatchEvent(new Event(CHANGED));
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

import { useEffect, useState } from "preact/hooks";
import { enqueueDrawing } from "./draw-queue.ts";

/**
 * Returns a value as of a moment ago: many components that follow the same value take it in turns, a few milliseconds in each task of the
 * browser, instead of all in one long task.
 */
export function usePaced<Value extends object>(value: Value): Value {
  const [shown, setShown] = useState(value);
  useEffect(() => {
    if (shown === value) return;
    return enqueueDrawing(() => setShown(value));
  }, [value]);
  return shown;
}

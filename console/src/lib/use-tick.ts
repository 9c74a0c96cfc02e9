import { useCallback, useEffect, useState } from "preact/hooks";

/** A number that grows while the page is visible, every `intervalMs` and on `again`: an input of requests to repeat. */
export function useTick(intervalMs: number): readonly [tick: number, again: () => void] {
  const [tick, setTick] = useState(0);
  const again = useCallback(() => setTick((value) => value + 1), []);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) again();
    }, intervalMs);
    return () => clearInterval(timer);
  }, [intervalMs]);
  return [tick, again];
}

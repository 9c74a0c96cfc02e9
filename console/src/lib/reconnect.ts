import { useEffect } from "preact/hooks";

const RECONNECTED = "tepal-reconnected";

/** Announces that the server replies again. */
export function announceReconnect(): void {
  dispatchEvent(new Event(RECONNECTED));
}

/** Calls back when the server replies again after an outage, so that a page can read what it missed. */
export function useReconnect(onReconnect: () => void): void {
  useEffect(() => {
    addEventListener(RECONNECTED, onReconnect);
    return () => removeEventListener(RECONNECTED, onReconnect);
  }, [onReconnect]);
}

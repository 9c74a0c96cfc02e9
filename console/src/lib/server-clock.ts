/**
 * The server's clock. Its history ends at the server's present: with a browser whose clock differs, "the last hour" would lie beside the
 * samples. Differences below the limit are those of the network.
 */
const LIMIT_MS = 2_000;

let offsetMs = 0;
let stoppedMs: number | undefined;

/** Returns the difference of the server's clock from the browser's, in milliseconds; 0 while they agree. */
export function readClockOffset(): number {
  return offsetMs;
}

/** Returns the server's time in milliseconds since 1970. */
export function nowMs(): number {
  return stoppedMs ?? Date.now() + offsetMs;
}

/** Stops the clock: the present is the end of a recording. */
export function stopClock(atMs: number): void {
  stoppedMs = atMs;
}

/**
 * Compares the clocks by a reply of the server.
 *
 * @param serverMs the server's time in the reply
 * @param sentMs the browser's time when the request was sent
 * @param receivedMs the browser's time when the reply arrived
 */
export function compareClocks(serverMs: number, sentMs: number, receivedMs: number): void {
  const difference = serverMs - (sentMs + receivedMs) / 2;
  const uncertainty = (receivedMs - sentMs) / 2;
  offsetMs = Math.abs(difference) > LIMIT_MS + uncertainty ? Math.round(difference) : 0;
}

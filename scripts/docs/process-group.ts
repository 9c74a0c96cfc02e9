import { setTimeout as sleep } from "node:timers/promises";

const GRACE_MS = 5_000;
const POLL_MS = 20;

/**
 * Stops a group of processes, which may have ended: with SIGTERM, and with SIGKILL those that still run later.
 *
 * @param group process ID of its leader
 * @param graceMs milliseconds between both signals
 */
export async function stopGroup(group: number, graceMs = GRACE_MS): Promise<void> {
  signalGroup(group, "SIGTERM");
  for (let waited = 0; signalGroup(group, 0); waited += POLL_MS) {
    if (waited >= graceMs) signalGroup(group, "SIGKILL");
    await sleep(POLL_MS);
  }
}

/** Sends a signal to a group of processes; 0 sends none. True if one of them runs. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

import { availableParallelism, cpus, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds for which the machine is watched. */
const WATCH_MS = 2_000;
/** The share of all processors in use, above which wall times measure the machine, not the program. */
const MOST_BUSY = 0.1;

/** The use of the machine by others, while a benchmark waits. */
export interface MachineUse {
  /** Share of all processors, 0 to 1. */
  readonly busy: number;
  /** Mean number of runnable processes of the last minute; contains the benchmark's own. */
  readonly load: number;
}

/** Watches the machine. The benchmark must do nothing meanwhile. */
export async function watchMachine(): Promise<MachineUse> {
  const before = readTimes();
  await sleep(WATCH_MS);
  const after = readTimes();
  const busy = 1 - (after.idle - before.idle) / (after.total - before.total);
  return { busy, load: loadavg()[0] ?? 0 };
}

/** True if others use so little of the machine that wall times are those of the program. */
export function isQuiet({ busy }: MachineUse): boolean {
  return busy <= MOST_BUSY;
}

/** Describes the machine before and after a run, and states if the run is quiet. */
export function describeMachine(before: MachineUse, after: MachineUse): string {
  return [
    `machine: ${availableParallelism()} processors; before: ${describeUse(before)}; after: ${describeUse(after)}`,
    isQuiet(before) && isQuiet(after)
      ? "quiet run: wall times are those of the program"
      : "noisy run: others took processor time; do not compare wall times with aims",
  ].join("\n");
}

/** Describes the use of the machine by others. */
export function describeUse({ busy, load }: MachineUse): string {
  return `${Math.round(100 * busy)} % in use by others, load average ${load.toFixed(1)}`;
}

function readTimes(): { readonly idle: number; readonly total: number } {
  let [idle, total] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, total };
}

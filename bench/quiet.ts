import { readFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { readTree } from "../test/support/process-tree.ts";

/** Milliseconds for which the use of the machine is measured before a run. */
const WATCH_MS = 2_000;
/** The share of all processors used by other processes, above which wall times measure the machine, not the program. */
const MOST_BUSY = 0.1;
/** Linux's unit of CPU time. */
const TICKS_PER_SECOND = 100;

/** The use of the machine by other processes. Shares are of all processors, 0 to 1. */
export interface MachineUse {
  /** Before the run. */
  readonly busy: number;
  /** Mean number of runnable processes of the last minute before the run. */
  readonly load: number;
  /** During the run. Missing where the system does not state it, and in older results. */
  readonly others?: number;
}

/** Runs a benchmark, and measures the use of the machine by others before and during the run. */
export async function watchMachine(run: () => Promise<void>): Promise<MachineUse> {
  const [load = 0] = loadavg();
  const idle = readTimes();
  await sleep(WATCH_MS);
  const busy = toBusyShare(idle, readTimes());
  const before = await readCpu();
  await run();
  const after = await readCpu();
  if (before === undefined || after === undefined) return { busy, load };
  const used = after.used - before.used - (after.own - before.own);
  return { busy, load, others: Math.max(0, used) / (after.all - before.all) };
}

/** True if others use so little of the machine that wall times are those of the program. */
function isQuiet({ busy, others = 0 }: MachineUse): boolean {
  return busy <= MOST_BUSY && others <= MOST_BUSY;
}

/** States if a run was quiet, and how much of the machine others used. */
export function describeUse(use: MachineUse): string {
  const { busy, others, load } = use;
  const [before, during] = [busy, others ?? 0].map((share) => `${Math.round(100 * share)} %`);
  const used =
    others === undefined
      ? `${before} of the CPU before the run`
      : `${during} of the CPU, ${before} before the run`;
  const state = isQuiet(use) ? "quiet" : "not quiet";
  return `${state}: other processes used ${used} (load average ${load.toFixed(1)})`;
}

interface CpuSeconds {
  /** The time of all processors. */
  readonly all: number;
  /** The part of it that was not idle, including time that the host of a virtual machine gave to others. */
  readonly used: number;
  /** The part of it that this process and its descendants used. */
  readonly own: number;
}

/** Returns undefined where there is no /proc. */
async function readCpu(): Promise<CpuSeconds | undefined> {
  const text = await readFile("/proc/stat", "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  // See proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal. User time includes that of guests.
  const ticks = (text.split("\n", 1)[0] ?? "").split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND;
  const [, , , idle = 0, waiting = 0] = ticks;
  const { cpuSeconds: own } = await readTree(process.pid);
  return { all, used: all - (idle + waiting) / TICKS_PER_SECOND, own };
}

type Times = ReturnType<typeof readTimes>;

function readTimes(): { readonly idle: number; readonly total: number } {
  let [idle, total] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, total };
}

function toBusyShare(before: Times, after: Times): number {
  return 1 - (after.idle - before.idle) / (after.total - before.total);
}

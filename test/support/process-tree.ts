import { readdir, readFile } from "node:fs/promises";

/** Linux's units of CPU time and memory. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of the process and of its ended children. */
  readonly ticks: number;
  readonly residentBytes: number;
}

/** The resource usage of a process and all its descendants, from Linux's /proc. */
export interface TreeUsage {
  /** CPU time since their start, including ended descendants. */
  readonly cpuSeconds: number;
  /** Shared pages count for each process. */
  readonly residentBytes: number;
  /** Process ids of the descendants. */
  readonly children: readonly number[];
}

export async function readTree(root: number): Promise<TreeUsage> {
  const entries = await readdir("/proc");
  const stats = (
    await Promise.all(entries.filter((name) => /^\d+$/.test(name)).map(readStat))
  ).filter((stat) => stat !== undefined);
  const pids = new Set([root]);
  // A child may have a lower id than its parent after ids have wrapped around: repeat until no process is new.
  for (let size = 0; size < pids.size;) {
    size = pids.size;
    for (const { pid, parent } of stats) if (pids.has(parent)) pids.add(pid);
  }
  const family = stats.filter(({ pid }) => pids.has(pid));
  const sum = (of: (stat: ProcessStat) => number): number =>
    family.reduce((total, stat) => total + of(stat), 0);
  return {
    cpuSeconds: sum(({ ticks }) => ticks) / TICKS_PER_SECOND,
    residentBytes: sum(({ residentBytes }) => residentBytes),
    children: [...pids].filter((pid) => pid !== root),
  };
}

/** Counts the open file descriptors of these processes; ended ones have none. */
export async function countDescriptors(pids: readonly number[]): Promise<number> {
  const lists = await Promise.all(
    pids.map((pid) => readdir(`/proc/${pid}/fd`).catch((): string[] => [])),
  );
  return lists.reduce((total, list) => total + list.length, 0);
}

/** Returns undefined if the process has ended. See proc_pid_stat(5). */
async function readStat(pid: string): Promise<ProcessStat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  // The second field is the program's name in brackets, with any characters.
  const fields = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const at = (number: number): number => fields[number - 3] ?? 0;
  return {
    pid: Number(pid),
    parent: at(4),
    ticks: at(14) + at(15) + at(16) + at(17),
    residentBytes: at(24) * PAGE_BYTES,
  };
}

import { readdir, readFile } from "node:fs/promises";

/** Linux counts CPU time in these, and memory in these. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** Of the process and of its children that have ended, user and system. */
  readonly ticks: number;
  readonly residentBytes: number;
}

/** What a process and all its descendants use, from Linux's /proc. */
export interface TreeUsage {
  /** Since their start, with what descendants used that have ended. */
  readonly cpuSeconds: number;
  /** Pages that several share count for each. */
  readonly residentBytes: number;
  /** The descendants alone, by number. */
  readonly children: readonly number[];
}

export async function readTree(root: number): Promise<TreeUsage> {
  const entries = await readdir("/proc");
  const stats = (
    await Promise.all(entries.filter((name) => /^\d+$/.test(name)).map(readStat))
  ).filter((stat) => stat !== undefined);
  const pids = new Set([root]);
  // A child may have a lower number than its parent once numbers have come round: look until nobody is new.
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

/** How many files, sockets and the like these processes have open; those that are gone count none. */
export async function countDescriptors(pids: readonly number[]): Promise<number> {
  const lists = await Promise.all(
    pids.map((pid) => readdir(`/proc/${pid}/fd`).catch((): string[] => [])),
  );
  return lists.reduce((total, list) => total + list.length, 0);
}

/** Undefined when the process is gone. See proc_pid_stat(5). */
async function readStat(pid: string): Promise<ProcessStat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  // The second field is the program's name in brackets, which may hold anything.
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

import type { CDPSession } from "playwright-core";

/** Work of the main thread of a page between two moments, in milliseconds. */
export interface PageWork {
  /** Processor time of all tasks. */
  readonly processorMs: number;
  /** Processor time of the longest task: as on a machine with nothing else to do. */
  readonly longestProcessorMs: number;
  /** Wall time of the longest task: also what other processes take away. */
  readonly longestWallMs: number;
  /** Processor time by kind of work, without that of the kinds inside it, the longest first. */
  readonly kinds: readonly (readonly [kind: string, milliseconds: number])[];
}

/** A complete event of a trace. Times are microseconds; `tdur` is processor time. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

const CATEGORIES = ["toplevel", "devtools.timeline", "blink.user_timing", "v8", "__metadata"];

/** Traces a page while a function runs. */
export async function tracePage<T>(
  session: CDPSession,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly work: PageWork }> {
  const events: TraceEvent[] = [];
  const collect = ({ value }: { value: readonly unknown[] }): void => {
    for (const event of value as TraceEvent[]) events.push(event);
  };
  session.on("Tracing.dataCollected", collect);
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: CATEGORIES },
  });
  const result = await work();
  const ended = new Promise<void>((resolve) => {
    session.once("Tracing.tracingComplete", () => resolve());
  });
  await session.send("Tracing.end");
  await ended;
  session.off("Tracing.dataCollected", collect);
  return { result, work: summarize(events) };
}

/** Summarizes the events of the main thread that was busiest: the page's, since Chromium has one for each process. */
function summarize(events: readonly TraceEvent[]): PageWork {
  const mains = new Set(
    events
      .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid}/${tid}`),
  );
  const complete = events.filter(({ ph, pid, tid }) => ph === "X" && mains.has(`${pid}/${tid}`));
  const threads = [...Map.groupBy(complete, ({ pid, tid }) => `${pid}/${tid}`).values()].map(
    summarizeThread,
  );
  const [busiest] = threads.toSorted((a, b) => b.processorMs - a.processorMs);
  if (busiest === undefined) throw new Error("Expected events of the page's thread, got none.");
  return busiest;
}

function summarizeThread(events: readonly TraceEvent[]): PageWork {
  const own = new Map<string, number>();
  const tasks: TraceEvent[] = [];
  const open: { readonly name: string; readonly end: number }[] = [];
  // An event begins before those inside it, and a longer one before a shorter one of the same start.
  const ordered = events.toSorted((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  for (const event of ordered) {
    while (open.length > 0 && open.at(-1)!.end <= event.ts) open.pop();
    const { name, ts, dur = 0, tdur = 0 } = event;
    const parent = open.at(-1)?.name;
    own.set(name, (own.get(name) ?? 0) + tdur);
    if (parent !== undefined) own.set(parent, (own.get(parent) ?? 0) - tdur);
    else tasks.push(event);
    open.push({ name, end: ts + dur });
  }
  return {
    processorMs: sum(tasks.map(({ tdur = 0 }) => tdur)) / 1_000,
    longestProcessorMs: Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur)) / 1_000,
    longestWallMs: Math.max(0, ...tasks.map(({ dur = 0 }) => dur)) / 1_000,
    kinds: [...own]
      .map(([kind, time]): [string, number] => [kind, time / 1_000])
      .toSorted(([, a], [, b]) => b - a),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

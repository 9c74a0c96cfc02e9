import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { scoreFile } from "../src/scoring/score-file.ts";
import { createModelFolder, toMegabytes, writeRows } from "./rows.ts";
import { formatSpread, toRatios } from "./statistics.ts";
import { takeTurns } from "./turns.ts";

/** Rounds of warm-up. The threads of each run start without compiled code, so that it changes little. */
const MAX_WARM_UP = 5;

/** Interval between readings of the memory, which cost the main thread CPU time. */
const MEMORY_MS = 200;

/** The cost of one run. Times per row are without the start, until the first block is written. */
interface Cost {
  readonly rowsPerSecond: number;
  /** Rows per CPU second of all threads. */
  readonly rowsPerCpuSecond: number;
  /** CPU time of the main thread per row. */
  readonly mainNanoseconds: number;
  /** CPU time of all other threads per row. */
  readonly jobNanoseconds: number;
  /** Share of the time in which the main thread's event loop was not idle. */
  readonly utilization: number;
  readonly residentBytes: number;
}

/**
 * Measures `tepal score` on a CSV file of Iris rows with one and several threads, in turns: rows per second of wall time and of CPU time
 * (all threads), CPU time per row of the main thread, which reads, cuts and writes, and of the jobs, and maximum resident memory. The main
 * thread would limit the number of jobs that pay off to the ratio of both.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: "string", default: "1000000" },
      jobs: { type: "string", default: "1,2" },
      rounds: { type: "string", default: "5" },
    },
  });
  const rows = Number(values.rows);
  await using models = await createModelFolder();
  const file = join(models.path, "rows.csv");
  await writeRows(file, rows);
  const sides = values.jobs
    .split(",")
    .map((jobs): [string, () => Promise<Cost>] => [
      `${jobs} ${jobs === "1" ? "thread" : "threads"}`,
      () => measure(models.path, file, rows, Number(jobs)),
    ]);
  const { measured, warmUp } = await takeTurns(Object.fromEntries(sides), {
    rounds: Number(values.rounds),
    maxWarmUp: MAX_WARM_UP,
    cost: (cost) => cost.jobNanoseconds,
  });
  console.log(`${rows} rows, ${values.rounds} rounds in turns, median (quartiles)`);
  for (const [name, costs] of Object.entries(measured)) {
    const spread = (read: (cost: Cost) => number, digits?: number): string =>
      formatSpread(costs.map(read), digits);
    const main = costs.map((cost) => cost.mainNanoseconds);
    const jobs = costs.map((cost) => cost.jobNanoseconds);
    console.log(`\n${name}`);
    console.log(`  ${spread((cost) => cost.rowsPerSecond)} rows/s of wall time`);
    console.log(`  ${spread((cost) => cost.rowsPerCpuSecond)} rows per CPU second`);
    console.log(`  main thread ${formatSpread(main)} ns of CPU per row`);
    console.log(
      `  jobs ${formatSpread(jobs)} ns per row, ${formatSpread(toRatios(jobs, main), 1)} times as much`,
    );
    console.log(
      `  event loop of the main thread ${spread((cost) => 100 * cost.utilization, 1)} % in use`,
    );
    const most = Math.max(...costs.map(({ residentBytes }) => residentBytes));
    console.log(`  at most ${toMegabytes(most)} resident`);
  }
  console.log(`\n${warmUp}`);
}

async function measure(models: string, file: string, rows: number, jobs: number): Promise<Cost> {
  const out = join(models, "out.csv");
  let residentBytes = 0;
  const watch = setInterval(() => {
    residentBytes = Math.max(residentBytes, process.memoryUsage.rss());
  }, MEMORY_MS);
  const before = readUsage(0);
  let begin: ReturnType<typeof readUsage> | undefined;
  await scoreFile(
    {
      file,
      out,
      model: join(models, "iris", "1"),
      input: "csv",
      output: "csv",
      form: {},
      onBadRow: "skip",
      serving: {
        maxBatchRows: 1,
        oodAlpha: 0.01,
        oodPolicy: "warn",
        uncheckedPolicy: "flag",
        categoryPolicy: "warn",
        missingPolicy: "reject",
      },
      jobs,
      restart: true,
      tool: "bench",
    },
    { onProgress: (share) => (begin ??= readUsage(share)) },
  );
  const end = readUsage(1);
  clearInterval(watch);
  await rm(out);
  const first = begin ?? before;
  const counted = rows * (1 - first.share);
  const main = toMicroseconds(first.main, end.main);
  const all = toMicroseconds(first.all, end.all);
  return {
    rowsPerSecond: (1e3 * rows) / (end.at - before.at),
    rowsPerCpuSecond: (1e6 * rows) / toMicroseconds(before.all, end.all),
    mainNanoseconds: (1e3 * main) / counted,
    jobNanoseconds: (1e3 * (all - main)) / counted,
    utilization: performance.eventLoopUtilization(end.loop, first.loop).utilization,
    residentBytes,
  };
}

/** Reads the usage of the main thread, which is this one, and of all threads. @param share fraction of the file that is scored */
function readUsage(share: number) {
  return {
    share,
    at: performance.now(),
    main: process.threadCpuUsage(),
    all: process.cpuUsage(),
    loop: performance.eventLoopUtilization(),
  };
}

function toMicroseconds(before: NodeJS.CpuUsage, after: NodeJS.CpuUsage): number {
  return after.user + after.system - before.user - before.system;
}

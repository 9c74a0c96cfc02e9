import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createFolder } from "../test/support/folders.ts";
import { toMedian } from "./statistics.ts";
import { startLearnerServer, type LearnerServer } from "./tutorial/learner-server.ts";

/** The parts of a load test's report that are used. */
interface Report {
  readonly series: readonly {
    readonly elapsed_seconds: number;
    readonly users: number;
    readonly requests_per_second: number;
    readonly failures_per_second: number;
    readonly p50_ms: number | null;
    readonly p95_ms: number | null;
  }[];
  readonly marks: readonly { readonly elapsed_seconds: number; readonly kind: string }[];
  readonly total: { readonly requests: number; readonly failures: number };
  readonly recovery: { readonly seconds: number | null } | null;
  readonly verdict: { readonly outcome: string };
}

interface Stage {
  readonly users: number;
  readonly rate: number;
  readonly failures: number;
  readonly p50: number;
  readonly p95: number;
}

/** Users still start, and the replies of the stage before arrive. */
const SETTLE_SECONDS = 3;
/**
 * Measures the four profiles of docs/tutorial/load-testing.md: for each stage, the mean rates and the medians of its seconds' percentiles.
 * Takes four minutes. `--users` is the number of all profiles but the first.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { users: { type: "string", default: "2000" } },
  });
  const users = Number(values.users);
  await using server = await startLearnerServer([]);
  await using folder = await createFolder();
  const measure = (kind: string, count: number, stageSeconds: number) =>
    runProfile(server, join(folder.path, `${kind}.json`), kind, count, stageSeconds);
  await measure("baseline", 20, 20);
  await measure("gradual", users, 12);
  await measure("stress", users, 10);
  await measure("recovery", users, 12);
}

async function runProfile(
  server: LearnerServer,
  file: string,
  kind: string,
  users: number,
  stageSeconds: number,
): Promise<void> {
  await server.run(
    [
      "src/cli/main.ts load examples/iris/loadtest.ts --headless --spawn-rate 200",
      `--host ${server.url} --shape ${kind} --users ${users} --stage-time ${stageSeconds}s --json ${file}`,
    ].flatMap((words) => words.split(" ")),
    // The report has the verdict.
    { mayFail: true },
  );
  const report: Report = JSON.parse(await readFile(file, "utf8"));
  const stages = toStages(report);
  for (const [index, { users: active, rate, failures, p50, p95 }] of stages.entries()) {
    console.log(
      `${kind} stage ${index + 1}: ${active} users, ${rate.toFixed(1)} requests/s, ${failures.toFixed(1)} failures/s, p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`,
    );
  }
  const { total, recovery, verdict } = report;
  console.log(
    `${kind}: ${total.failures} of ${total.requests} failed, verdict: ${verdict.outcome}`,
  );
  if (recovery !== null) {
    const seconds = recovery.seconds?.toFixed(1);
    console.log(
      seconds === undefined ? `${kind}: not recovered` : `${kind}: recovered in ${seconds} s`,
    );
  }
}

function toStages({ series, marks }: Report): readonly Stage[] {
  const begins = marks.filter(({ kind }) => kind === "stage").map((mark) => mark.elapsed_seconds);
  return begins.map((begin, index) => {
    const end = begins[index + 1] ?? Infinity;
    const seconds = series.filter(
      ({ elapsed_seconds: at }) => at > begin + SETTLE_SECONDS && at <= end,
    );
    const mean = (pick: (second: Report["series"][number]) => number): number =>
      seconds.reduce((sum, each) => sum + pick(each), 0) / seconds.length;
    return {
      users: toMedian(seconds.map(({ users }) => users)),
      rate: mean((each) => each.requests_per_second),
      failures: mean((each) => each.failures_per_second),
      p50: toMedian(seconds.flatMap(({ p50_ms: ms }) => ms ?? [])),
      p95: toMedian(seconds.flatMap(({ p95_ms: ms }) => ms ?? [])),
    };
  });
}

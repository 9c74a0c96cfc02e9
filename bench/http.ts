import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { toIrisRequest } from "../src/cli/commands/train.ts";
import { trainModel } from "../src/training/train-model.ts";
import { startServer, toNodeFlags, type Load, type LoadedServer } from "./http-load.ts";
import { toMedian } from "./statistics.ts";

const LOAD: Load = {
  connections: 64,
  path: "/predict",
  body: JSON.stringify({
    sepal_length: 5.1,
    sepal_width: 3.5,
    petal_length: 1.4,
    petal_width: 0.2,
  }),
};
const WARM_UP_MS = 2_000;

/** CPU time of the server per request, in microseconds. */
interface Cost {
  readonly user: number;
  readonly system: number;
  readonly total: number;
}

/**
 * Compares Tepal with all features enabled and a bare node:http server that parses the same body and writes a response of the
 * same size. One prediction per request, 64 connections, in alternating rounds. Prints requests per second of server CPU, which
 * excludes the load generator and other work of the machine. Rounds are short, so that both see the same other work. With
 * `--monitor` it also measures Tepal with the built-in monitor, whose thread counts too.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "25" },
      seconds: { type: "string", default: "0.5" },
      "semi-space": { type: "string" },
      monitor: { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds);
  const milliseconds = Number(values.seconds) * 1_000;
  const models = await mkdtemp(join(tmpdir(), "tepal-bench-"));
  try {
    await trainModel(toIrisRequest(models));
    const load: Load = { ...LOAD, nodeFlags: toNodeFlags(values["semi-space"]) };
    await using bare = await startServer(["bare"], load);
    await using tepal = await startServer(["tepal", models], load);
    await using monitored = values.monitor
      ? await startServer(["tepal", models, "monitor"], load)
      : undefined;
    console.log(
      `POST ${LOAD.path}, ${LOAD.connections} connections, ${rounds} alternating rounds of ${values.seconds} s.\n` +
        "Requests per second of server CPU: tepal (validation, trust check, all metrics, request ids) and bare node:http\n",
    );
    for (const side of [tepal, bare, monitored]) await side?.drive(WARM_UP_MS);
    const ours: Cost[] = [];
    const theirs: Cost[] = [];
    const withMonitor: Cost[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await measure(tepal, milliseconds));
      theirs.push(await measure(bare, milliseconds));
      if (monitored !== undefined) withMonitor.push(await measure(monitored, milliseconds));
    }
    print("tepal", ours);
    print("bare", theirs);
    const ratios = toRatios(theirs, ours);
    const { residentBytes } = await tepal.usage();
    console.log(`\nmedian ratio ${toMedian(ratios).toFixed(3)}`);
    console.log(`resident memory of tepal ${(residentBytes / 1e6).toFixed(0)} MB`);
    if (monitored !== undefined) {
      print("with the monitor", withMonitor);
      // Few rounds contain a scrape, so the median would ignore its cost.
      const share = toMean(ours) / toMean(withMonitor);
      const bytes = (await monitored.usage()).residentBytes;
      console.log(
        `\nwith the monitor: median ratio to bare ${toMedian(toRatios(theirs, withMonitor)).toFixed(3)}, ` +
          `mean ratio to without it ${share.toFixed(3)}, resident memory ${(bytes / 1e6).toFixed(0)} MB`,
      );
    }
  } finally {
    await rm(models, { recursive: true });
  }
}

function toRatios(theirs: readonly Cost[], ours: readonly Cost[]): number[] {
  return ours.map(({ total }, round) => (theirs[round]?.total ?? Number.NaN) / total);
}

function toMean(costs: readonly Cost[]): number {
  return costs.reduce((sum, { total }) => sum + total, 0) / costs.length;
}

async function measure(side: LoadedServer, milliseconds: number): Promise<Cost> {
  const before = await side.usage();
  const requests = await side.drive(milliseconds);
  const after = await side.usage();
  const user = (1e6 * (after.userSeconds - before.userSeconds)) / requests;
  const system = (1e6 * (after.systemSeconds - before.systemSeconds)) / requests;
  return { user, system, total: user + system };
}

function print(name: string, costs: readonly Cost[]): void {
  const median = (part: keyof Cost): number => toMedian(costs.map((cost) => cost[part]));
  const rate = (1e6 / median("total")).toFixed(0).padStart(7);
  const parts = `user ${median("user").toFixed(1)} + system ${median("system").toFixed(1)} µs per request`;
  console.log(`  ${name.padEnd(5)} ${rate}   ${parts}`);
}

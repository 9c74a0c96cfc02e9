import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { toIrisRequest } from "../src/cli/commands/train.ts";
import { trainModel } from "../src/training/train-model.ts";
import { startServer, toNodeFlags, type Load, type LoadedServer } from "./http-load.ts";
import { formatSpread, toMedian, toRatios } from "./statistics.ts";
import { takeTurns, type Sides } from "./turns.ts";
import { IRIS_ROW } from "./rows.ts";

const LOAD: Load = {
  connections: 64,
  path: "/predict",
  body: JSON.stringify(IRIS_ROW),
};

/** CPU time of the server per request, in microseconds. */
interface Cost {
  readonly user: number;
  readonly system: number;
  readonly total: number;
}

/**
 * Compares Tepal with all features enabled and a bare node:http server that parses the same body and writes a response of the
 * same size, and with the least that a socket costs. One prediction per request, 64 connections, in alternating rounds. Prints requests per second of server CPU, which
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
    await using socket = await startServer(["socket"], load);
    await using monitored = values.monitor
      ? await startServer(["tepal", models, "monitor"], load)
      : undefined;
    console.log(
      `POST ${LOAD.path}, ${LOAD.connections} connections, ${rounds} alternating rounds of ${values.seconds} s.\n` +
        "Requests per second of server CPU: tepal (validation, trust check, all metrics, request ids) and bare node:http;\n" +
        "socket: node:net with a constant reply, the least that a server in Node.js can cost\n",
    );
    const side = (server: LoadedServer) => () => measure(server, milliseconds);
    const sides: Sides<string, Cost> = {
      tepal: side(tepal),
      bare: side(bare),
      socket: side(socket),
      ...(monitored !== undefined && { "with the monitor": side(monitored) }),
    };
    const { measured, warmUp } = await takeTurns(sides, { rounds, cost: ({ total }) => total });
    const totals = (name: string): number[] => (measured[name] ?? []).map(({ total }) => total);
    for (const [name, costs] of Object.entries(measured)) print(name, costs);
    const { residentBytes } = await tepal.usage();
    for (const name of ["tepal", "socket"]) {
      const ratios = toRatios(totals("bare"), totals(name));
      console.log(`${name} / bare, median (quartiles) ${formatSpread(ratios, 3)}`);
    }
    console.log(`resident memory of tepal ${(residentBytes / 1e6).toFixed(0)} MB`);
    if (monitored !== undefined) {
      // Few rounds contain a scrape, so the median would ignore its cost.
      const share = toMean(totals("tepal")) / toMean(totals("with the monitor"));
      const bytes = (await monitored.usage()).residentBytes;
      console.log(
        `with the monitor: ratio to bare ${formatSpread(toRatios(totals("bare"), totals("with the monitor")), 3)}, ` +
          `mean ratio to without it ${share.toFixed(3)}, resident memory ${(bytes / 1e6).toFixed(0)} MB`,
      );
    }
    console.log(warmUp);
  } finally {
    await rm(models, { recursive: true });
  }
}

function toMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
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
  const median = (part: keyof Cost): string => toMedian(costs.map((cost) => cost[part])).toFixed(1);
  const rates = formatSpread(costs.map(({ total }) => 1e6 / total));
  const parts = `user ${median("user")} + system ${median("system")} µs per request`;
  console.log(`  ${name.padEnd(16)} ${rates.padStart(24)}   ${parts}`);
}

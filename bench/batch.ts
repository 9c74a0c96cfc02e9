import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { toIrisRequest } from "../src/cli/commands/train.ts";
import { trainModel } from "../src/training/train-model.ts";
import { startServer, toNodeFlags } from "./http-load.ts";
import { toMegabytes } from "./rows.ts";
import { formatSpread } from "./statistics.ts";
import { takeTurns } from "./turns.ts";

const ROWS = 1_000;
const IRIS = new URL("../examples/iris/iris.csv", import.meta.url);

/**
 * Measures batches of 1,000 Iris rows as arrays over HTTP, with all features enabled: rows per second of server CPU, and the
 * server's resident memory after the first million predictions and at the end.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "15" },
      seconds: { type: "string", default: "1" },
      "semi-space": { type: "string" },
    },
  });
  const models = await mkdtemp(join(tmpdir(), "tepal-bench-"));
  try {
    await trainModel(toIrisRequest(models));
    const load = {
      connections: 4,
      path: "/predict/batch",
      body: await toBody(),
      nodeFlags: toNodeFlags(values["semi-space"]),
    };
    await using server = await startServer(["tepal", models], load);
    console.log(
      `POST ${load.path}, ${ROWS} Iris rows as arrays, ${load.connections} connections, ` +
        `${values.rounds} rounds of ${values.seconds} s\n`,
    );
    let predicted = 0;
    while (predicted < 1e6) predicted += ROWS * (await server.drive(100));
    const early = (await server.usage()).residentBytes;
    const measure = async (): Promise<number> => {
      const before = await server.usage();
      const rows = ROWS * (await server.drive(Number(values.seconds) * 1_000));
      const after = await server.usage();
      predicted += rows;
      return (
        rows / (after.userSeconds - before.userSeconds + after.systemSeconds - before.systemSeconds)
      );
    };
    const options = { rounds: Number(values.rounds), cost: Number };
    const { measured, warmUp } = await takeTurns({ batches: measure }, options);
    const late = (await server.usage()).residentBytes;
    console.log(
      `${formatSpread(measured.batches)} rows per second of server CPU, median (quartiles)`,
    );
    console.log(
      `resident memory ${toMegabytes(early)} after a million predictions, ` +
        `${toMegabytes(late)} after ${(predicted / 1e6).toFixed(1)} million`,
    );
    console.log(warmUp);
  } finally {
    await rm(models, { recursive: true });
  }
}

async function toBody(): Promise<string> {
  const [, ...lines] = (await readFile(IRIS, "utf8")).trim().split("\n");
  const rows = lines.map((line) => line.split(",").slice(0, 4).map(Number));
  return JSON.stringify({
    instances: Array.from({ length: ROWS }, (_, i) => rows[i % rows.length]),
  });
}

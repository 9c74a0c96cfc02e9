import { readFile } from "node:fs/promises";
import { SMALL_HEAP_FLAGS } from "../src/kernel/child-process.ts";
import { readTree } from "../test/support/process-tree.ts";
import { BUILT_MAIN, predictOnce, startServerProcess } from "./built-server.ts";
import { connectLoad } from "./http-load.ts";
import { createModelFolder, toMegabytes } from "./rows.ts";

const IRIS = new URL("../examples/iris/iris.csv", import.meta.url);
const PREDICTIONS = 1_000_000;
const STEPS = 4;

/**
 * Measures resident memory of the built package, with the flags of `npm start` and the image: of a server, and of the larger of two workers, at the
 * start, during a million single predictions and during a million rows in batches.
 */
export async function run(): Promise<void> {
  const rows = await readRows();
  const [names = [], ...values] = rows;
  const singles = values.map((row) =>
    JSON.stringify(Object.fromEntries(names.map((name, i) => [name, Number(row[i])]))),
  );
  const thousand = Array.from({ length: 1_000 }, (_, i) => values[i % values.length]?.map(Number));
  const batches = [JSON.stringify({ instances: thousand })];
  await using models = await createModelFolder();
  console.log(`node ${SMALL_HEAP_FLAGS.join(" ")}`);
  for (const workers of [1, 2]) {
    const name = workers === 1 ? "server" : "worker";
    let largest = 0;
    await using server = await startServerProcess({
      main: BUILT_MAIN,
      // A stalled machine must not end the measurement.
      words: [
        "serve",
        "--models",
        models.path,
        "--workers",
        `${workers}`,
        "--max-event-loop-lag",
        "60",
      ],
    });
    await predictOnce(server.port, singles[0] ?? "");
    // A scrape starts the collectors of process metrics, which need memory.
    await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
    const report = async (label: string): Promise<void> => {
      const residentBytes = await readResidentBytes(server.pid);
      largest = Math.max(largest, residentBytes);
      console.log(`  ${`${name} ${label}`.padEnd(31)} ${toMegabytes(residentBytes)}`);
    };
    await report("at start");
    await drive(server.port, "/predict", singles, 64, 1, report);
    await drive(server.port, "/predict/batch", batches, 4, 1_000, report);
    console.log(`  ${`${name} at most`.padEnd(31)} ${toMegabytes(largest)}`);
  }
}

/** Returns the resident memory of a server, or of its largest worker. Shared memory pages of the program count. */
async function readResidentBytes(pid: number): Promise<number> {
  const { residentBytes, children } = await readTree(pid);
  if (children.length === 0) return residentBytes;
  const workers = await Promise.all(children.map(readTree));
  return Math.max(...workers.map((worker) => worker.residentBytes));
}

async function drive(
  port: number,
  path: string,
  body: readonly string[],
  connections: number,
  rowsEach: number,
  report: (label: string) => Promise<void>,
): Promise<void> {
  using driver = await connectLoad(port, { connections, path, body });
  const kind = rowsEach === 1 ? "single" : "in batches";
  let predicted = 0;
  for (let step = 1; step <= STEPS; step++) {
    while (predicted < (step * PREDICTIONS) / STEPS) {
      predicted += rowsEach * (await driver.drive(200));
    }
    await report(`${(predicted / 1e6).toFixed(2)} million ${kind}`);
  }
}

async function readRows(): Promise<readonly (readonly string[])[]> {
  const lines = (await readFile(IRIS, "utf8")).trim().split("\n");
  return lines.map((line) => line.split(",").slice(0, 4));
}

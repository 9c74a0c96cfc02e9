import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { IRIS_ROW, createModelFolder } from "./rows.ts";
import { startProcess, toTepalCommand, type ServerCommand } from "./server-process.ts";
import { formatSpread, toRatios } from "./statistics.ts";
import { takeTurns } from "./turns.ts";

const BARE = fileURLToPath(new URL("./bare-cluster.ts", import.meta.url));
const LOAD = {
  connections: 64,
  path: "/predict",
  body: JSON.stringify(IRIS_ROW),
};

/**
 * Measures the cost of several workers: CPU time per request over all processes, with `--workers` and in one process, of Tepal with all
 * features enabled and of a bare node:http server, whose workers are node:cluster's. Tepal's ratio divided by that of the bare
 * server is the cost that Tepal adds to that of several processes.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      workers: { type: "string", default: "2" },
      rounds: { type: "string", default: "25" },
      seconds: { type: "string", default: "1" },
    },
  });
  const milliseconds = Number(values.seconds) * 1_000;
  await using models = await createModelFolder();
  await using servers = new AsyncDisposableStack();
  const start = async (command: ServerCommand["command"]): Promise<() => Promise<number>> => {
    const server = servers.use(await startProcess({ ...LOAD, command }));
    return () => server.measure(milliseconds);
  };
  const tepal = (workers: string): Promise<() => Promise<number>> =>
    start((port) => toTepalCommand(models.path, port, "--workers", workers));
  const bare = (workers: string): Promise<() => Promise<number>> =>
    start((port) => [process.execPath, BARE, String(port), workers]);
  const sides = {
    one: await tepal("1"),
    several: await tepal(values.workers),
    bareOne: await bare("1"),
    bareSeveral: await bare(values.workers),
  };
  console.log(
    `POST ${LOAD.path}, ${LOAD.connections} connections, ${values.rounds} rounds of ${values.seconds} s in turns, ` +
      `${values.workers} workers.\nµs of CPU per request over all processes, median (quartiles)\n`,
  );
  const { measured, warmUp } = await takeTurns(sides, {
    rounds: Number(values.rounds),
    cost: Number,
  });
  const ours = toRatios(measured.several, measured.one);
  const theirs = toRatios(measured.bareSeveral, measured.bareOne);
  const lines = [
    ["tepal, one process", measured.one, 1],
    ["tepal, workers", measured.several, 1],
    ["bare node:http, one process", measured.bareOne, 1],
    ["bare node:cluster, workers", measured.bareSeveral, 1],
    ["tepal, workers / one process", ours, 3],
    ["bare, workers / one process", theirs, 3],
    ["the first ratio / the second", toRatios(ours, theirs), 3],
  ] as const;
  for (const [name, list, digits] of lines) {
    console.log(`  ${name.padEnd(30)} ${formatSpread(list, digits)}`);
  }
  console.log(`\n${warmUp}`);
}

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readTree } from "../test/support/process-tree.ts";
import { BUILT_MAIN, predictOnce, startServerProcess } from "./built-server.ts";
import { IRIS_ROW, createModelFolder } from "./rows.ts";
import { toMedian } from "./statistics.ts";

const SOURCE_MAIN = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const WITHOUT_CACHE = { NODE_DISABLE_COMPILE_CACHE: "1" };
const BODY = JSON.stringify(IRIS_ROW);

/** A way to start the server. */
interface Side {
  readonly name: string;
  readonly main: string;
  readonly environment: Readonly<Record<string, string>>;
}

const SIDES: readonly Side[] = [
  { name: "package", main: BUILT_MAIN, environment: {} },
  { name: "package, first start", main: BUILT_MAIN, environment: WITHOUT_CACHE },
  { name: "sources", main: SOURCE_MAIN, environment: {} },
  { name: "sources, first start", main: SOURCE_MAIN, environment: WITHOUT_CACHE },
];

interface Cost {
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly residentBytes: number;
}

/**
 * Measures a start of `tepal serve` with an Iris model until the first response to POST /predict: processor time of all its processes and
 * threads, wall time, and resident memory at the end. Compares the built package and the sources, each with and without the compile cache
 * that Node.js keeps of an earlier start, in alternating rounds. `--monitor` starts the built-in monitor too.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "9" },
      monitor: { type: "boolean", default: false },
    },
  });
  await using models = await createModelFolder();
  const flags = values.monitor ? ["--monitor", "--no-persist"] : [];
  const words = ["serve", "--models", models.path, ...flags];
  const costs = new Map<Side, Cost[]>(SIDES.map((side) => [side, []]));
  // Fills the compile cache.
  for (const side of SIDES) await measure(side, words);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [side, list] of costs) list.push(await measure(side, words));
  }
  console.log(
    `From the start of \`tepal ${["serve", ...flags].join(" ")}\` to the first response, medians of ${values.rounds}`,
  );
  for (const [{ name }, list] of costs) {
    const median = (part: keyof Cost): number => toMedian(list.map((cost) => cost[part]));
    console.log(
      `  ${name.padEnd(21)} ${median("cpuSeconds").toFixed(2)} s of processor time, ${median("seconds").toFixed(2)} s, ` +
        `${(median("residentBytes") / 1e6).toFixed(0)} MB resident`,
    );
  }
}

async function measure({ main, environment }: Side, words: readonly string[]): Promise<Cost> {
  const start = performance.now();
  await using server = await startServerProcess({ main, words, environment });
  await predictOnce(server.port, BODY);
  const seconds = (performance.now() - start) / 1_000;
  return { ...(await readTree(server.pid)), seconds };
}

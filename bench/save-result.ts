import { mkdir, writeFile } from "node:fs/promises";
import { cpus, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { describeUse, watchMachine, type MachineUse } from "./quiet.ts";

/** A result in bench/results/, from which `npm run generate` inserts measurements into the documents. */
export interface BenchmarkResult {
  /** The command line. */
  readonly command: string;
  readonly date: string;
  readonly node: string;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryGb: number;
    readonly system: string;
    /** By others. */
    readonly use: MachineUse;
  };
  /** The output, line by line. */
  readonly lines: readonly string[];
}

/** Runs a benchmark and writes what it prints, with its machine, to bench/results/NAME.json. */
export async function saveResult(
  name: string,
  command: string,
  run: () => Promise<void>,
): Promise<void> {
  const lines: string[] = [];
  const print = console.log;
  console.log = (...values: readonly unknown[]) => {
    lines.push(...format(...values).split("\n"));
    print(...values);
  };
  const use = await watchMachine(run);
  console.log = print;
  console.log(describeUse(use));
  if (lines.length === 0) throw new Error(`Expected measurements of ${command}, got none.`);
  const processors = cpus();
  const result: BenchmarkResult = {
    command,
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    machine: {
      processor: processors[0]?.model.trim() ?? "unknown",
      cores: processors.length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      system: `${type()} ${process.arch}`,
      use: {
        busy: round(use.busy, 100),
        load: round(use.load, 10),
        ...(use.others !== undefined && { others: round(use.others, 100) }),
      },
    },
    lines,
  };
  const folder = fileURLToPath(new URL("results/", import.meta.url));
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}${name}.json`, `${JSON.stringify(result, undefined, 2)}\n`);
}

function round(value: number, parts: number): number {
  return Math.round(parts * value) / parts;
}

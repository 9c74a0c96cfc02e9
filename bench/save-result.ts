import { mkdir, writeFile } from "node:fs/promises";
import { cpus, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { watchMachine, type MachineUse } from "./quiet.ts";

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
    /** By others, before the run. */
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
  const { busy, load } = await watchMachine();
  const lines: string[] = [];
  const print = console.log;
  console.log = (...values: readonly unknown[]) => {
    lines.push(...format(...values).split("\n"));
    print(...values);
  };
  await run();
  console.log = print;
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
      use: { busy: Math.round(100 * busy) / 100, load: Math.round(10 * load) / 10 },
    },
    lines,
  };
  const folder = fileURLToPath(new URL("results/", import.meta.url));
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}${name}.json`, `${JSON.stringify(result, undefined, 2)}\n`);
}

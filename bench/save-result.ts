import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import { format } from "node:util";

/** A result in bench/results/, from which `npm run generate` writes docs/performance.md. */
export interface BenchmarkResult {
  /** The arguments of `npm run bench --`. */
  readonly command: string;
  readonly date: string;
  readonly node: string;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryGb: number;
    readonly system: string;
    /** Load average of the minute before: above 0.5 for each core, other programs ran too. */
    readonly load: number;
  };
  /** The output, line by line. */
  readonly lines: readonly string[];
}

/** Runs a benchmark and writes what it prints, with its machine, to bench/results/NAME.json. */
export async function saveResult(
  name: string,
  args: readonly string[],
  run: () => Promise<void>,
): Promise<void> {
  const [load = 0] = loadavg();
  const lines: string[] = [];
  const print = console.log;
  console.log = (...values: readonly unknown[]) => {
    lines.push(...format(...values).split("\n"));
    print(...values);
  };
  await run();
  console.log = print;
  const processors = cpus();
  const result: BenchmarkResult = {
    command: [name, ...args].join(" "),
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    machine: {
      processor: processors[0]?.model.trim() ?? "unknown",
      cores: processors.length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      system: `${type()} ${process.arch}`,
      load: Math.round(load * 10) / 10,
    },
    lines,
  };
  const folder = fileURLToPath(new URL("results/", import.meta.url));
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}${name}.json`, `${JSON.stringify(result, undefined, 2)}\n`);
}

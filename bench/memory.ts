import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { readTree } from "../test/support/process-tree.ts";
import { connectLoad } from "./http-load.ts";
import { createModelFolder } from "./rows.ts";

const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const IRIS = new URL("../examples/iris/iris.csv", import.meta.url);
/** Flags of `npm start` and the image. */
const SMALL_HEAP = ["--max-semi-space-size=8", "--heap-growing-percent=30"];
const PREDICTIONS = 1_000_000;
const STEPS = 4;

/**
 * Measures the built package: time to the first response, then resident memory during a million single predictions and a million
 * rows in batches. First with the default heap of Node.js, then with the small heap of `npm start` and the image.
 */
export async function run(): Promise<void> {
  if (!existsSync(MAIN)) throw new Error("The package is not built. Run `npm run build` first.");
  const rows = await readRows();
  const [names = [], ...values] = rows;
  const singles = values.map((row) =>
    JSON.stringify(Object.fromEntries(names.map((name, i) => [name, Number(row[i])]))),
  );
  const thousand = Array.from({ length: 1_000 }, (_, i) => values[i % values.length]?.map(Number));
  await using models = await createModelFolder();
  for (const flags of [[], SMALL_HEAP]) {
    const heap = flags.length === 0 ? "default heap" : "small heap";
    console.log(flags.length === 0 ? heap : `\n${heap}: ${flags.join(" ")}`);
    let largest = 0;
    const start = performance.now();
    const child = spawn(
      process.execPath,
      [...flags, MAIN, "serve", "--models", models.path, "--port", "0"],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    try {
      const port = await waitForPort(child.stderr);
      const first = await fetch(`http://127.0.0.1:${port}/predict`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: singles[0] ?? "",
      });
      if (!first.ok) throw new Error(`The first response has status ${first.status}.`);
      console.log(`  first response after ${((performance.now() - start) / 1_000).toFixed(2)} s`);
      // A scrape starts the collectors of process metrics, which use memory.
      await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const report = async (label: string): Promise<void> => {
        const { residentBytes } = await readTree(child.pid ?? 0);
        largest = Math.max(largest, residentBytes);
        console.log(`  ${label.padEnd(24)} ${(residentBytes / 1e6).toFixed(0)} MB`);
      };
      await report("at start");
      await drive(port, "/predict", singles, 64, 1, report);
      await drive(
        port,
        "/predict/batch",
        [JSON.stringify({ instances: thousand })],
        4,
        1_000,
        report,
      );
      console.log(`  at most, ${heap.padEnd(15)} ${(largest / 1e6).toFixed(0)} MB`);
    } finally {
      child.kill();
      await once(child, "exit");
    }
  }
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

async function waitForPort(log: Readable): Promise<number> {
  let text = "";
  for await (const chunk of log.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    const port = /listening on http:\/\/[^:]+:(\d+)/.exec(text)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`The server exited: ${text}`);
}

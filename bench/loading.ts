import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { toIrisRequest } from "../src/cli/commands/train.ts";
import { trainModel } from "../src/training/train-model.ts";
import { writeBigModel } from "../test/support/big-model.ts";
import { startCli, waitForOutput } from "../test/support/cli.ts";
import { readTree } from "../test/support/process-tree.ts";
import { sendLoads, type Latencies, type OpenLoad } from "./open-load.ts";
import { formatSpread, toQuantile } from "./statistics.ts";
import { IRIS_ROW } from "./rows.ts";

const BODY = JSON.stringify(IRIS_ROW);
const PREDICTIONS: OpenLoad = {
  requestsPerSecond: 200,
  connections: 16,
  message:
    "POST /predict HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n" +
    `content-length: ${BODY.length}\r\n\r\n${BODY}`,
  niceness: -10,
};
const LIVENESS: OpenLoad = {
  requestsPerSecond: 20,
  connections: 4,
  message: "GET /health/live HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
  niceness: -10,
};
const SAMPLE_MS = 20;

/**
 * Measures what it costs others that a server loads a large model: 200 predictions/s of Iris and 20 requests/s to /health/live, first in
 * rest and then while SIGHUP loads a model of `--trees` × 1.5 MB, in alternating rounds. Prints latencies, and resident memory
 * before, at most, and after.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      trees: { type: "string", default: "64" },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "8" },
      workers: { type: "string", default: "1" },
    },
  });
  const milliseconds = Number(values.seconds) * 1_000;
  const folder = await mkdtemp(join(tmpdir(), "tepal-bench-"));
  try {
    const models = join(folder, "models");
    await trainModel(toIrisRequest(models));
    const big = join(models, "big", "1");
    await writeBigModel(join(folder, "away"), "big", Number(values.trees));
    const words = ["serve", "--port", "0", "--models", models, "--workers", values.workers];
    await using server = startCli([...words, "--max-event-loop-lag", "60"], folder);
    const url = await waitForOutput(
      server,
      values.workers === "1"
        ? /(http:\/\/127\.0\.0\.1:\d+)/
        : /workers serve (http:\/\/127\.0\.0\.1:\d+)/,
    );
    const port = Number(new URL(url).port);
    const { pid = 0 } = server.process;
    const send = (): Promise<Latencies[]> => sendLoads(port, [PREDICTIONS, LIVENESS], milliseconds);
    await send();
    const ratios: number[] = [];
    for (let round = 1; round <= Number(values.rounds); round++) {
      const [quiet, quietLive] = await send();
      const before = (await readTree(pid)).residentBytes;
      await cp(join(folder, "away", "big", "1"), big, { recursive: true });
      const sending = send();
      server.process.kill("SIGHUP");
      const loads =
        countLines(server.output(), "model big version 1 is ready") + Number(values.workers);
      const begun = performance.now();
      let most = before;
      while (countLines(server.output(), "model big version 1 is ready") < loads) {
        most = Math.max(most, (await readTree(pid)).residentBytes);
        await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
      }
      const seconds = (performance.now() - begun) / 1_000;
      const [busy, busyLive] = await sending;
      const after = (await readTree(pid)).residentBytes;
      console.log(`round ${round}: loaded in ${seconds.toFixed(1)} s`);
      print("predictions at rest", quiet);
      print("predictions while loading", busy);
      print("liveness at rest", quietLive);
      print("liveness while loading", busyLive);
      const megabytes = [before, most, after].map((bytes) => (bytes / 1e6).toFixed(0));
      console.log(
        `  resident memory ${megabytes[0]} MB before, ${megabytes[1]} MB at most, ${megabytes[2]} MB with the model`,
      );
      ratios.push(toLatency(busy, 0.99) / toLatency(quiet, 0.99));
      await rm(big, { recursive: true });
      await rm(join(models, "big"), { recursive: true });
      const removed =
        countLines(server.output(), "removed model big version 1") + Number(values.workers);
      server.process.kill("SIGHUP");
      while (countLines(server.output(), "removed model big version 1") < removed) {
        await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
      }
    }
    console.log(
      `\np99 of predictions, while loading / at rest: median (quartiles) ${formatSpread(ratios, 1)}`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

function countLines(text: string, part: string): number {
  return text.split(part).length - 1;
}

function print(name: string, latencies: Latencies | undefined): void {
  const statuses = [...(latencies ?? [])].map(([status, list]) => `${list.length} × ${status}`);
  const [p50, p99, most] = [0.5, 0.99, 1].map((q) => toLatency(latencies, q).toFixed(2));
  console.log(
    `  ${name.padEnd(26)} ${statuses.join(", ").padEnd(12)} ms p50 ${p50}, p99 ${p99}, max ${most}`,
  );
}

function toLatency(latencies: Latencies | undefined, q: number): number {
  return toQuantile([...(latencies?.values() ?? [])].flat(), q);
}

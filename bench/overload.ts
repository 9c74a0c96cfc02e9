import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { toIrisRequest } from "../src/cli/commands/train.ts";
import { createKey, writeKeysFile } from "../src/http/access/api-keys.ts";
import { trainModel } from "../src/training/train-model.ts";
import { startCli, waitForOutput } from "../test/support/cli.ts";
import { readTree } from "../test/support/process-tree.ts";
import { sendLoads, type Latencies, type OpenLoad } from "./open-load.ts";

const BODY = JSON.stringify({
  sepal_length: 5.1,
  sepal_width: 3.5,
  petal_length: 1.4,
  petal_width: 0.2,
});
const GUEST_RATE = 500;
const LIMIT = 1_000;
/** Above this, the offered load was not reached, and latencies are those of an ever-growing queue. */
const MAX_STRETCH = 1.05;

/**
 * Measures how a flood affects other clients: a guest sends 500 requests/s, first alone and then together with a client that
 * exceeds the limit. With `--rate-limit` the flood has its own API key and exceeds the limit by 10,000 requests/s. With only
 * `--max-in-flight` all clients share the capacity of the server.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string", default: "10" },
      surplus: { type: "string", default: "10000" },
    },
  });
  const surplus = Number(values.surplus);
  const milliseconds = Number(values.seconds) * 1_000;
  const folder = await mkdtemp(join(tmpdir(), "tepal-bench-"));
  try {
    const models = join(folder, "models");
    await trainModel(toIrisRequest(models));
    const [guest, flood] = ["guest", "flood"].map((name) => createKey(name, "predict", "2026"));
    if (guest === undefined || flood === undefined) throw new Error("Expected two keys.");
    const keys = join(folder, "keys.json");
    await writeKeysFile(keys, [guest.stored, flood.stored]);
    const quiet: OpenLoad = {
      requestsPerSecond: GUEST_RATE,
      connections: 16,
      message: toMessage(guest.text),
      niceness: -10,
    };
    const loud: OpenLoad = {
      requestsPerSecond: LIMIT + surplus,
      connections: 128,
      message: toMessage(flood.text),
      niceness: 10,
    };
    for (const flags of [
      ["--rate-limit", String(LIMIT)],
      ["--max-in-flight", "16"],
    ]) {
      const words = ["serve", "--port", "0", "--models", models, "--api-keys-file", keys];
      await using server = startCli([...words, ...flags], folder);
      const url = await waitForOutput(server, /(http:\/\/127\.0\.0\.1:\d+)/);
      const port = Number(new URL(url).port);
      console.log(`${flags.join(" ")}; ${values.seconds} s each`);
      await sendLoads(port, [quiet, loud], 2_000);
      const [alone] = await sendLoads(port, [quiet], milliseconds);
      print("guest alone", alone, 1);
      const { pid = 0 } = server.process;
      const before = await readTree(pid);
      const start = performance.now();
      const [beside, flooding] = await sendLoads(port, [quiet, loud], milliseconds);
      const stretch = (performance.now() - start) / milliseconds;
      const cpuSeconds = (await readTree(pid)).cpuSeconds - before.cpuSeconds;
      print("guest with flood", beside, stretch);
      print("flood", flooding, stretch);
      const cores = (cpuSeconds * 1_000) / (milliseconds * stretch);
      console.log(`  server CPU with flood: ${cores.toFixed(2)} cores`);
      if (stretch > MAX_STRETCH) {
        const times = stretch.toFixed(1);
        console.log(
          `  the load took ${times} times as long as planned: this machine is too slow to send and serve it`,
        );
      }
      const ratio =
        toQuantile(beside?.get(200) ?? [], 0.99) / toQuantile(alone?.get(200) ?? [], 0.99);
      console.log(`  p99 of accepted guest requests, with flood / alone: ${ratio.toFixed(1)}\n`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }

  /** @param stretch actual / planned duration; above 1 the offered rate was not reached */
  function print(name: string, latencies: Latencies | undefined, stretch: number): void {
    for (const [status, list] of latencies ?? []) {
      const rate = (list.length / (milliseconds * stretch)) * 1_000;
      const quantiles = [0.5, 0.99, 0.999].map((q) => toQuantile(list, q).toFixed(2));
      console.log(
        `  ${name.padEnd(22)} ${status}  ${rate.toFixed(0).padStart(6)}/s  ms p50 ${quantiles[0]}, p99 ${quantiles[1]}, p99.9 ${quantiles[2]}`,
      );
    }
  }
}

function toMessage(key: string): string {
  return (
    `POST /predict HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${key}\r\n` +
    `content-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`
  );
}

function toQuantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(q * values.length)] ?? Number.NaN;
}

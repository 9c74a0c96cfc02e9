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
/** Beyond it the load was not what was asked for, and latencies are those of a queue without end. */
const MOST_STRETCH = 1.05;

/**
 * What a flood does to those whom the server serves: a guest asks 500 times a second, first alone and then beside a client that
 * sends more than is taken. With `--rate-limit` the flood has a key of its own and goes 10,000 requests a second above its
 * limit; with `--max-in-flight` alone all are served alike, as far as the server comes.
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
    if (guest === undefined || flood === undefined) throw new Error("two keys were made");
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
      const begun = performance.now();
      const [beside, flooding] = await sendLoads(port, [quiet, loud], milliseconds);
      const stretch = (performance.now() - begun) / milliseconds;
      const cpuSeconds = (await readTree(pid)).cpuSeconds - before.cpuSeconds;
      print("guest beside the flood", beside, stretch);
      print("flood", flooding, stretch);
      const cores = (cpuSeconds * 1_000) / (milliseconds * stretch);
      console.log(`  the server used ${cores.toFixed(2)} of a core meanwhile`);
      if (stretch > MOST_STRETCH) {
        const times = stretch.toFixed(1);
        console.log(
          `  the load took ${times} times its time: this machine cannot serve and send it`,
        );
      }
      const ratio =
        toQuantile(beside?.get(200) ?? [], 0.99) / toQuantile(alone?.get(200) ?? [], 0.99);
      console.log(`  p99 of the guest's accepted requests: ${ratio.toFixed(1)} times that alone\n`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }

  /** @param stretch how many times longer it took than was asked for: above 1 the offered rate was not reached */
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

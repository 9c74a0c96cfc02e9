import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { toIrisRequest } from "../src/cli/commands/train.ts";
import { createKey, writeKeysFile } from "../src/http/access/api-keys.ts";
import { trainModel } from "../src/training/train-model.ts";
import { MAIN } from "../test/support/cli.ts";
import { readTree } from "../test/support/process-tree.ts";
import { startServerProcess, type ServerProcess } from "./built-server.ts";
import { forkServer } from "./http-load.ts";
import { sendLoads, type Latencies, type OpenLoad } from "./open-load.ts";
import { formatSpread, toMedian, toQuantile, toRatios } from "./statistics.ts";
import { takeTurns } from "./turns.ts";
import { IRIS_ROW } from "./rows.ts";

const BODY = JSON.stringify(IRIS_ROW);
const GUEST_RATE = 500;
const LIMIT = 1_000;
/** Above this, the offered load was not reached, and latencies are those of an ever-growing queue. */
const MAX_STRETCH = 1.05;
/** Rounds of warm-up. */
const MAX_WARM_UP = 7;

/** The replies of one round by client, and their cost. */
interface Round {
  readonly clients: Readonly<Record<string, Latencies>>;
  /** Actual / planned duration. Above 1, the load was slower than planned. */
  readonly stretch: number;
  /** CPU time of the server. */
  readonly cpuSeconds: number;
}

/**
 * Measures how a flood affects other clients: in turns, a guest sends 500 requests/s alone, and together with a client that exceeds the
 * limit. With `--rate-limit` the flood has its own API key and exceeds the limit by 10,000 requests/s. With only `--max-in-flight` all
 * clients share the capacity of the server. A bare node:http server under the same loads shows the part of the machine.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "7" },
      seconds: { type: "string", default: "4" },
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
    for (const flags of [["--rate-limit", String(LIMIT)], ["--max-in-flight", "16"], undefined]) {
      const words = ["serve", "--models", models, "--api-keys-file", keys, ...(flags ?? [])];
      await using server =
        flags === undefined
          ? await forkServer(["bare"])
          : await startServerProcess({ main: MAIN, words });
      const measure = (loads: Readonly<Record<string, OpenLoad>>) => (): Promise<Round> =>
        measureRound(server, loads, milliseconds);
      const name = flags?.join(" ") ?? "bare node:http, without a limit";
      console.log(`${name}; ${values.rounds} rounds of ${values.seconds} s each`);
      const { measured, warmUp } = await takeTurns(
        { alone: measure({ guest: quiet }), beside: measure({ guest: quiet, flood: loud }) },
        { rounds: Number(values.rounds), maxWarmUp: MAX_WARM_UP, cost: toCost },
      );
      const { alone, beside } = measured;
      print("guest alone", alone, "guest");
      print("guest with flood", beside, "guest");
      print("flood", beside, "flood");
      console.log(`  CPU per reply alone: ${formatSpread(alone.map(toCost), 1)} µs`);
      console.log(`  CPU per reply with flood: ${formatSpread(beside.map(toCost), 1)} µs`);
      const stretch = toMedian(beside.map((round) => round.stretch));
      if (stretch > MAX_STRETCH) {
        const times = stretch.toFixed(1);
        console.log(
          `  the load took ${times} times as long as planned: this machine is too slow to send and serve it`,
        );
      }
      const [before, during] = [alone, beside].map((rounds) =>
        rounds.map(({ clients }) => toQuantile(clients["guest"]?.get(200) ?? [], 0.99)),
      );
      const ratios = toRatios(during ?? [], before ?? []);
      console.log(
        `  p99 of accepted guest requests, with flood / alone: ${formatSpread(ratios, 1)}`,
      );
      console.log(`  ${warmUp}\n`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measureRound(
  { port, pid }: Pick<ServerProcess, "port" | "pid">,
  loads: Readonly<Record<string, OpenLoad>>,
  milliseconds: number,
): Promise<Round> {
  const names = Object.keys(loads);
  const before = await readTree(pid);
  const start = performance.now();
  const latencies = await sendLoads(port, Object.values(loads), milliseconds);
  const stretch = (performance.now() - start) / milliseconds;
  const { cpuSeconds } = await readTree(pid);
  return {
    clients: Object.fromEntries(names.map((name, i) => [name, latencies[i] ?? new Map()])),
    stretch,
    cpuSeconds: cpuSeconds - before.cpuSeconds,
  };
}

/** Returns the CPU time of the server per reply, in microseconds. */
function toCost({ clients, cpuSeconds }: Round): number {
  const lists = Object.values(clients).flatMap((latencies) => [...latencies.values()]);
  return (1e6 * cpuSeconds) / lists.reduce((sum, list) => sum + list.length, 0);
}

/** Prints the replies of a client by status: their rate, and the quantiles of their latencies over the rounds. */
function print(name: string, rounds: readonly Round[], client: string): void {
  const statuses = new Set(rounds.flatMap(({ clients }) => [...(clients[client]?.keys() ?? [])]));
  for (const status of statuses) {
    const lists = rounds.map(({ clients }) => clients[client]?.get(status) ?? []);
    const count = lists.reduce((sum, list) => sum + list.length, 0);
    const quantiles = [0.5, 0.99, 0.999].map((q) =>
      formatSpread(
        lists.map((list) => toQuantile(list, q)),
        2,
      ),
    );
    console.log(
      `  ${name.padEnd(18)} ${status} ${String(count).padStart(7)} replies, ms p50 ${quantiles[0]}, p99 ${quantiles[1]}, p99.9 ${quantiles[2]}`,
    );
  }
}

function toMessage(key: string): string {
  return (
    `POST /predict HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${key}\r\n` +
    `content-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`
  );
}

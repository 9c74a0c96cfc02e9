import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { toIrisRequest } from "../src/cli/commands/train.ts";
import { trainModel } from "../src/training/train-model.ts";
import { toMedian } from "./statistics.ts";

const CONNECTIONS = 64;
const BODY = JSON.stringify({
  sepal_length: 5.1,
  sepal_width: 3.5,
  petal_length: 1.4,
  petal_width: 0.2,
});

/**
 * One prediction a request: Tepal with everything on beside a bare node:http server that parses the same body and
 * writes a reply of the same size. In turns, 64 connections; requests per second of the server's own CPU, so that the
 * load generator and the machine's other work count for neither.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "7" },
      seconds: { type: "string", default: "2" },
    },
  });
  const rounds = Number(values.rounds);
  const milliseconds = Number(values.seconds) * 1_000;
  const models = await mkdtemp(join(tmpdir(), "tepal-bench-"));
  try {
    await trainModel(await toIrisRequest(models));
    await using bare = await startServer("bare");
    await using tepal = await startServer("tepal", models);
    console.log(
      `POST /predict, ${CONNECTIONS} connections, ${rounds} rounds of ${values.seconds} s in turns;\n` +
        "requests per second of server CPU: tepal (validation, guard, all metrics, request ids) and bare node:http\n",
    );
    const ratios: number[] = [];
    for (let round = -1; round < rounds; round++) {
      const rates = [await measure(tepal, milliseconds), await measure(bare, milliseconds)];
      const [ours = 0, theirs = 1] = rates;
      if (round < 0) continue;
      ratios.push(ours / theirs);
      console.log(
        `  tepal ${ours.toFixed(0).padStart(7)}   bare ${theirs.toFixed(0).padStart(7)}   ratio ${(ours / theirs).toFixed(3)}`,
      );
    }
    console.log(`\nmedian ratio ${toMedian(ratios).toFixed(3)}`);
  } finally {
    await rm(models, { recursive: true });
  }
}

interface Side extends AsyncDisposable {
  readonly pool: Pool;
  /** CPU seconds of the process so far, user and system. */
  cpuSeconds(): Promise<number>;
}

async function startServer(...words: readonly string[]): Promise<Side> {
  const child = fork(fileURLToPath(new URL("./http-server.ts", import.meta.url)), words);
  const { port } = await receive<{ port: number }>(child);
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS, pipelining: 1 });
  return {
    pool,
    async cpuSeconds() {
      child.send("cpu");
      const { user, system } = await receive<NodeJS.CpuUsage>(child);
      return (user + system) / 1e6;
    },
    async [Symbol.asyncDispose]() {
      await pool.close();
      child.disconnect();
      await once(child, "exit");
    },
  };
}

async function receive<T>(child: ChildProcess): Promise<T> {
  const [message] = await once(child, "message");
  return message;
}

/** Requests per second of server CPU, with every connection always busy. */
async function measure({ pool, cpuSeconds }: Side, milliseconds: number): Promise<number> {
  const before = await cpuSeconds();
  const end = performance.now() + milliseconds;
  let requests = 0;
  const work = async (): Promise<void> => {
    while (performance.now() < end) {
      const { statusCode, body } = await pool.request({
        path: "/predict",
        method: "POST",
        headers: { "content-type": "application/json" },
        body: BODY,
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`status ${statusCode}`);
      requests += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  return requests / ((await cpuSeconds()) - before);
}

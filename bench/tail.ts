import { parseArgs } from "node:util";
import { connectLoad, forkServer, type ForkedServer, type Load } from "./http-load.ts";
import { sendLoads } from "./open-load.ts";
import { createModelFolder, IRIS_ROW } from "./rows.ts";
import { formatSpread, toQuantile, toRatios } from "./statistics.ts";
import { takeTurns } from "./turns.ts";

const LOAD: Load = { connections: 64, path: "/predict", body: JSON.stringify(IRIS_ROW) };
const QUANTILES = [0.5, 0.99, 0.999];
/** Milliseconds in which the highest rate of a server is measured. */
const SATURATION_MS = 2_000;

/**
 * Compares the latency of Tepal with all features enabled and of a bare node:http server at half load: half of the rate that the slower
 * of both reaches with 64 busy connections. Requests are sent at this rate, independent of the replies, in turns.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "15" },
      seconds: { type: "string", default: "3" },
    },
  });
  const milliseconds = Number(values.seconds) * 1_000;
  await using models = await createModelFolder();
  await using tepal = await forkServer(["tepal", models.path]);
  await using bare = await forkServer(["bare"]);
  const highest = Math.min(await saturate(tepal), await saturate(bare));
  const requestsPerSecond = Math.floor(highest / 2);
  const measure = (server: ForkedServer) => async (): Promise<readonly number[]> => {
    const load = { requestsPerSecond, connections: 64, message: toMessage(), niceness: 0 };
    const [latencies] = await sendLoads(server.port, [load], milliseconds);
    if (latencies?.size !== 1) throw new Error("The server sent replies other than 200.");
    return latencies.get(200) ?? [];
  };
  console.log(
    `POST ${LOAD.path}, ${requestsPerSecond} requests per second, ${values.rounds} alternating rounds of ${values.seconds} s`,
  );
  const { measured, warmUp } = await takeTurns(
    { tepal: measure(tepal), bare: measure(bare) },
    { rounds: Number(values.rounds), cost: (latencies) => toQuantile(latencies, 0.5) },
  );
  for (const quantile of QUANTILES) {
    const [ours, theirs] = [measured.tepal, measured.bare].map((rounds) =>
      rounds.map((latencies) => toQuantile(latencies, quantile)),
    );
    if (ours === undefined || theirs === undefined) continue;
    const name = `p${100 * quantile}`.padEnd(6);
    const each = `tepal ${formatSpread(ours, 2)} ms, bare ${formatSpread(theirs, 2)} ms`;
    console.log(`  ${name} ${each}, ratio ${formatSpread(toRatios(ours, theirs), 2)}`);
  }
  console.log(warmUp);
}

/** Returns the replies per second of wall time with all connections busy. */
async function saturate({ port }: ForkedServer): Promise<number> {
  using driver = await connectLoad(port, LOAD);
  await driver.drive(SATURATION_MS);
  return (await driver.drive(SATURATION_MS)) / (SATURATION_MS / 1_000);
}

function toMessage(): string {
  const body = JSON.stringify(IRIS_ROW);
  return (
    `POST ${LOAD.path} HTTP/1.1\r\nhost: 127.0.0.1\r\n` +
    `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  );
}

import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { startLearnerServer, type LearnerServer } from "./tutorial/learner-server.ts";

const RECEIVER = { host: "127.0.0.1", port: 21_102 };
const OPTIONS = [
  "--config=examples/tutorial/tepal.json",
  "--load-script=examples/tutorial/load.ts",
  `--alert-webhook=http://${RECEIVER.host}:${RECEIVER.port}/`,
];
/** A scrape and its storage. */
const SCRAPE_MS = 6_000;
const PREDICT = 'route=~".*/predict.*"';
const OTHERS = 'route!~"/metrics|/health/.*|/prometheus/.*"';
const ALERT = "MeanLatencySpike";
const ALERT_MS = 120_000;
const SINGLES = 1_000;

/** Measures the numbers of the tutorial's pages, on one server as a learner has it. Takes five minutes. */
export async function run(): Promise<void> {
  await using server = await startLearnerServer(OPTIONS);
  await measureIdle(server);
  await measureBatches(server);
  await measureLatency(server);
  await measureSignals(server);
  await measureCpu(server);
  await measureAlert(server);
}

const toMilliseconds = (seconds: number): string => `${(1_000 * seconds).toFixed(2)} ms`;

/** Page 2.14. */
async function measureIdle(server: LearnerServer): Promise<void> {
  await sleep(35_000);
  const cores = await server.query("rate(process_cpu_seconds_total[20s])");
  console.log(`2.14 idle: ${cores.toFixed(3)} cores`);
}

/** Page 2.3. */
async function measureBatches(server: LearnerServer): Promise<void> {
  const output = await server.run(["examples/tutorial/batch-sizes.ts", server.url]);
  const times = new Map<number, number>();
  for (const line of output.trim().split("\n").slice(1)) {
    const [rows = 0, requests = 0, perSecond = 0, milliseconds = 0] = line
      .trim()
      .split(/\s+/)
      .map(Number);
    times.set(rows, milliseconds);
    console.log(
      `2.3 rows ${rows}: ${requests} requests/s, ${perSecond} rows/s, ${milliseconds} ms`,
    );
  }
  const [one, hundred, thousand] = [1, 100, 1_000].map((rows) => times.get(rows) ?? Number.NaN);
  const cost = (thousand! - one!) / 999;
  console.log(`2.3 a row: ${(1_000 * cost).toFixed(1)} µs`);
  console.log(`2.3 fixed: ${(one! - cost).toFixed(2)} ms`);
  console.log(`2.3 computed for 100 rows: ${(one! + 99 * cost).toFixed(2)} ms`);
  console.log(`2.3 rows of 100 beside 1: ${((100 * one!) / hundred!).toFixed(0)} times`);
}

/** Returns the query of the mean latency of routes. */
function toMean(route: string): string {
  return `sum(rate(api_request_latency_seconds_sum{${route}}[30s])) / sum(rate(api_request_latency_seconds_count{${route}}[30s]))`;
}

/** Page 2.10. */
async function measureLatency(server: LearnerServer): Promise<void> {
  const sendSingles = () =>
    server.run(["examples/tutorial/traffic.ts", `--requests=${SINGLES}`, `--url=${server.url}`]);
  const median = `histogram_quantile(0.5, sum by (le) (rate(api_request_latency_seconds_bucket{${PREDICT}}[30s])))`;
  const print = async (name: string): Promise<void> => {
    await sleep(SCRAPE_MS);
    const [middle, average] = [await server.query(median), await server.query(toMean(PREDICT))];
    console.log(`2.10 ${name}: median ${toMilliseconds(middle)}, mean ${toMilliseconds(average)}`);
  };
  // The batches of page 2.3 leave the window.
  await sleep(30_000);
  await sendSingles();
  await print("single rows");
  await startLoad(server, { users: 1, userClass: "Importer", seconds: 20 });
  const begin = performance.now();
  await sendSingles();
  await sleep(Math.max(0, 20_000 - (performance.now() - begin)));
  await print("with batches");
  const batches = 'route=~".*/predict/batch"';
  const count = await server.query(
    `sum(increase(api_request_latency_seconds_count{${batches}}[30s]))`,
  );
  const duration = await server.query(toMean(batches));
  console.log(`2.10 batches: ${count.toFixed(0)} of ${toMilliseconds(duration)}`);
}

/** Page 2.13. */
async function measureSignals(server: LearnerServer): Promise<void> {
  await startLoad(server, { users: 20, userClass: "Visitor", seconds: 62 });
  await sleep(60_000);
  const p95 = `histogram_quantile(0.95, sum by (le) (rate(api_request_latency_seconds_bucket{${OTHERS}}[30s])))`;
  const rate = `sum(rate(api_requests_total{${OTHERS}}[30s]))`;
  const failures = 'sum(increase(api_requests_total{status=~"5.."}[30s])) or vector(0)';
  const busy = "rate(nodejs_eventloop_active_seconds_total[30s]) / tepal_workers";
  console.log(`2.13 p95: ${toMilliseconds(await server.query(p95))}`);
  console.log(`2.13 traffic: ${(await server.query(rate)).toFixed(1)} requests/s`);
  console.log(`2.13 errors: ${await server.query(failures)}`);
  console.log(`2.13 event loop: ${(100 * (await server.query(busy))).toFixed(1)} %`);
}

/** Page 2.14. */
async function measureCpu(server: LearnerServer): Promise<void> {
  await startLoad(server, { users: 4, userClass: "Importer", seconds: 32 });
  await sleep(31_000);
  const cores = await server.query("rate(process_cpu_seconds_total[20s])");
  const busy = await server.query(
    "rate(nodejs_eventloop_active_seconds_total[20s]) / tepal_workers",
  );
  console.log(`2.14 importers: event loop ${busy.toFixed(2)}, ${cores.toFixed(2)} cores`);
}

interface Message {
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
  }[];
}

/** Page 2.11: seconds from the start of the load until the messages arrive. */
async function measureAlert(server: LearnerServer): Promise<void> {
  const pending = `sum(ALERTS{alertname="${ALERT}",alertstate="pending"})`;
  const active = `sum(ALERTS{alertname="${ALERT}"})`;
  // The importers of the measurement before may have set it off.
  await waitUntil(async () => Number.isNaN(await server.query(active)));
  await sleep(SCRAPE_MS);
  const arrived = new Map<string, number>();
  let begin = 0;
  const receiver = createServer(async (message, reply) => {
    const { alerts } = (await json(message)) as Message;
    for (const { status, labels } of alerts) {
      if (labels["alertname"] === ALERT) arrived.set(status, performance.now() - begin);
    }
    reply.end();
  }).listen(RECEIVER.port, RECEIVER.host);
  try {
    begin = performance.now();
    await startLoad(server, { users: 8, userClass: "Importer", seconds: 45 });
    await waitUntil(async () => (await server.query(pending)) > 0);
    const seconds = [performance.now() - begin];
    await waitUntil(() => arrived.has("firing"));
    await waitUntil(() => arrived.has("resolved"));
    seconds.push(arrived.get("firing")!, arrived.get("resolved")!);
    const [first, firing, resolved] = seconds.map((each) => (each / 1_000).toFixed(0));
    console.log(`2.11 pending: ${first} s, firing: ${firing} s, resolved: ${resolved} s`);
  } finally {
    receiver.close();
  }
}

async function waitUntil(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + ALERT_MS;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`${ALERT} does not change.`);
    await sleep(200);
  }
}

interface Load {
  readonly users: number;
  readonly userClass: string;
  readonly seconds: number;
}

/** Starts a load test, after one that has not ended yet. */
async function startLoad(
  { url }: LearnerServer,
  { users, userClass, seconds }: Load,
): Promise<void> {
  const plan = {
    profile: { kind: "users", users, spawn_rate: users },
    user_classes: [userClass],
    run_time_seconds: seconds,
  };
  for (;;) {
    const { statusCode, body } = await request(`${url}/console/load/api/load/start`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(plan),
    });
    const text = await body.text();
    if (statusCode < 300) return;
    if (statusCode !== 409) throw new Error(`The load test does not start: ${text}`);
    await sleep(500);
  }
}

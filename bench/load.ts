import { execFile, fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { createLoadTest } from "../src/load/coordinator/create-load-test.ts";
import { DEFAULT_HTTP_OPTIONS } from "../src/load/generator/http-options.ts";
import type { Profile } from "../src/load/contract/plan.ts";
import type { RunReport } from "../src/load/contract/report.ts";
import { DEFAULT_PLAN } from "../src/load/contract/resolve-plan.ts";
import { formatSpread, toRatios } from "./statistics.ts";

const CONNECTIONS = 64;
const toPath = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const execute = promisify(execFile);

/** Requests of a generator and the CPU time that they took. */
interface Cost {
  readonly requests: number;
  readonly cpuSeconds: number;
}

/**
 * Measures the load generator against a server that does nothing. Arguments select the parts:
 * - cost: requests per second of generator CPU, compared with autocannon and, if TEPAL_LOCUST_PYTHON names a Python that has it,
 *   Locust, in alternating rounds
 * - lateness: delay of arrivals in an open model
 * - stall: percentiles measured during a stall of the server
 * - users: cost of many waiting users
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "7" },
      seconds: { type: "string", default: "5" },
      minutes: { type: "string", default: "2" },
    },
  });
  const isSelected = (part: string): boolean =>
    positionals.length === 0 || positionals.includes(part);
  const server = fork(toPath("./load/server.ts"));
  const { port } = await receive<{ port: number }>(server);
  const url = `http://127.0.0.1:${port}`;
  try {
    if (isSelected("cost")) await measureCost(url, Number(values.rounds), Number(values.seconds));
    if (isSelected("lateness")) await measureLateness(url, Number(values.seconds));
    if (isSelected("stall")) await measureStall(url, server);
    if (isSelected("users")) await measureUsers(url, Number(values.minutes) * 60);
  } finally {
    server.disconnect();
    await once(server, "exit");
  }
}

async function measureCost(url: string, rounds: number, seconds: number): Promise<void> {
  const python = process.env["TEPAL_LOCUST_PYTHON"];
  const sides: Record<string, () => Promise<Cost>> = {
    tepal: () => runTepal(url, seconds),
    autocannon: () => runAutocannon(url, seconds),
    ...(python === undefined
      ? {}
      : {
          "Locust FastHttpUser": () => runLocust(python, url, seconds, "fast"),
          "Locust HttpUser": () => runLocust(python, url, seconds, "requests"),
        }),
  };
  const rates = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(sides)) {
      const { requests, cpuSeconds } = await measure();
      rates.set(name, [...(rates.get(name) ?? []), requests / cpuSeconds]);
    }
  }
  console.log(
    `Requests per second of generator CPU, ${CONNECTIONS} connections, median (quartiles) of ${rounds} rounds of ${seconds} s in turns:`,
  );
  const ours = rates.get("tepal") ?? [];
  for (const [name, theirs] of rates) {
    const ratio = formatSpread(toRatios(ours, theirs), 2);
    console.log(
      `  ${name.padEnd(20)} ${formatSpread(theirs).padStart(24)}  tepal / this: ${ratio}`,
    );
  }
  if (python === undefined) {
    console.log(
      "  Locust is not measured. Set TEPAL_LOCUST_PYTHON to a Python that has it:\n" +
        "    python3 -m venv /tmp/locust && /tmp/locust/bin/pip install locust",
    );
  }
}

/** Measures from the end of the first second to the last, in the same way as autocannon. */
async function runTepal(url: string, seconds: number): Promise<Cost> {
  const profile = { kind: "users", users: CONNECTIONS, spawn_rate: 1_000 } as const;
  const costs: Cost[] = [];
  await runLoad("./load/no-wait.ts", url, profile, seconds + 1.5, (report) => {
    costs.push({ requests: report.total.requests, cpuSeconds: report.generator.cpu_seconds });
  });
  const [first, last] = [costs[0], costs.findLast(({ cpuSeconds }) => cpuSeconds > 0)];
  return {
    requests: (last?.requests ?? 0) - (first?.requests ?? 0),
    cpuSeconds: (last?.cpuSeconds ?? 0) - (first?.cpuSeconds ?? 0),
  };
}

async function runAutocannon(url: string, seconds: number): Promise<Cost> {
  const child = fork(toPath("./load/autocannon.ts"), [url, String(CONNECTIONS), String(seconds)]);
  const cost = await receive<Cost>(child);
  await once(child, "exit");
  return cost;
}

async function runLocust(
  python: string,
  url: string,
  seconds: number,
  kind: string,
): Promise<Cost> {
  const words = [toPath("./load/locust_cost.py"), url, String(CONNECTIONS), String(seconds), kind];
  const { stdout } = await execute(python, words);
  const [requests = 0, cpuSeconds = 0] = stdout.trim().split(/\s+/).slice(-2).map(Number);
  return { requests, cpuSeconds };
}

/** Formats a value; null was not measured. */
function toText(value: number | null, digits: number): string {
  return value?.toFixed(digits) ?? "–";
}

async function measureLateness(url: string, seconds: number): Promise<void> {
  const profile = { kind: "constant_rate", rate: 5_000, poisson: false, max_users: 1_000 } as const;
  const { generator, series, total } = await runLoad("./load/no-wait.ts", url, profile, seconds);
  const first = series[0]?.lateness_p99_ms ?? Number.NaN;
  console.log(
    `5,000 arrivals/s for ${seconds} s: lateness p99 ${toText(generator.lateness_p99_ms, 2)} ms, in the first second ${first.toFixed(2)} ms; ` +
      `${total.requests} sent, ${generator.dropped} dropped, utilization ${((generator.utilisation_mean ?? Number.NaN) * 100).toFixed(0)} %`,
  );
}

async function measureStall(url: string, server: ChildProcess): Promise<void> {
  const profile = { kind: "constant_rate", rate: 100, poisson: false, max_users: 1_000 } as const;
  const running = runLoad("./load/no-wait.ts", url, profile, 10);
  await sleep(5_000);
  server.send(2_000);
  const { total } = await running;
  const { p90_ms: p90 = 0, p95_ms: p95 = 0 } = total.response_time ?? {};
  console.log(
    `2 s stall in 10 s at 100 requests/s: p90 ${toText(p90, 0)} ms (theory 1000), p95 ${toText(p95, 0)} ms (theory 1500), ` +
      `${total.requests} requests, ${total.failures} failed`,
  );
}

async function measureUsers(url: string, seconds: number): Promise<void> {
  const profile = { kind: "users", users: 2_000, spawn_rate: 200 } as const;
  const samples: { at: number; cpu: number; memory: number; users: number }[] = [];
  const report = await runLoad("./load/waiting.ts", url, profile, seconds, (now) => {
    samples.push({
      at: now.elapsed_seconds,
      cpu: now.generator.cpu_seconds,
      memory: (now.generator.memory_bytes ?? 0) / 2 ** 20,
      users: now.users,
    });
  });
  const full = samples.filter(({ users }) => users === 2_000);
  const [first, last] = [full[0], full.at(-1)];
  const share = ((last?.cpu ?? 0) - (first?.cpu ?? 0)) / ((last?.at ?? 0) - (first?.at ?? 0));
  const third = Math.floor(full.length / 3);
  const mean = (part: typeof full): number =>
    part.reduce((sum, { memory }) => sum + memory, 0) / part.length;
  console.log(
    `2,000 users with waits of 1–3 s for ${seconds} s: ${(share * 100).toFixed(1)} % of a core, ` +
      `maximum ${Math.max(...full.map(({ memory }) => memory)).toFixed(0)} MB (thirds: ${mean(full.slice(0, third)).toFixed(0)}, ` +
      `${mean(full.slice(third, 2 * third)).toFixed(0)}, ${mean(full.slice(2 * third)).toFixed(0)} MB), ` +
      `${report.total.current_requests_per_second.toFixed(0)} requests/s, lateness p99 ${toText(report.generator.lateness_p99_ms, 1)} ms`,
  );
}

async function runLoad(
  script: string,
  host: string,
  profile: Profile,
  seconds: number,
  onSecond: (report: RunReport) => void = () => {},
): Promise<RunReport> {
  const options = { script: toPath(script), http: DEFAULT_HTTP_OPTIONS };
  const loadTest = await createLoadTest(options);
  const { promise, resolve } = Promise.withResolvers<RunReport>();
  loadTest.subscribe((event) => {
    if (event.type === "ended") resolve(event.report);
    else if (event.type === "log") console.error(event.line.message);
    else if (loadTest.report().state === "running") onSecond(loadTest.report());
  });
  await loadTest.start({ ...DEFAULT_PLAN, host, profile, run_time_seconds: seconds });
  const report = await promise;
  await loadTest.close();
  return report;
}

/** Waits for the next message of a child process of this benchmark. */
async function receive<T>(child: ChildProcess): Promise<T> {
  const [message]: T[] = await once(child, "message");
  if (message === undefined) throw new Error("The process sent no message.");
  return message;
}

/**
 * Records an eventful quarter of an hour: two real servers, a real load generator, node-exporter and a real Prometheus with the rules of
 * deploy/, under traffic with errors, an overload, a new model version, a drift, a server that is killed and started again, and one that
 * is down at the end.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { startStandIns } from "../../test/deploy/stand-ins.ts";
import { trainIris, trainPlane } from "../../test/support/models.ts";
import { createTraffic } from "./traffic.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = join(ROOT, "src/cli/main.ts");
const RULES = join(ROOT, "deploy/prometheus/rules/*.yml");
const READY_SECONDS = 60;
/** More concurrent requests than this are rejected, so that the recording has errors of the server. */
const MAX_IN_FLIGHT = 24;

/** Moments of the recording, as shares of its duration. */
const LIFE = {
  deploy: 0.12,
  loadTest: 0.22,
  drift: 0.5,
  overload: 0.6,
  overloadEnd: 0.64,
  driftEnd: 0.7,
  kill: 0.74,
  restart: 0.82,
  killAgain: 0.9,
} as const;

export interface Recording {
  /** Seconds since 1970. */
  readonly start: number;
  readonly end: number;
}

/** @param port the first of ten free ports */
export async function record(folder: string, minutes: number, port: number): Promise<Recording> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const models = join(folder, "models");
  await trainIris(models, { trees: 40 });
  await trainPlane(models);
  const [first, second, load, node] = [port + 1, port + 2, port + 3, port + 4];
  const urls = [first, second].map((number) => `http://127.0.0.1:${number}`);
  const standIns = await startStandIns();
  const children = new Set<ChildProcess>();
  const start = (program: string, args: readonly string[]): ChildProcess => {
    const child = startProgram(program, args, folder);
    children.add(child);
    child.once("exit", () => children.delete(child));
    return child;
  };
  const startServer = (number: number): ChildProcess =>
    start(process.execPath, [
      MAIN,
      "serve",
      `--port=${number}`,
      `--models=${models}`,
      `--max-in-flight=${MAX_IN_FLIGHT}`,
    ]);
  const startLoadTest = (seconds: number): ChildProcess =>
    start(process.execPath, [
      MAIN,
      "load",
      join(ROOT, "examples/iris/loadtest.ts"),
      `--host=${urls[0]}`,
      `--web-port=${load}`,
      `--data-dir=${folder}/load`,
      "--autostart",
      "--shape=gradual",
      "--users=30",
      "--spawn-rate=2",
      `--stage-time=${Math.ceil(seconds / 5)}`,
      `--run-time=${Math.ceil(seconds)}`,
    ]);
  try {
    const servers = [startServer(first), startServer(second)];
    start("prometheus-node-exporter", [`--web.listen-address=127.0.0.1:${node}`]);
    await Promise.all(urls.map((url) => waitFor(`${url}/health/ready`)));
    const jobs = {
      tepal: [first, second].map((number) => `127.0.0.1:${number}`),
      node: [`127.0.0.1:${node}`],
      cadvisor: [standIns.target],
      loadtest: [`127.0.0.1:${load}`],
    };
    await writePrometheusConfig(folder, jobs);
    const monitoring = await startPrometheus(folder, port);
    children.add(monitoring);
    const seconds = minutes * 60;
    const began = Date.now();
    await using traffic = createTraffic(urls);
    const until = (share: number): Promise<unknown> =>
      sleep(Math.max(0, began + share * seconds * 1_000 - Date.now()));

    await until(LIFE.deploy);
    await trainIris(models, { trees: 60 });
    for (const server of servers) server.kill("SIGHUP");
    await until(LIFE.loadTest);
    startLoadTest((LIFE.drift - LIFE.loadTest - 0.06) * seconds);
    await until(LIFE.drift);
    traffic.setDrift(true);
    await until(LIFE.overload);
    traffic.setOverload(true);
    await until(LIFE.overloadEnd);
    traffic.setOverload(false);
    await until(LIFE.driftEnd);
    traffic.setDrift(false);
    await until(LIFE.kill);
    servers[1]?.kill("SIGKILL");
    await until(LIFE.restart);
    startServer(second);
    await until(LIFE.killAgain);
    servers[0]?.kill("SIGKILL");
    await until(1);
    await end(monitoring);
    return { start: began / 1_000, end: Date.now() / 1_000 };
  } finally {
    await Promise.all([...children].map(end));
    await standIns[Symbol.asyncDispose]();
  }
}

function startProgram(program: string, args: readonly string[], folder: string): ChildProcess {
  return spawn(program, args, { cwd: folder, stdio: "ignore" });
}

/** Starts Prometheus on a recording, with its configuration. */
export async function startPrometheus(folder: string, port: number): Promise<ChildProcess> {
  const args = [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = startProgram("prometheus", args, folder);
  await waitFor(`http://127.0.0.1:${port}/-/ready`);
  return child;
}

/** Writes a configuration that scrapes nothing. */
export async function stopScraping(folder: string): Promise<void> {
  await writePrometheusConfig(folder, {});
}

async function writePrometheusConfig(
  folder: string,
  jobs: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  const isRecording = Object.keys(jobs).length > 0;
  const config = {
    global: { scrape_interval: "5s", evaluation_interval: "5s" },
    rule_files: isRecording ? [RULES] : [],
    scrape_configs: Object.entries(jobs).map(([job, targets]) => ({
      job_name: job,
      static_configs: [{ targets }],
    })),
  };
  // JSON is YAML.
  await writeFile(join(folder, "prometheus.yml"), JSON.stringify(config));
}

async function waitFor(url: string): Promise<void> {
  for (let waited = 0; waited < READY_SECONDS; waited += 0.25) {
    const isReady = await request(url).then(
      async ({ statusCode, body }) => {
        await body.dump();
        return statusCode === 200;
      },
      () => false,
    );
    if (isReady) return;
    await sleep(250);
  }
  throw new Error(`${url} did not respond within ${READY_SECONDS} s`);
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

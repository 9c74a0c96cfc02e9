import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { until } from "./workers.ts";

const DEPLOY = fileURLToPath(new URL("../../deploy", import.meta.url));

/** A monitoring program on a port of this machine. Its disposal stops it. */
interface Monitor extends AsyncDisposable {
  readonly url: string;
  /** `host:port`. */
  readonly address: string;
}

export interface Prometheus extends Monitor {
  /** Evaluates an instant query. @param time seconds since 1970; now by default */
  query(promql: string, time?: number): Promise<readonly Sample[]>;
  /** Stops it with SIGTERM, and starts it with the same data. */
  restart(): Promise<void>;
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** `host:port` of the targets in deploy/prometheus/prometheus.yml. */
interface Targets {
  readonly api: string;
  readonly alertmanager: string;
  readonly nodeExporter: string;
}

/**
 * Starts Prometheus with the configuration and rules of deploy/, and the changes that tests need: targets and files are those of the
 * test. Jobs with service discovery are removed, because tests use no network. Scrapes and evaluations run each second, and `for` is
 * two seconds.
 *
 * @param folder a folder for this Prometheus alone; its files stay afterwards
 */
export async function startPrometheus(
  folder: string,
  targets: Targets,
  key: string,
): Promise<Prometheus> {
  const address = await takeAddress();
  await mkdir(`${folder}/rules`, { recursive: true });
  await writeFile(`${folder}/metrics-key`, key, { mode: 0o600 });
  const config = change(await readFile(`${DEPLOY}/prometheus/prometheus.yml`, "utf8"), [
    [/scrape_interval: \w+/g, "scrape_interval: 1s"],
    [/scrape_timeout: \w+/g, "scrape_timeout: 1s"],
    [/evaluation_interval: \w+/g, "evaluation_interval: 1s"],
    [/\/etc\/prometheus\/rules\//g, `${folder}/rules/`],
    [/\/run\/secrets-tepal\/metrics-key/g, `${folder}/metrics-key`],
    [/\n {2}# Optional\..*/gs, ""],
    [/api:8000/g, targets.api],
    [/localhost:9090/g, address],
    [/alertmanager:9093/g, targets.alertmanager],
    [/node-exporter:9100/g, targets.nodeExporter],
  ]);
  await writeFile(`${folder}/prometheus.yml`, config);
  for (const name of await readdir(`${DEPLOY}/prometheus/rules`)) {
    const rules = await readFile(`${DEPLOY}/prometheus/rules/${name}`, "utf8");
    const quick = rules
      .replaceAll(/^( +)for: \w+$/gm, "$1for: 2s")
      .replaceAll(/^( +)interval: \w+$/gm, "$1interval: 1s");
    await writeFile(`${folder}/rules/${name}`, quick);
  }
  const start = () =>
    startProgram("prometheus", `http://${address}/-/ready`, [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${address}`,
      // An alert that fires before Prometheus has discovered Alertmanager is lost until it is sent again, by default a minute later.
      "--rules.alert.resend-delay=2s",
    ]);
  let running = await start();
  return {
    address,
    url: `http://${address}`,
    query: (promql, time) => query(`http://${address}`, promql, time),
    async restart() {
      await end(running);
      running = await start();
    },
    [Symbol.asyncDispose]: () => end(running),
  };
}

/**
 * Reads the Alertmanager configuration of deploy/, changed for Debian's version: receivers are paths of the test's receiver, with the
 * same names. Groups wait for a second.
 */
export async function readAlertmanagerConfig(receiver: string): Promise<string> {
  return change(await readFile(`${DEPLOY}/alertmanager/alertmanager.yml`, "utf8"), [
    [/group_wait: \w+/g, "group_wait: 1s"],
    [/group_interval: \w+/g, "group_interval: 1s"],
    // Debian's 0.25 does not support `url_file`.
    [
      /- name: (\w+)\n( +webhook_configs:\n +- )url_file: \S+/g,
      `- name: $1\n$2url: ${receiver}/$1`,
    ],
  ]);
}

export async function startAlertmanager(folder: string, receiver: string): Promise<Monitor> {
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/alertmanager.yml`, await readAlertmanagerConfig(receiver));
  return startMonitor("prometheus-alertmanager", "/-/ready", [
    `--config.file=${folder}/alertmanager.yml`,
    `--storage.path=${folder}/data`,
    // A single instance has no cluster.
    "--cluster.listen-address=",
  ]);
}

/** Starts Alertmanager with a configuration of the test. */
export async function startAlertmanagerWith(folder: string, config: object): Promise<Monitor> {
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/alertmanager.yml`, JSON.stringify(config));
  return startMonitor("prometheus-alertmanager", "/-/ready", [
    `--config.file=${folder}/alertmanager.yml`,
    `--storage.path=${folder}/data`,
    "--cluster.listen-address=",
  ]);
}

export const startNodeExporter = (): Promise<Monitor> =>
  startMonitor("prometheus-node-exporter", "/");

/**
 * Starts Prometheus with a configuration of the test, and waits until it is ready.
 *
 * @param program the path of another version
 * @param headers credentials for its readiness, if it requires some
 */
export const startPrometheusWith = (
  args: readonly string[],
  program = "prometheus",
  headers: Headers = {},
): Promise<Monitor> => startMonitor(program, "/-/ready", args, headers);

type Headers = Readonly<Record<string, string>>;

/** An alert in a webhook message of Alertmanager. */
interface Notification {
  /** The path of the webhook. */
  readonly path: string;
  readonly alertname: string;
  readonly status: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Starts a webhook that records the alerts it receives. */
export async function startReceiver() {
  const received: Notification[] = [];
  const server = createHttpServer(async (incoming, reply) => {
    let text = "";
    for await (const chunk of incoming) text += String(chunk);
    reply.end();
    const { alerts }: { alerts: Notification[] } = JSON.parse(text);
    const path = incoming.url ?? "";
    for (const { labels, annotations, status } of alerts) {
      received.push({ path, alertname: labels["alertname"] ?? "", status, labels, annotations });
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received: received as readonly Notification[],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

let takenPorts = 0;

/**
 * Reserves a local port for a program that cannot choose one itself. It is below the range from which the system assigns ports
 * to connections and to listeners on port 0, and differs between test processes.
 */
export async function takeAddress(): Promise<string> {
  for (;;) {
    const port = 10_000 + (process.pid % 220) * 100 + (takenPorts++ % 100);
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    await new Promise((resolve) => void server.close(resolve));
    return `127.0.0.1:${port}`;
  }
}

/** @throws Error if a pattern does not match: the test would then use another configuration */
function change(text: string, changes: readonly (readonly [RegExp, string])[]): string {
  return changes.reduce((before, [pattern, replacement]) => {
    const after = before.replaceAll(pattern, replacement);
    if (after === before) throw new Error(`The configuration does not match ${pattern}`);
    return after;
  }, text);
}

async function query(url: string, promql: string, time?: number): Promise<readonly Sample[]> {
  const at = time === undefined ? "" : `&time=${time}`;
  const reply = await request(`${url}/api/v1/query?query=${encodeURIComponent(promql)}${at}`);
  const body = (await reply.body.json()) as {
    status: string;
    error?: string;
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  if (body.status !== "success") throw new Error(`${promql}: ${body.error}`);
  return body.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

/** @param ready a path with status 200 once the program is ready */
async function startMonitor(
  program: string,
  ready: string,
  args: readonly string[] = [],
  headers: Headers = {},
): Promise<Monitor> {
  const address = await takeAddress();
  const url = `http://${address}`;
  const listen = `--web.listen-address=${address}`;
  const running = await startProgram(program, `${url}${ready}`, [listen, ...args], headers);
  return { address, url, [Symbol.asyncDispose]: () => end(running) };
}

async function startProgram(
  program: string,
  ready: string,
  args: readonly string[],
  headers: Headers = {},
): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (log += chunk));
  await until(async () => {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${program} exited: ${log}`);
    }
    return request(ready, { headers }).then(
      async ({ statusCode, body }) => {
        await body.dump();
        return statusCode === 200;
      },
      () => false,
    );
  });
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/**
 * Provokes each default alert on real servers, and prints when it arrives, with its message: through Prometheus and Alertmanager, and
 * through the built-in evaluator. `for`, windows and intervals are those of production, so it takes half an hour:
 * `node scripts/provoke-alerts.ts [--minutes 25] [--port 21900] [--json FILE]`. Requires Debian's prometheus, prometheus-alertmanager,
 * prometheus-node-exporter and faketime.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { request } from "undici";
import { ALERTS } from "../dashboards/rules.ts";
import { renderDefaultRules } from "../src/default-rules/default-rules.ts";
import { DEFAULT_SERVER_URL, parseAlertSettings } from "../src/default-rules/settings.ts";
import {
  startAlertmanager,
  startNodeExporter,
  startPrometheusWith,
  startReceiver,
  takeAddress,
} from "../test/support/monitoring.ts";
import { startTroubles } from "./alerts/troubles.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "25" },
    port: { type: "string", default: "21900" },
    json: { type: "string" },
  },
});
/** Limits that a test machine exceeds, for alerts about resources. */
const SETTINGS = JSON.stringify({ eventLoopBusy: 0.001, memoryShare: 0.001, hostMemoryShare: 1 });
const LOOK_MS = 5_000;

interface Arrival {
  /** Seconds since its trouble began. */
  readonly seconds: number;
  readonly summary: string;
  readonly description: string;
}

const folder = await mkdtemp(join(tmpdir(), "tepal-alerts-"));
await using resources = new AsyncDisposableStack();
resources.defer(() => rm(folder, { recursive: true, force: true }));

const receiver = resources.use(await startReceiver());
const alertmanager = resources.use(await startAlertmanager(`${folder}/alertmanager`, receiver.url));
const nodeExporter = resources.use(await startNodeExporter());
const closed = await takeAddress();
await writeFile(`${folder}/limits.json`, SETTINGS);
await mkdir(`${folder}/rules`);
const rules = renderDefaultRules(parseAlertSettings("limits.json", SETTINGS), DEFAULT_SERVER_URL);
for (const [name, text] of rules) await writeFile(`${folder}/rules/${name}`, text);

const ended = new AbortController();
process.once("SIGINT", () => ended.abort());
const arrivals = { prometheus: new Map<string, Arrival>(), builtIn: new Map<string, Arrival>() };
const names = [...new Set(ALERTS.map(({ alert }) => alert))];
const isComplete = (): boolean =>
  names.every((name) => arrivals.prometheus.has(name) && arrivals.builtIn.has(name));
const job = (name: string, ...targets: readonly string[]): object => ({
  job_name: name,
  static_configs: [{ targets }],
});
await writeFile(
  `${folder}/prometheus.yml`,
  JSON.stringify({
    global: { scrape_interval: "5s", scrape_timeout: "5s", evaluation_interval: "15s" },
    rule_files: [`${folder}/rules/*.yml`],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager.address] }] }] },
    scrape_configs: [
      { job_name: "tepal", file_sd_configs: [{ files: [`${folder}/targets.json`] }] },
      job("node", nodeExporter.address),
      job("sensor", closed),
    ],
  }),
);
resources.use(
  await startPrometheusWith([
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/prometheus`,
  ]),
);

const troubles = new Map<string, { readonly description: string; readonly startMs: number }>();
console.error("Starting the servers…");
const looking = lookUntilEnd();
const running = await startTroubles({
  folder,
  firstPort: Number(values.port),
  signal: ended.signal,
  targets: [`node=http://${nodeExporter.address}/metrics`, `sensor=http://${closed}/metrics`],
  options: [
    `--alert-settings=${folder}/limits.json`,
    `--alert-webhook=${receiver.url}/built-in`,
    '--alert-webhook-match=severity!=""',
    "--alert-group-wait=0",
    "--alert-group-interval=5",
  ],
  onServers: (targets) => writeFile(`${folder}/targets.json`, JSON.stringify([{ targets }])),
  onTrouble({ description, alerts }) {
    console.error(`  ${description}`);
    for (const alert of alerts) troubles.set(alert, { description, startMs: Date.now() });
  },
});
resources.defer(async () => {
  ended.abort();
  await running.end();
});
await looking;

const toCell = (arrival: Arrival | undefined): string =>
  arrival === undefined ? "not within the run" : `${arrival.seconds} s`;
console.log(
  "| Alert | Provoked by | Prometheus and Alertmanager | Built-in |\n| --- | --- | --- | --- |",
);
for (const name of names) {
  const trouble = troubles.get(name)?.description ?? "";
  const [first, second] = [arrivals.prometheus.get(name), arrivals.builtIn.get(name)];
  console.log(`| ${name} | ${trouble} | ${toCell(first)} | ${toCell(second)} |`);
}
if (values.json !== undefined) {
  const found = Object.entries(arrivals).map(([engine, map]) => [engine, Object.fromEntries(map)]);
  await writeFile(values.json, JSON.stringify(Object.fromEntries(found), null, 2));
}
if (!isComplete()) process.exitCode = 1;

function record(
  engine: "prometheus" | "builtIn",
  name: string,
  { summary = "", description = "" }: Readonly<Record<string, string>>,
): void {
  const trouble = troubles.get(name);
  if (arrivals[engine].has(name) || trouble === undefined) return;
  const seconds = Math.round((Date.now() - trouble.startMs) / 1_000);
  arrivals[engine].set(name, { seconds, summary, description });
  console.error(`${String(seconds).padStart(5)} s  ${engine}  ${name}: ${summary}`);
}

/** Records the alerts that Alertmanager holds, since it drops those of severity info, and those that the built-in evaluators send. */
async function look(): Promise<void> {
  const reply = await request(`${alertmanager.url}/api/v2/alerts`);
  const alerts = (await reply.body.json()) as {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
  for (const { labels, annotations } of alerts) {
    record("prometheus", labels["alertname"] ?? "", annotations);
  }
  for (const { path, alertname, annotations } of receiver.received) {
    if (path === "/built-in") record("builtIn", alertname, annotations);
  }
}

async function lookUntilEnd(): Promise<void> {
  const endMs = Date.now() + Number(values.minutes) * 60_000;
  while (!ended.signal.aborted && !isComplete() && Date.now() < endMs) {
    await look();
    await sleep(LOOK_MS, undefined, { signal: ended.signal }).catch(() => {});
  }
  ended.abort();
}

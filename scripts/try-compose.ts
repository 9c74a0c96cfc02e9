/**
 * Brings compose.yaml up with a real Docker and tries what docs/monitoring-stack.md says of it: `npm run test:compose --
 * [--stand-ins] [--compose PROGRAM] [--start-docker]`. Takes some minutes; all that it makes but images is removed.
 * `--stand-ins` makes images of its own where no registry can be reached, `--compose` names another program than
 * `docker compose`, `--start-docker` starts a Docker daemon of its own (as root) and stops it.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeStandIns } from "./stand-in-images.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROJECT = "tepal-try";
const PORTS = {
  API: 28_000,
  PROMETHEUS: 29_090,
  ALERTMANAGER: 29_093,
  GRAFANA: 23_000,
  LOADTEST: 28_089,
  HTTP: 20_080,
  HTTPS: 20_443,
};
const PARTS = [
  "api",
  "prometheus",
  "alertmanager",
  "grafana",
  "loadtest",
  "node-exporter",
] as const;
const PREDICTION = {
  method: "POST",
  body: JSON.stringify({
    sepal_length: 5.1,
    sepal_width: 3.5,
    petal_length: 1.4,
    petal_width: 0.2,
  }),
};
const PREDICTIONS = 'sum(api_requests_total{status="200",route="/predict"})';
const PATIENCE_MS = 180_000;

const { values: options } = parseArgs({
  options: {
    "stand-ins": { type: "boolean", default: false },
    compose: { type: "string", default: "docker compose" },
    "start-docker": { type: "boolean", default: false },
  },
});

const folder = await mkdtemp(join(tmpdir(), "tepal-compose-"));
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  COMPOSE_PROJECT_NAME: PROJECT,
  TEPAL_IMAGE: "tepal:try",
  TLS_ADDRESS: "127.0.0.1",
  ...Object.fromEntries(
    Object.entries(PORTS).map(([name, port]) => [`${name}_PORT`, String(port)]),
  ),
};

function run(program: string, words: readonly string[], isQuiet = false): string {
  const done = spawnSync(program, words, {
    cwd: ROOT,
    env: environment,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (done.error !== undefined)
    throw new Error(`${program} is not installed`, { cause: done.error });
  if (done.status !== 0 && !isQuiet) {
    throw new Error(`${program} ${words.join(" ")}\n${done.stdout}${done.stderr}`);
  }
  return done.stdout.trim();
}

const docker = (...words: string[]): string => run("docker", words);

/** The compose program with these files besides compose.yaml. */
function compose(files: readonly string[], ...words: string[]): string {
  const [program = "docker", ...first] = options.compose.split(" ");
  const named = ["compose.yaml", ...files].flatMap((file) => ["--file", file]);
  return run(program, [...first, ...named, ...words]);
}

function expect(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`not so: ${what}`);
  console.log(`  ${what}`);
}

async function waitFor(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const is = await Promise.resolve(isSo()).catch(() => false);
    if (is || performance.now() > end) {
      expect(is, what);
      return;
    }
    await sleep(500);
  }
}

const idOf = (service: string): string =>
  docker(
    "ps",
    "--all",
    "--quiet",
    "--no-trunc",
    "--filter",
    `label=com.docker.compose.project=${PROJECT}`,
    "--filter",
    `label=com.docker.compose.service=${service}`,
    "--filter",
    "label=com.docker.compose.oneoff=False",
  );

const inside = (service: string, ...words: string[]): string =>
  run("docker", ["exec", idOf(service), ...words], true);

async function ask(
  url: string,
  init: RequestInit = {},
  key?: string,
): Promise<{ status: number; text: string }> {
  const headers = {
    "content-type": "application/json",
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  const reply = await fetch(url, { ...init, headers });
  return { status: reply.status, text: await reply.text() };
}

/** The first value of a query of Prometheus, now or at another time (seconds since 1970); undefined when there is none. */
async function query(promql: string, at?: number): Promise<number | undefined> {
  const words = new URLSearchParams({
    query: promql,
    ...(at === undefined ? {} : { time: String(at) }),
  });
  const { text } = await ask(`http://127.0.0.1:${PORTS.PROMETHEUS}/api/v1/query?${words}`);
  const reply: { data: { result: { value: [number, string] }[] } } = JSON.parse(text);
  const value = reply.data.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}

async function up(files: readonly string[], parts: readonly string[]): Promise<void> {
  compose(files, "up", "--detach", "--build");
  for (const part of parts) await waitForHealth(part);
}

async function waitForHealth(part: string): Promise<void> {
  await waitFor(
    `${part} is healthy`,
    () => docker("inspect", "--format", "{{.State.Health.Status}}", idOf(part)) === "healthy",
  );
}

function readSecrets(files: readonly string[]): Record<string, string> {
  const lines = compose(files, "run", "--rm", "init", "show").split("\n");
  return Object.fromEntries(lines.map((line) => line.trim().split(/\s+/)));
}

async function tryKeys(secrets: Record<string, string>): Promise<void> {
  console.log("the API and its keys");
  const url = `http://127.0.0.1:${PORTS.API}`;
  expect((await ask(`${url}/docs/`)).status === 200, "/docs opens without a key");
  expect(
    (await ask(`${url}/predict`, PREDICTION)).status === 401,
    "a prediction without a key: 401",
  );
  expect(
    (await ask(`${url}/predict`, PREDICTION, secrets["predict-key"])).status === 200,
    "with the predict key: 200",
  );
  expect(
    (await ask(`${url}/predict`, PREDICTION, secrets["metrics-key"])).status === 403,
    "with Prometheus's key: 403",
  );
  const reload = { method: "POST" };
  expect(
    (await ask(`${url}/admin/reload`, reload, secrets["predict-key"])).status === 403,
    "administering with the predict key: 403",
  );
}

async function tryLoad(secrets: Record<string, string>): Promise<void> {
  console.log("the load test's page");
  const url = `http://127.0.0.1:${PORTS.LOADTEST}`;
  const password = secrets["load-password"];
  expect((await ask(`${url}/`)).status === 401, "without the password: 401");
  const page = await ask(`${url}/`, {}, password);
  expect(page.status === 200 && page.text.includes("<script"), "with it the page, built");
  const profile = { kind: "users", users: 20, spawn_rate: 20 };
  const start = { method: "POST", body: JSON.stringify({ profile, run_time_seconds: 8 }) };
  expect((await ask(`${url}/api/load/start`, start, password)).status === 202, "a run starts");
  await waitFor("it ends, and is kept", async () => {
    const { text } = await ask(`${url}/api/load/runs`, {}, password);
    const { runs }: { runs: { total: { requests: number; failures: number } }[] } =
      JSON.parse(text);
    return runs.length === 1 && runs[0]!.total.requests > 20 && runs[0]!.total.failures === 0;
  });
  await waitFor("Prometheus has its requests", async () => {
    return ((await query("sum(load_requests_total)")) ?? 0) > 20;
  });
}

async function tryNames(): Promise<void> {
  console.log("parts find each other by name");
  for (const job of ["tepal", "prometheus", "alertmanager", "node", "loadtest"]) {
    await waitFor(`Prometheus scrapes ${job}`, async () => (await query(`up{job="${job}"}`)) === 1);
  }
  await waitFor(
    "Prometheus has the prediction",
    async () => ((await query(PREDICTIONS)) ?? 0) >= 1,
  );
  await waitFor(
    "Prometheus knows Alertmanager",
    async () => (await query("prometheus_notifications_alertmanagers_discovered")) === 1,
  );
  if (!options["stand-ins"]) return;
  const { text } = await ask(`http://127.0.0.1:${PORTS.GRAFANA}/`);
  expect(text.includes('"status":"success"'), "Grafana's container asks Prometheus");
}

function trySecrets(secrets: Record<string, string>): void {
  console.log("secrets");
  const readers = {
    prometheus: ["load-password", "metrics-key"],
    alertmanager: ["webhook-url"],
    grafana: ["admin-password"],
    loadtest: ["load-key", "load-password"],
  };
  for (const [part, names] of Object.entries(readers)) {
    const files = inside(part, "ls", "/run/secrets-tepal").split("\n").join();
    const isSame = names.every(
      (name) => inside(part, "cat", `/run/secrets-tepal/${name}`) === secrets[name],
    );
    expect(
      files === names.join() && isSame,
      `${part} reads ${names.join(" and ")}, and that alone`,
    );
  }
  const stored = inside("api", "cat", "/run/secrets-tepal/api-keys.json");
  const texts = Object.entries(secrets)
    .filter(([name]) => name !== "webhook-url")
    .map(([, text]) => text);
  expect(stored.includes("sha256") && !holdsAny(stored, texts), "the API has hashes alone");
  for (const part of PARTS) {
    const mounts: { Name?: string; RW: boolean }[] = JSON.parse(
      docker("inspect", "--format", "{{json .Mounts}}", idOf(part)),
    );
    const names = mounts.flatMap(({ Name: name = "", RW: isWritable }) =>
      name.includes("_secrets-") ? [`${name}${isWritable ? " to write" : ""}`] : [],
    );
    const own = part === "node-exporter" ? "" : `${PROJECT}_secrets-${part}`;
    expect(
      names.join() === own,
      `${part} has ${own === "" ? "no volume of secrets" : "its own volume of secrets, to read"}`,
    );
    expect(
      !holdsAny(docker("inspect", idOf(part)) + docker("logs", idOf(part)), texts),
      `nothing secret in ${part}'s description and log`,
    );
  }
  expect(!holdsAny(docker("logs", idOf("init")), texts), "nothing secret in what init says");
  expect(!holdsAny(run("ps", ["-ewwo", "args"]), texts), "nothing secret in the list of processes");
  const image =
    docker("history", "--no-trunc", "tepal:try") + docker("image", "inspect", "tepal:try");
  const left = docker("run", "--rm", "--entrypoint", "find", "tepal:try", "/secrets", "-type", "f");
  expect(!holdsAny(image, texts) && left === "", "nothing secret in the image");
}

const holdsAny = (text: string, secrets: readonly string[]): boolean =>
  secrets.some((secret) => text.includes(secret));

function tryRights(parts: readonly string[]): void {
  console.log("rights");
  for (const part of parts) {
    const status = inside(part, "cat", "/proc/1/status");
    const caps = /CapPrm:\s*(\w+)/.exec(status)?.[1] ?? "unknown";
    // Of all capabilities, bit 10 is that of opening ports below 1024.
    const allowed = part === "caddy" ? 1n << 10n : 0n;
    expect(
      (BigInt(`0x${caps}`) & ~allowed) === 0n && status.includes("NoNewPrivs:\t1"),
      `${part} has no capabilities and gets none`,
    );
    const {
      ReadonlyRootfs: isReadOnly,
      Memory: memory,
    }: { ReadonlyRootfs: boolean; Memory: number } = JSON.parse(
      docker("inspect", "--format", "{{json .HostConfig}}", idOf(part)),
    );
    expect(isReadOnly && memory > 0, `${part}'s root cannot be written, its memory is limited`);
  }
}

async function tryFailures(secrets: Record<string, string>): Promise<void> {
  console.log("parts that fail");
  const watchers = PARTS.filter((part) => part !== "api");
  docker("stop", ...watchers.map(idOf));
  const { status } = await ask(
    `http://127.0.0.1:${PORTS.API}/predict`,
    PREDICTION,
    secrets["predict-key"],
  );
  expect(status === 200, "the API predicts without all the others");
  docker("start", ...watchers.map(idOf));
  for (const part of watchers) await waitForHealth(part);
  await waitFor(
    "what was asked meanwhile is counted",
    async () => (await query(PREDICTIONS)) === 2,
  );
  inside("api", "sh", "-c", "kill -9 -1");
  const readRestarts = (): string =>
    docker("inspect", "--format", "{{.RestartCount}}", idOf("api"));
  await waitFor("an API that was killed is started again", () => readRestarts() === "1");
  await waitForHealth("api");
  await waitFor("Prometheus scrapes it again", async () => {
    const age = await query('time() - process_start_time_seconds{job="tepal"}');
    return age !== undefined && age < 60 && (await query('up{job="tepal"}')) === 1;
  });
}

/** How often Grafana's stand-in has started with its folder. */
async function countStarts(): Promise<number> {
  const { text } = await ask(`http://127.0.0.1:${PORTS.GRAFANA}/`);
  const { starts }: { starts: number } = JSON.parse(text);
  return starts;
}

async function tryAgain(files: readonly string[], secrets: Record<string, string>): Promise<void> {
  console.log("down and up again");
  await ask(`http://127.0.0.1:${PORTS.API}/predict`, PREDICTION, secrets["predict-key"]);
  await waitFor("a prediction is in Prometheus", async () => (await query(PREDICTIONS)) === 1);
  const before = Date.now() / 1_000;
  const had = await query(PREDICTIONS, before);
  const starts = options["stand-ins"] ? await countStarts() : 0;
  compose(files, "down");
  await up(files, PARTS);
  expect(
    JSON.stringify(readSecrets(files)) === JSON.stringify(secrets),
    "the secrets are the same",
  );
  expect(docker("logs", idOf("init")).includes("All secrets were there."), "init changed nothing");
  await waitFor(
    "Prometheus has the samples from before",
    async () => had !== undefined && (await query(PREDICTIONS, before)) === had,
  );
  if (options["stand-ins"])
    expect((await countStarts()) === starts + 1, "Grafana's folder is kept");
}

/** Asks Caddy, believing in its own authority alone. */
function askTls(
  path: string,
  ca: string,
  port = PORTS.HTTPS,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    get(`https://localhost:${port}${path}`, { ca, family: 4 }, (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, text }));
    }).on("error", reject);
  });
}

async function tryTls(files: readonly string[]): Promise<void> {
  console.log("compose.tls.yaml");
  await up(files, [...PARTS, "caddy"]);
  for (const part of PARTS) expect(docker("port", idOf(part)) === "", `${part} publishes no port`);
  expect(docker("port", idOf("caddy")).includes(`:${PORTS.HTTPS}`), "caddy publishes its ports");
  let ca = "";
  await waitFor("caddy has a certificate", () => {
    ca = inside("caddy", "cat", "/data/caddy/pki/authorities/local/root.crt");
    return ca.startsWith("-----BEGIN");
  });
  await waitFor(
    "the API answers over TLS",
    async () => (await askTls("/docs/", ca)).status === 200,
  );
  expect((await askTls("/metrics", ca)).status === 404, "metrics are not for others");
  const grafana = await askTls("/grafana/api/health", ca);
  expect(grafana.status === 200, "Grafana answers below /grafana/");
  const page = await askTls("/", ca, PORTS.LOADTEST);
  expect(page.status === 401, "the load test's page asks for its password, at a port of its own");
  tryRights(["caddy"]);
}

/** Debian's Alertmanager 0.25 reads no address from a file; Docker's own network may not reach npm's registry. */
async function writeStandInFile(): Promise<string> {
  const configuration = await readFile(join(ROOT, "deploy/alertmanager/alertmanager.yml"), "utf8");
  const changed = join(folder, "alertmanager.yml");
  await writeFile(changed, configuration.replaceAll(/\burl_file: .*/g, "url: http://127.0.0.1:9/"));
  const path = join(folder, "compose.yaml");
  const services = {
    api: { build: { network: "host" } },
    alertmanager: { volumes: [`${changed}:/etc/alertmanager/alertmanager.yml:ro`] },
  };
  await writeFile(path, JSON.stringify({ services }));
  return path;
}

async function startDocker(): Promise<AsyncDisposable> {
  const state = join(folder, "docker");
  environment["DOCKER_HOST"] = process.env["DOCKER_HOST"] = `unix://${state}/docker.sock`;
  const words = [
    "--exec-root",
    state,
    "--pidfile",
    `${state}/pid`,
    "--host",
    `unix://${state}/docker.sock`,
  ];
  const daemon = spawn("dockerd", words, { stdio: "ignore" });
  await waitFor(
    "Docker runs",
    () => spawnSync("docker", ["version"], { env: environment }).status === 0,
  );
  return {
    async [Symbol.asyncDispose]() {
      daemon.kill("SIGTERM");
      await once(daemon, "exit");
    },
  };
}

async function tryAll(): Promise<void> {
  await using _docker = options["start-docker"] ? await startDocker() : undefined;
  if (options["stand-ins"]) Object.assign(environment, await makeStandIns());
  const files = options["stand-ins"] ? [await writeStandInFile()] : [];
  const withTls = ["compose.tls.yaml", ...files];
  console.log(
    `${compose([], "version")}, Docker ${docker("version", "--format", "{{.Server.Version}}")}`,
  );
  const takeDown = (): string => compose(withTls, "down", "--volumes", "--timeout", "10");
  const stop = (): void => {
    takeDown();
    process.exit(130);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    console.log("building and starting");
    await up(files, PARTS);
    const secrets = readSecrets(files);
    await tryKeys(secrets);
    await tryNames();
    trySecrets(secrets);
    tryRights(PARTS);
    await tryFailures(secrets);
    await tryAgain(files, secrets);
    await tryLoad(secrets);
    await tryTls(withTls);
  } finally {
    takeDown();
  }
}

try {
  await tryAll();
} finally {
  await rm(folder, { recursive: true, force: true });
}

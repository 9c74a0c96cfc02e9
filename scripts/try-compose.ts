/**
 * Starts compose.yaml with a real Docker and tests what docs/monitoring-stack.md states: `npm run test:compose --
 * [--stand-ins] [--compose PROGRAM] [--start-docker]`. Takes some minutes and removes everything except images.
 * `--stand-ins` builds its own images without a registry, `--compose` sets a program other than `docker compose`,
 * `--start-docker` starts its own Docker daemon (as root) and stops it.
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
import { buildStandIns } from "./stand-in-images.ts";

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
const SERVICES = [
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
const TIMEOUT_MS = 180_000;

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

/** Runs Compose with compose.yaml and these files. */
function compose(files: readonly string[], ...words: string[]): string {
  const [program = "docker", ...first] = options.compose.split(" ");
  const named = ["compose.yaml", ...files].flatMap((file) => ["--file", file]);
  return run(program, [...first, ...named, ...words]);
}

function expect(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`FAILED: ${what}`);
  console.log(`  ${what}`);
}

async function waitFor(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + TIMEOUT_MS;
  for (;;) {
    const holds = await Promise.resolve(condition()).catch(() => false);
    if (holds || performance.now() > end) {
      expect(holds, what);
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

/** Returns the log of a container: standard output and standard error. */
function readLog(service: string): string {
  const { stdout, stderr } = spawnSync("docker", ["logs", idOf(service)], {
    env: environment,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  return stdout + stderr;
}

const inside = (service: string, ...words: string[]): string =>
  run("docker", ["exec", idOf(service), ...words], true);

async function send(
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

/** Returns the first value of a Prometheus query at a time in seconds since 1970, by default now; undefined if it is empty. */
async function query(promql: string, at?: number): Promise<number | undefined> {
  const words = new URLSearchParams({
    query: promql,
    ...(at === undefined ? {} : { time: String(at) }),
  });
  const { text } = await send(`http://127.0.0.1:${PORTS.PROMETHEUS}/api/v1/query?${words}`);
  const reply: { data: { result: { value: [number, string] }[] } } = JSON.parse(text);
  const value = reply.data.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}

async function up(files: readonly string[], services: readonly string[]): Promise<void> {
  // First, since docker-compose 1.29 would pull the image for `init` before it builds it for the API.
  compose(files, "build");
  compose(files, "up", "--detach");
  for (const service of services) await waitForHealth(service);
}

async function waitForHealth(service: string): Promise<void> {
  await waitFor(
    `${service} is healthy`,
    () => docker("inspect", "--format", "{{.State.Health.Status}}", idOf(service)) === "healthy",
  );
}

function readSecrets(files: readonly string[]): Record<string, string> {
  const lines = compose(files, "run", "--rm", "init", "show").split("\n");
  return Object.fromEntries(lines.map((line) => line.trim().split(/\s+/)));
}

async function tryKeys(secrets: Record<string, string>): Promise<void> {
  console.log("API keys");
  const url = `http://127.0.0.1:${PORTS.API}`;
  expect((await send(`${url}/docs/`)).status === 200, "/docs opens without a key");
  expect(
    (await send(`${url}/predict`, PREDICTION)).status === 401,
    "a prediction without a key gets 401",
  );
  expect(
    (await send(`${url}/predict`, PREDICTION, secrets["predict-key"])).status === 200,
    "with the key predict 200",
  );
  expect(
    (await send(`${url}/predict`, PREDICTION, secrets["metrics-key"])).status === 403,
    "with the key of Prometheus 403",
  );
  const reload = { method: "POST" };
  expect(
    (await send(`${url}/admin/reload`, reload, secrets["predict-key"])).status === 403,
    "a reload with the key predict 403",
  );
}

async function tryLoad(secrets: Record<string, string>): Promise<void> {
  console.log("load page");
  const url = `http://127.0.0.1:${PORTS.LOADTEST}`;
  const password = secrets["load-password"];
  expect((await send(`${url}/`)).status === 401, "without the password it returns 401");
  const page = await send(`${url}/`, {}, password);
  expect(page.status === 200 && page.text.includes("<script"), "with the password the built page");
  const profile = { kind: "users", users: 20, spawn_rate: 20 };
  const start = { method: "POST", body: JSON.stringify({ profile, run_time_seconds: 8 }) };
  expect((await send(`${url}/api/load/start`, start, password)).status === 202, "a run starts");
  await waitFor("it ends and is stored", async () => {
    const { text } = await send(`${url}/api/load/runs`, {}, password);
    const { runs }: { runs: { total: { requests: number; failures: number } }[] } =
      JSON.parse(text);
    return runs.length === 1 && runs[0]!.total.requests > 20 && runs[0]!.total.failures === 0;
  });
  await waitFor("Prometheus counts its requests", async () => {
    return ((await query("sum(load_requests_total)")) ?? 0) > 20;
  });
}

async function tryNames(): Promise<void> {
  console.log("service discovery");
  for (const job of ["tepal", "prometheus", "alertmanager", "node", "loadtest"]) {
    await waitFor(`Prometheus scrapes ${job}`, async () => (await query(`up{job="${job}"}`)) === 1);
  }
  await waitFor(
    "Prometheus counts the prediction",
    async () => ((await query(PREDICTIONS)) ?? 0) >= 1,
  );
  await waitFor(
    "Prometheus discovers Alertmanager",
    async () => (await query("prometheus_notifications_alertmanagers_discovered")) === 1,
  );
  if (!options["stand-ins"]) return;
  const { text } = await send(`http://127.0.0.1:${PORTS.GRAFANA}/`);
  expect(text.includes('"status":"success"'), "the container of Grafana queries Prometheus");
}

function trySecrets(secrets: Record<string, string>): void {
  console.log("secrets");
  const readers = {
    prometheus: ["load-password", "metrics-key"],
    alertmanager: ["webhook-url"],
    grafana: ["admin-password"],
    loadtest: ["load-key", "load-password"],
  };
  for (const [service, names] of Object.entries(readers)) {
    const files = inside(service, "ls", "/run/secrets-tepal").split("\n").join();
    const isSame = names.every(
      (name) => inside(service, "cat", `/run/secrets-tepal/${name}`) === secrets[name],
    );
    expect(files === names.join() && isSame, `${service} can read only ${names.join(" and ")}`);
  }
  const stored = inside("api", "cat", "/run/secrets-tepal/api-keys.json");
  const texts = Object.entries(secrets)
    .filter(([name]) => name !== "webhook-url")
    .map(([, text]) => text);
  expect(stored.includes("sha256") && !holdsAny(stored, texts), "the API has only hashes");
  for (const service of SERVICES) {
    const mounts: { Name?: string; RW: boolean }[] = JSON.parse(
      docker("inspect", "--format", "{{json .Mounts}}", idOf(service)),
    );
    const names = mounts.flatMap(({ Name: name = "", RW: isWritable }) =>
      name.includes("_secrets-") ? [`${name}${isWritable ? " to write" : ""}`] : [],
    );
    const own = service === "node-exporter" ? "" : `${PROJECT}_secrets-${service}`;
    expect(
      names.join() === own,
      `${service} has ${own === "" ? "no secrets volume" : "its own secrets volume, read-only"}`,
    );
    expect(
      !holdsAny(docker("inspect", idOf(service)) + readLog(service), texts),
      `no secrets in the description and log of ${service}`,
    );
  }
  expect(!holdsAny(readLog("init"), texts), "no secrets in the log of init");
  expect(!holdsAny(run("ps", ["-ewwo", "args"]), texts), "no secrets in the process list");
  const image =
    docker("history", "--no-trunc", "tepal:try") + docker("image", "inspect", "tepal:try");
  const left = docker("run", "--rm", "--entrypoint", "find", "tepal:try", "/secrets", "-type", "f");
  expect(!holdsAny(image, texts) && left === "", "no secrets in the image");
}

const holdsAny = (text: string, secrets: readonly string[]): boolean =>
  secrets.some((secret) => text.includes(secret));

function tryRights(services: readonly string[]): void {
  console.log("privileges");
  for (const service of services) {
    const status = inside(service, "cat", "/proc/1/status");
    const caps = /CapPrm:\s*(\w+)/.exec(status)?.[1] ?? "unknown";
    // Bit 10 is CAP_NET_BIND_SERVICE, for ports below 1024.
    const allowed = service === "caddy" ? 1n << 10n : 0n;
    expect(
      (BigInt(`0x${caps}`) & ~allowed) === 0n && status.includes("NoNewPrivs:\t1"),
      `${service} has no other capabilities and cannot gain any`,
    );
    const {
      ReadonlyRootfs: isReadOnly,
      Memory: memory,
    }: { ReadonlyRootfs: boolean; Memory: number } = JSON.parse(
      docker("inspect", "--format", "{{json .HostConfig}}", idOf(service)),
    );
    expect(isReadOnly && memory > 0, `${service} has a read-only root and limited memory`);
  }
}

async function tryFailures(secrets: Record<string, string>): Promise<void> {
  console.log("failures");
  const watchers = SERVICES.filter((service) => service !== "api");
  docker("stop", ...watchers.map(idOf));
  const { status } = await send(
    `http://127.0.0.1:${PORTS.API}/predict`,
    PREDICTION,
    secrets["predict-key"],
  );
  expect(status === 200, "the API predicts without all other services");
  docker("start", ...watchers.map(idOf));
  for (const service of watchers) await waitForHealth(service);
  await waitFor(
    "requests in the meantime are counted",
    async () => (await query(PREDICTIONS)) === 2,
  );
  inside("api", "sh", "-c", "kill -9 -1");
  const readRestarts = (): string =>
    docker("inspect", "--format", "{{.RestartCount}}", idOf("api"));
  await waitFor("a killed API is restarted", () => readRestarts() === "1");
  await waitForHealth("api");
  await waitFor("Prometheus scrapes it again", async () => {
    const age = await query('time() - process_start_time_seconds{job="tepal"}');
    return age !== undefined && age < 60 && (await query('up{job="tepal"}')) === 1;
  });
}

const predictWith = async (key: string | undefined): Promise<number> =>
  (await send(`http://127.0.0.1:${PORTS.API}/predict`, PREDICTION, key)).status;
const openPage = async (password: string | undefined): Promise<number> =>
  (await send(`http://127.0.0.1:${PORTS.LOADTEST}/`, {}, password)).status;

/** Renews secrets while everything runs: the services follow their files, and Docker still restarts the API when it crashes. */
async function tryRenewal(files: readonly string[]): Promise<void> {
  console.log("changed secrets");
  const before = readSecrets(files);
  for (const name of ["predict-key", "metrics-key", "load-key", "load-password"]) {
    compose(files, "run", "--rm", "init", "renew", name);
  }
  const secrets = readSecrets(files);
  await waitFor(
    "the API accepts the new key",
    async () => (await predictWith(secrets["predict-key"])) === 200,
  );
  expect((await predictWith(before["predict-key"])) === 401, "and rejects the old one");
  await waitFor(
    "the load page accepts the new password",
    async () => (await openPage(secrets["load-password"])) === 200,
  );
  expect((await openPage(before["load-password"])) === 401, "and rejects the old one");
  const since = Date.now() / 1_000;
  for (const job of ["tepal", "loadtest"]) {
    await waitFor(`Prometheus scrapes ${job} with the new secret`, async () => {
      const at = await query(`timestamp(up{job="${job}"} == 1)`);
      return at !== undefined && at > since + 15;
    });
  }

  // A value in .env, which `up` passes to init.
  const own = "a-load-password-of-my-own";
  environment["LOAD_PASSWORD"] = own;
  await up(files, SERVICES);
  await waitFor("a password of .env counts after `up`", async () => (await openPage(own)) === 200);
  delete environment["LOAD_PASSWORD"];

  inside("api", "sh", "-c", "kill -HUP 1");
  inside("prometheus", "kill", "-HUP", "1");
  inside("loadtest", "sh", "-c", "kill -HUP 1");
  await waitFor("SIGHUP inside the container reloads the API", () =>
    readLog("api").includes("SIGHUP: reloading"),
  );
  for (const service of ["api", "prometheus", "loadtest"]) await waitForHealth(service);
  const restarts = Number(docker("inspect", "--format", "{{.RestartCount}}", idOf("api")));
  inside("api", "sh", "-c", "kill -9 -1");
  await waitFor(
    "and Docker restarts it after a crash",
    () => Number(docker("inspect", "--format", "{{.RestartCount}}", idOf("api"))) > restarts,
  );
  await waitForHealth("api");
}

/** Returns how often the stand-in for Grafana has started with its volume. */
async function countStarts(): Promise<number> {
  const { text } = await send(`http://127.0.0.1:${PORTS.GRAFANA}/`);
  const { starts }: { starts: number } = JSON.parse(text);
  return starts;
}

async function tryAgain(files: readonly string[], secrets: Record<string, string>): Promise<void> {
  console.log("down and up");
  await send(`http://127.0.0.1:${PORTS.API}/predict`, PREDICTION, secrets["predict-key"]);
  await waitFor("Prometheus counts a prediction", async () => (await query(PREDICTIONS)) === 1);
  const before = Date.now() / 1_000;
  const had = await query(PREDICTIONS, before);
  const starts = options["stand-ins"] ? await countStarts() : 0;
  compose(files, "down");
  await up(files, SERVICES);
  expect(
    JSON.stringify(readSecrets(files)) === JSON.stringify(secrets),
    "the secrets are unchanged",
  );
  expect(readLog("init").includes("All secrets exist."), "init changes nothing");
  await waitFor(
    "Prometheus has its earlier samples",
    async () => had !== undefined && (await query(PREDICTIONS, before)) === had,
  );
  if (options["stand-ins"])
    expect((await countStarts()) === starts + 1, "the volume of Grafana is kept");
}

/** Sends a request to Caddy and trusts only its authority. */
function sendTls(
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
  await up(files, [...SERVICES, "caddy"]);
  for (const service of SERVICES)
    expect(docker("port", idOf(service)) === "", `${service} publishes no port`);
  expect(docker("port", idOf("caddy")).includes(`:${PORTS.HTTPS}`), "caddy publishes its ports");
  let ca = "";
  await waitFor("caddy has a certificate", () => {
    ca = inside("caddy", "cat", "/data/caddy/pki/authorities/local/root.crt");
    return ca.startsWith("-----BEGIN");
  });
  await waitFor(
    "the API responds over TLS",
    async () => (await sendTls("/docs/", ca)).status === 200,
  );
  expect((await sendTls("/metrics", ca)).status === 404, "metrics are not published");
  const grafana = await sendTls("/grafana/api/health", ca);
  expect(grafana.status === 200, "Grafana responds at /grafana/");
  const page = await sendTls("/", ca, PORTS.LOADTEST);
  expect(page.status === 401, "the load page requires its password on its own port");
  tryRights(["caddy"]);
}

/** Debian's Alertmanager 0.25 does not support url_file, and Docker's network may not reach npm's registry. */
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
      // Docker leaves the network namespace of the host mounted, so that the folder could not be removed.
      spawnSync("umount", [`${state}/netns/default`]);
    },
  };
}

async function tryAll(): Promise<void> {
  await using _docker = options["start-docker"] ? await startDocker() : undefined;
  if (options["stand-ins"]) Object.assign(environment, await buildStandIns());
  const files = options["stand-ins"] ? [await writeStandInFile()] : [];
  // docker-compose 1.29 does not read `!reset`.
  const readsTls = !/version 1\./.test(compose([], "version"));
  const withTls = readsTls ? ["compose.tls.yaml", ...files] : files;
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
    await up(files, SERVICES);
    const secrets = readSecrets(files);
    await tryKeys(secrets);
    await tryNames();
    trySecrets(secrets);
    tryRights(SERVICES);
    await tryFailures(secrets);
    await tryAgain(files, secrets);
    await tryLoad(secrets);
    await tryRenewal(files);
    if (readsTls) await tryTls(withTls);
    else console.log("compose.tls.yaml\n  skipped: requires Docker Compose 2.24.4");
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    takeDown();
  }
}

try {
  await tryAll();
} finally {
  await rm(folder, { recursive: true, force: true });
}

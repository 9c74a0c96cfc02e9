/**
 * Builds the image and tests it with a real Docker daemon: `node scripts/try-docker.ts [--base IMAGE] [--network MODE]`. Run it
 * by hand: it downloads some hundred megabytes from a registry. It removes everything except the image `tepal:try`.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createKey } from "../src/http/access/api-keys.ts";
import { keepRequesting } from "../test/support/keep-requesting.ts";

const IMAGE = "tepal:try";
const ROW = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const LOCKED = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
const CONNECTIONS = 16;
const STOP_AFTER = 2_000;

const { values } = parseArgs({
  options: { base: { type: "string" }, network: { type: "string" } },
});

function docker(...words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync("docker", words, { encoding: "utf8" });
  if (error !== undefined) throw new Error("docker is not installed", { cause: error });
  if (status !== 0) throw new Error(`docker ${words.join(" ")}\n${stdout}${stderr}`);
  return stdout.trim();
}

function expect(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`FAILED: ${what}`);
  console.log(`  ${what}`);
}

/** A container that is removed when it goes out of scope. */
interface Container extends Disposable {
  readonly id: string;
  readonly url: string;
}

function start(flags: readonly string[], port = 8_000): Container {
  const listen = ["--publish", `127.0.0.1::${port}`, "--env", `TEPAL_PORT=${port}`];
  const id = docker("run", "--detach", ...listen, ...LOCKED, ...flags, IMAGE);
  const url = `http://${docker("port", id, `${port}/tcp`).split("\n")[0]}`;
  return { id, url, [Symbol.dispose]: () => void docker("rm", "--force", "--volumes", id) };
}

async function waitForHealth(id: string, expected: string): Promise<void> {
  const end = performance.now() + 60_000;
  const readHealth = (): string => docker("inspect", "--format", "{{.State.Health.Status}}", id);
  while (readHealth() !== expected && performance.now() < end) await sleep(200);
  expect(readHealth() === expected, `its health is ${expected}`);
}

async function predict(url: string, headers: Record<string, string> = {}): Promise<number> {
  const reply = await fetch(`${url}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(ROW),
  });
  await reply.text();
  return reply.status;
}

async function tryStopUnderLoad(): Promise<void> {
  console.log("docker stop of a container without privileges under load");
  using container = start(["--user", "12345:12345"]);
  await waitForHealth(container.id, "healthy");
  let answered = 0;
  const statuses = new Set<number>();
  let stopped: Promise<unknown> | undefined;
  const onReply = (status: number): void => {
    answered += 1;
    statuses.add(status);
    if (answered === STOP_AFTER) stopped = stopBeside(container.id);
  };
  const clients = Array.from({ length: CONNECTIONS }, () =>
    keepRequesting(container.url, ROW, onReply),
  );
  await Promise.all(clients);
  await stopped;
  expect(
    statuses.size === 1 && statuses.has(200),
    `${answered} requests on ${CONNECTIONS} connections, all with status 200`,
  );
  const code = docker("inspect", "--format", "{{.State.ExitCode}}", container.id);
  expect(code === "0", "the exit code is 0");
  const changes = docker("diff", container.id);
  expect(changes === "", "the container wrote no files");
}

/** Runs `docker stop` in another process, while this one continues to send requests. */
async function stopBeside(id: string): Promise<void> {
  await once(spawn("docker", ["stop", id], { stdio: "ignore" }), "exit");
}

async function tryKeys(): Promise<void> {
  console.log("mounted keys file and another port");
  const folder = await mkdtemp(join(tmpdir(), "tepal-docker-"));
  try {
    const { text, stored } = createKey("shop", "predict", "2026-01-01");
    const path = join(folder, "keys.json");
    await writeFile(path, JSON.stringify({ keys: [stored] }), { mode: 0o644 });
    const mount = `type=bind,source=${path},target=/run/secrets/keys.json,readonly`;
    const variable = "TEPAL_API_KEYS_FILE=/run/secrets/keys.json";
    using container = start(["--mount", mount, "--env", variable], 9_000);
    await waitForHealth(container.id, "healthy");
    expect((await predict(container.url)) === 401, "a prediction without a key gets 401");
    const headers = { authorization: `Bearer ${text}` };
    expect((await predict(container.url, headers)) === 200, "with a key 200");
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function tryWithoutModel(): Promise<void> {
  console.log("empty models folder");
  using container = start(["--tmpfs", "/models"]);
  await waitForHealth(container.id, "unhealthy");
  expect((await predict(container.url)) === 503, "a prediction gets 503");
}

const network = values.network === undefined ? [] : ["--network", values.network];
const base = values.base === undefined ? [] : ["--build-arg", `BASE=${values.base}`];
console.log("building");
docker("build", ...network, ...base, "--tag", IMAGE, ".");
console.log(`  ${docker("image", "inspect", "--format", "{{.Size}} bytes", IMAGE)}`);
await tryStopUnderLoad();
await tryKeys();
await tryWithoutModel();

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { toIrisRequest } from "../src/cli/commands/train.ts";
import { trainModel } from "../src/training/train-model.ts";
import { connectLoad, type Load } from "./http-load.ts";
import { readTree } from "../test/support/process-tree.ts";
import { toMedian } from "./statistics.ts";

const CONNECTIONS = 16;
const START_SECONDS = 60;
const FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"] as const;
const IRIS = new URL("../examples/iris/iris.csv", import.meta.url);
const toPath = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A server that predicts Iris, and its requests. */
interface Peer {
  readonly name: string;
  /** Program and arguments. */
  readonly command: (port: number) => readonly [string, ...string[]];
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly path: string;
  toBody(row: readonly number[]): string;
}

const toObject = (row: readonly number[]): string =>
  JSON.stringify(Object.fromEntries(FEATURES.map((name, i) => [name, row[i]])));

/**
 * Compares Tepal with all features enabled and Python servers with a random forest of the same size on the same data, in
 * alternating rounds with the same rows and connections, one prediction per request. Prints requests per second of CPU of all
 * processes of a server. TEPAL_PYTHON names a Python with bench/peers/requirements.txt, TEPAL_MLSERVER_PYTHON one with MLServer,
 * which requires an older FastAPI.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "7" },
      seconds: { type: "string", default: "3" },
    },
  });
  const python = process.env["TEPAL_PYTHON"];
  if (python === undefined) {
    console.error(
      "Set TEPAL_PYTHON to a Python that has the other servers:\n" +
        "  python3 -m venv /tmp/peers && /tmp/peers/bin/pip install -r bench/peers/requirements.txt\n" +
        "  TEPAL_PYTHON=/tmp/peers/bin/python npm run bench -- peers\n" +
        "To measure MLServer too, set TEPAL_MLSERVER_PYTHON to one with bench/peers/requirements-mlserver.txt.",
    );
    process.exitCode = 2;
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "tepal-bench-"));
  try {
    await using sides = new AsyncDisposableStack();
    const rows = await readRows();
    const peers = await preparePeers(folder, python);
    const started: (Side & { readonly rates: number[] })[] = [];
    for (const peer of peers) {
      const side = sides.use(await start(peer, rows));
      started.push({ ...side, rates: [] });
    }
    console.log(
      `${rows.length} Iris rows, one per request, ${CONNECTIONS} connections, ${values.rounds} alternating rounds of ` +
        `${values.seconds} s. Requests per second of CPU of all processes of a server:\n`,
    );
    const milliseconds = Number(values.seconds) * 1_000;
    for (const side of started) await measure(side, milliseconds);
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const side of started) side.rates.push(await measure(side, milliseconds));
    }
    const ours = toMedian(started[0]?.rates ?? []);
    for (const { name, rates } of started) {
      const median = toMedian(rates);
      const [low, high] = [Math.min(...rates), Math.max(...rates)].map((rate) => rate.toFixed(0));
      const ratio = median === ours ? "" : `tepal / this: ${(ours / median).toFixed(0)}`;
      console.log(
        `  ${name.padEnd(24)} ${median.toFixed(0).padStart(6)} (${low} to ${high})  ${ratio}`,
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function readRows(): Promise<number[][]> {
  const [, ...lines] = (await readFile(IRIS, "utf8")).trim().split("\n");
  return lines.map((line) => line.split(",").slice(0, 4).map(Number));
}

async function preparePeers(folder: string, python: string): Promise<Peer[]> {
  const models = join(folder, "models");
  await trainModel(toIrisRequest(models));
  const tepal: Peer = {
    name: "tepal",
    command: (port) => [
      process.execPath,
      toPath("../src/cli/main.ts"),
      "serve",
      "--port",
      String(port),
      "--models",
      models,
      "--log-level",
      "warn",
      // A stall of the machine must not end the comparison.
      "--max-event-loop-lag",
      "60",
    ],
    path: "/predict",
    toBody: toObject,
  };
  const environment = trainForest(python, join(folder, "model.joblib"));
  const uvicorn = ["-m", "uvicorn", "app:app", "--no-access-log", "--log-level", "warning"];
  const fastapi = (name: string, hasMetrics: boolean): Peer => ({
    name,
    command: (port) => [python, ...uvicorn, "--port", String(port)],
    folder: toPath("peers/fastapi-iris"),
    environment: { ...environment, METRICS: hasMetrics ? "1" : "0" },
    path: "/predict",
    toBody: toObject,
  });
  const bentoml: Peer = {
    name: "BentoML",
    command: (port) => [
      python,
      "-m",
      "bentoml",
      "serve",
      "service:Iris",
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
    ],
    folder: toPath("peers/bentoml-iris"),
    environment: {
      ...environment,
      BENTOML_HOME: join(folder, "bentoml"),
      BENTOML_DO_NOT_TRACK: "True",
      BENTOML_CONFIG_OPTIONS: "api_server.logging.access.enabled=false",
    },
    path: "/predict",
    toBody: toObject,
  };
  const peers = [tepal, fastapi("FastAPI with metrics", true), fastapi("FastAPI", false), bentoml];
  const other = process.env["TEPAL_MLSERVER_PYTHON"];
  if (other !== undefined) peers.push(await prepareMlserver(folder, other));
  return peers;
}

/** Trains the forest of the Python servers. @returns the environment with the path of the model */
function trainForest(python: string, path: string): Record<string, string> {
  const environment = { MODEL: path, PYTHONDONTWRITEBYTECODE: "1" };
  const { status, error } = spawnSync(python, [toPath("peers/train_iris.py")], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (error !== undefined || status !== 0) {
    throw new Error(`${python} cannot train. Install bench/peers/requirements.txt.`, {
      cause: error,
    });
  }
  return environment;
}

async function prepareMlserver(folder: string, python: string): Promise<Peer> {
  const uri = join(folder, "mlserver.joblib");
  const environment = trainForest(python, uri);
  await writeFile(
    join(folder, "model-settings.json"),
    JSON.stringify({
      name: "iris",
      implementation: "mlserver_sklearn.SKLearnModel",
      parameters: { uri },
    }),
  );
  return {
    name: "MLServer",
    command: () => [python, "-c", "from mlserver.cli import main; main()", "start", folder],
    environment: {
      ...environment,
      MLSERVER_HOST: "127.0.0.1",
      // Recommended by MLServer for small models: no process between server and model.
      MLSERVER_PARALLEL_WORKERS: "0",
      MLSERVER_DEBUG: "false",
    },
    path: "/v2/models/iris/infer",
    toBody: (row) =>
      JSON.stringify({
        inputs: [{ name: "predict", shape: [1, 4], datatype: "FP64", data: row }],
        outputs: [{ name: "predict_proba" }],
      }),
  };
}

interface Side extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly load: Load;
}

/** Measures one round. Connects each time, because uvicorn closes connections that are idle for five seconds. @returns requests per CPU second */
async function measure({ pid, port, load }: Side, milliseconds: number): Promise<number> {
  using driver = await connectLoad(port, load);
  const before = await readTree(pid);
  const answered = await driver.drive(milliseconds);
  const after = await readTree(pid);
  return answered / (after.cpuSeconds - before.cpuSeconds);
}

async function start(peer: Peer, rows: readonly (readonly number[])[]): Promise<Side> {
  const port = await findPort();
  const [program, ...words] = peer.command(port);
  // Only MLServer reads its port from the environment, and it has two more.
  const ports = {
    MLSERVER_HTTP_PORT: String(port),
    MLSERVER_GRPC_PORT: String(await findPort()),
    MLSERVER_METRICS_PORT: String(await findPort()),
  };
  const child = spawn(program, words, {
    ...(peer.folder !== undefined && { cwd: peer.folder }),
    env: { ...process.env, ...ports, ...peer.environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(child, "exit");
  // Ends it also if this process fails.
  process.once("exit", () => child.kill());
  const { pid } = child;
  if (pid === undefined) throw new Error(`Cannot start ${program}.`);
  const body = rows.map((row) => peer.toBody(row));
  await waitForReply(`http://127.0.0.1:${port}${peer.path}`, body[0] ?? "", () => child.exitCode);
  return {
    name: peer.name,
    pid,
    port,
    load: { connections: CONNECTIONS, path: peer.path, body },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function waitForReply(
  url: string,
  body: string,
  exitCode: () => number | null,
): Promise<void> {
  const headers = { "content-type": "application/json" };
  const end = performance.now() + START_SECONDS * 1_000;
  while (performance.now() < end) {
    const reply = await fetch(url, { method: "POST", headers, body }).catch(() => undefined);
    if (reply?.status === 200) return;
    if (exitCode() !== null) throw new Error(`The server for ${url} exited.`);
    await sleep(200);
  }
  throw new Error(`${url} did not respond within ${START_SECONDS} s.`);
}

/** Finds a free port. */
async function findPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("Expected a port.");
  return address.port;
}

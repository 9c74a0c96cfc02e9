import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { toIrisRequest } from "../src/cli/commands/train.ts";
import { trainModel } from "../src/training/train-model.ts";
import { COMPILED_PEERS, compilePeer } from "./peers/compile.ts";
import { readForest } from "./peers/forest-file.ts";
import {
  findPort,
  startProcess,
  toTepalCommand,
  type ServerCommand,
  type ServerProcess,
} from "./server-process.ts";
import { formatSpread, toRatios } from "./statistics.ts";
import { takeTurns } from "./turns.ts";

const CONNECTIONS = 16;
const FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"] as const;
const IRIS = new URL("../examples/iris/iris.csv", import.meta.url);
/** Rounds of warm-up: with ten servers, a round takes half a minute. */
const MAX_WARM_UP = 6;
const OURS = "Tepal";
/** Suffix of the names of servers without Tepal's forest. */
const OTHER_FOREST = "scikit-learn";
const toPath = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Servers by name. */
type Peers = Record<string, ServerCommand>;
/** Properties of the requests of all servers. */
type Requests = Pick<ServerCommand, "connections" | "path" | "body">;

/**
 * Compares Tepal with all features enabled with servers that a user may choose instead, in turns with the same rows and connections, one
 * prediction per request: Python servers with a scikit-learn forest of the same size on the same data, and with Tepal's own ONNX file in
 * onnxruntime, and small servers in Go and Rust with Tepal's forest. All have one process or thread for predictions. Prints requests per
 * second of CPU of all processes of a server. TEPAL_PYTHON names a Python with bench/peers/requirements.txt, TEPAL_MLSERVER_PYTHON one
 * with MLServer, which requires an older FastAPI. Those in Go and Rust are compiled if `go` and `cargo` are installed.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "7" },
      seconds: { type: "string", default: "3" },
    },
  });
  const folder = await mkdtemp(join(tmpdir(), "tepal-bench-"));
  try {
    await using servers = new AsyncDisposableStack();
    const rows = await readRows();
    const body = rows.map((row) =>
      JSON.stringify(Object.fromEntries(FEATURES.map((name, i) => [name, row[i]]))),
    );
    const requests: Requests = { connections: CONNECTIONS, path: "/predict", body };
    const models = join(folder, "models");
    await trainModel(toIrisRequest(models));
    const forest = join(models, "iris", "1", "model.onnx");
    const peers: Peers = {
      [OURS]: { ...requests, command: (port) => toTepalCommand(models, port) },
      ...(await prepareCompiled(folder, forest, requests)),
      ...(await preparePython(folder, forest, requests)),
      ...(await prepareMlserver(folder, rows)),
    };
    const milliseconds = Number(values.seconds) * 1_000;
    const sides: Record<string, () => Promise<number>> = {};
    let ours: ServerProcess | undefined;
    for (const [name, peer] of Object.entries(peers)) {
      const server = servers.use(await startProcess(peer));
      ours ??= server;
      if (!name.endsWith(OTHER_FOREST)) await checkLabels(ours, server, body);
      sides[name] = async () => 1e6 / (await server.measure(milliseconds));
    }
    console.log(
      `${rows.length} Iris rows, one per request, ${CONNECTIONS} connections, ${values.rounds} rounds of ` +
        `${values.seconds} s in turns. Requests per second of CPU of all processes of a server, median (quartiles):\n`,
    );
    const options = { rounds: Number(values.rounds), maxWarmUp: MAX_WARM_UP, cost: Number };
    const { measured, warmUp } = await takeTurns(sides, options);
    for (const [name, rates] of Object.entries(measured)) {
      const ratios = toRatios(measured[OURS] ?? [], rates);
      const ratio = name === OURS ? "" : `tepal / this: ${formatSpread(ratios, 2)}`;
      console.log(`  ${name.padEnd(36)} ${formatSpread(rates).padEnd(24)} ${ratio}`.trimEnd());
    }
    console.log(`\n${warmUp}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function readRows(): Promise<number[][]> {
  const [, ...lines] = (await readFile(IRIS, "utf8")).trim().split("\n");
  return lines.map((line) => line.split(",").slice(0, 4).map(Number));
}

/** Checks that a server has the same forest as Tepal. */
async function checkLabels(
  ours: ServerProcess,
  theirs: ServerProcess,
  bodies: readonly string[],
): Promise<void> {
  for (const body of bodies) {
    const [label, other] = await Promise.all(
      [ours, theirs].map((server) => readLabel(server, body)),
    );
    if (label !== other) throw new Error(`Expected the label ${label} for ${body}, got ${other}.`);
  }
}

async function readLabel(server: ServerProcess, body: string): Promise<string> {
  const { label } = (await server.request(body)) as { readonly label: string };
  return label;
}

/** Prepares the servers with Tepal's forest in Go and Rust. */
async function prepareCompiled(folder: string, forest: string, requests: Requests): Promise<Peers> {
  const FOREST = join(folder, "forest.json");
  await writeFile(FOREST, JSON.stringify(await readForest(forest)));
  const peers: Peers = {};
  for (const peer of COMPILED_PEERS) {
    const program = await compilePeer(peer, folder);
    if (program === undefined) continue;
    peers[peer.name] = {
      ...requests,
      command: () => [program],
      // With several threads, idle ones would take CPU time from the others.
      environment: async (port) => ({ PORT: String(port), FOREST, GOMAXPROCS: "1" }),
    };
  }
  return peers;
}

async function preparePython(folder: string, forest: string, requests: Requests): Promise<Peers> {
  const python = process.env["TEPAL_PYTHON"];
  if (python === undefined) {
    console.log(
      "Python servers are not measured. Set TEPAL_PYTHON to a Python that has them:\n" +
        "  python3 -m venv /tmp/peers && /tmp/peers/bin/pip install -r bench/peers/requirements.txt\n" +
        "  TEPAL_PYTHON=/tmp/peers/bin/python npm run bench -- peers\n" +
        "To measure MLServer too, set TEPAL_MLSERVER_PYTHON to one with bench/peers/requirements-mlserver.txt.",
    );
    return {};
  }
  const sklearn = trainForest(python, join(folder, "model.joblib"));
  const { labels } = await readForest(forest);
  const onnx = { MODEL: forest, LABELS: labels.join(","), PYTHONDONTWRITEBYTECODE: "1" };
  const uvicorn = ["-m", "uvicorn", "app:app", "--no-access-log", "--log-level", "warning"];
  const fastapi = (model: Readonly<Record<string, string>>, METRICS: "0" | "1"): ServerCommand => ({
    ...requests,
    command: (port) => [python, ...uvicorn, "--port", String(port)],
    folder: toPath("peers/fastapi-iris"),
    environment: async () => ({ ...model, METRICS }),
  });
  const bentoml = ["-m", "bentoml", "serve", "service:Iris", "--host", "127.0.0.1", "--port"];
  return {
    "FastAPI, onnxruntime": fastapi(onnx, "0"),
    "FastAPI with metrics, onnxruntime": fastapi(onnx, "1"),
    "LitServe, onnxruntime": {
      ...requests,
      command: () => [python, toPath("peers/litserve-iris/server.py")],
      environment: async (port) => ({ ...onnx, PORT: String(port) }),
    },
    "FastAPI, scikit-learn": fastapi(sklearn, "0"),
    "FastAPI with metrics, scikit-learn": fastapi(sklearn, "1"),
    "BentoML, scikit-learn": {
      ...requests,
      command: (port) => [python, ...bentoml, String(port)],
      folder: toPath("peers/bentoml-iris"),
      environment: async () => ({
        ...sklearn,
        BENTOML_HOME: join(folder, "bentoml"),
        BENTOML_DO_NOT_TRACK: "True",
        BENTOML_CONFIG_OPTIONS: "api_server.logging.access.enabled=false",
      }),
    },
  };
}

/** Trains the forest of scikit-learn's servers. @returns the environment with the path of the model */
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

async function prepareMlserver(
  folder: string,
  rows: readonly (readonly number[])[],
): Promise<Peers> {
  const python = process.env["TEPAL_MLSERVER_PYTHON"];
  if (python === undefined) return {};
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
  const mlserver: ServerCommand = {
    connections: CONNECTIONS,
    path: "/v2/models/iris/infer",
    body: rows.map((data) =>
      JSON.stringify({
        inputs: [{ name: "predict", shape: [1, 4], datatype: "FP64", data }],
        outputs: [{ name: "predict_proba" }],
      }),
    ),
    command: () => [python, "-c", "from mlserver.cli import main; main()", "start", folder],
    environment: async (port) => ({
      ...environment,
      MLSERVER_HOST: "127.0.0.1",
      MLSERVER_HTTP_PORT: String(port),
      MLSERVER_GRPC_PORT: String(await findPort()),
      MLSERVER_METRICS_PORT: String(await findPort()),
      // Recommended by MLServer for small models: no process between server and model.
      MLSERVER_PARALLEL_WORKERS: "0",
      MLSERVER_DEBUG: "false",
    }),
  };
  return { "MLServer, scikit-learn": mlserver };
}

/** Servers in trouble: each provokes alerts by what is really wrong with it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { access, mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { createRandom } from "../../src/kernel/random.ts";
import { IRIS, toIrisObject, trainIris } from "../../test/support/models.ts";
import { readTree } from "../../test/support/process-tree.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const READY_SECONDS = 120;
const SLOW_BODY_MS = 800;
/** Debian's libfaketime. */
const FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/** Programs of a run, which share a folder of models. */
export interface Stage {
  readonly folder: string;
  readonly firstPort: number;
  /** Options of every server. */
  readonly options: readonly string[];
  /** `JOB=URL` of node-exporter, and of a target on a closed port. */
  readonly targets: readonly string[];
  readonly signal: AbortSignal;
  /** Is called with the `host:port` of all servers whenever one has started. */
  readonly onServers: (addresses: readonly string[]) => Promise<void>;
  /** Is called once a trouble has begun. */
  readonly onTrouble: (trouble: Trouble) => void;
}

interface RunningServer {
  readonly url: string;
  readonly process: ChildProcess;
}

export interface Trouble {
  readonly description: string;
  readonly alerts: readonly string[];
}

export interface Troubles {
  end(): Promise<void>;
}

export async function startTroubles(stage: Stage): Promise<Troubles> {
  const { folder, signal } = stage;
  const models = join(folder, "models");
  const empty = join(folder, "empty");
  // Drift is that of a model on all of its servers.
  const [drifted, replayed] = [join(folder, "drifted"), join(folder, "replayed")];
  await trainIris(models);
  await trainIris(drifted, { name: "drifted" });
  await trainIris(replayed, { name: "replayed" });
  await mkdir(empty);
  const addresses: string[] = [];
  const processes = new Set<ChildProcess>();
  const resources = new AsyncDisposableStack();
  const loops: Promise<void>[] = [];

  async function serve(
    name: string,
    options: readonly string[] = [],
    environment: NodeJS.ProcessEnv = {},
    port = stage.firstPort + addresses.length,
  ): Promise<RunningServer> {
    const address = `127.0.0.1:${port}`;
    const words = ["serve", "--port", String(port), "--monitor", "--max-event-loop-lag", "60"];
    const data = ["--data-dir", join(folder, name), "--models", models];
    const child = spawn(process.execPath, [MAIN, ...words, ...data, ...stage.options, ...options], {
      cwd: folder,
      stdio: "ignore",
      env: { ...process.env, ...environment },
    });
    processes.add(child);
    child.once("exit", () => processes.delete(child));
    const url = `http://${address}`;
    await waitUntilUp(url, child);
    if (!addresses.includes(address)) {
      addresses.push(address);
      await stage.onServers(addresses);
    }
    return { url, process: child };
  }

  /** Repeats a step until the end of the run. A failed request is part of the trouble. */
  function repeat(everyMs: number, step: () => Promise<unknown> | void): void {
    const run = async (): Promise<void> => {
      while (!signal.aborted) {
        await Promise.resolve()
          .then(step)
          .catch(() => {});
        await sleep(everyMs, undefined, { signal }).catch(() => {});
      }
    };
    loops.push(run());
  }

  const expectAlerts = (description: string, ...alerts: readonly string[]): void =>
    stage.onTrouble({ description, alerts });

  const random = createRandom(1);
  const drawRow = (rows = IRIS.length): readonly number[] => IRIS[random.below(rows)]!.row;

  const victim = await serve("victim");
  const targets = [...stage.targets, `tepal=${victim.url}/metrics`];
  await serve("watching", [`--scrape=${targets.join()}`]);
  victim.process.kill("SIGKILL");
  expectAlerts("A process that was killed", "ServerDown");
  expectAlerts("A target on a closed port", "ScrapeFailing");
  expectAlerts(
    "Lower limits in --alert-settings",
    "EventLoopSaturated",
    "MemoryHigh",
    "HostMemoryLow",
  );
  expectAlerts("Nothing: it always fires", "Watchdog");

  const drifting = await serve("drifting", ["--models", drifted]);
  repeat(500, () => {
    const [length, width, petalLength, petalWidth] = drawRow();
    const row = [length!, width!, petalLength!, 25.4 * petalWidth!];
    return predict(drifting.url, row);
  });
  expectAlerts(
    "Petal widths in another unit, two rows a second",
    "FeatureDrift",
    "PredictionDrift",
    "ConfidenceDrift",
    "PValueDrift",
    "OutOfDistribution",
  );

  const replaying = await serve("replaying", ["--models", replayed]);
  repeat(300, () => predict(replaying.url, drawRow(5)));
  expectAlerts("A client repeats five rows", "RowsRepeat");

  const slow = await serve("slow");
  for (let client = 0; client < 8; client++) repeat(50, () => predictSlowly(slow.url, drawRow()));
  expectAlerts("Bodies that arrive in 0.8 seconds", "HighLatency", "LatencyBudgetBurn");

  const overloaded = await serve("overloaded", ["--max-in-flight", "1"]);
  for (let client = 0; client < 4; client++) {
    repeat(50, () => predictSlowly(overloaded.url, drawRow()));
  }
  expectAlerts("Four clients at --max-in-flight 1", "RequestsRejected", "AvailabilityBudgetBurn");

  await serve("without-model", ["--models", empty]);
  expectAlerts("An empty models folder", "ModelNotLoaded");

  const workers = await serve("workers", ["--workers", "2"]);
  // The server exits if a process ends before all serve.
  await waitForMetric(workers.url, "tepal_workers 2");
  repeat(2_000, async () => {
    const { children } = await readTree(workers.process.pid!);
    if (children.length === 2) process.kill(children[1]!, "SIGKILL");
  });
  expectAlerts("A worker that is killed again and again", "WorkerMissing", "WorkerRestarts");

  await serve("limited", ["--max-series", "300"]);
  expectAlerts("--max-series 300", "SeriesDropped");

  const rejecting = resources.use(await startRejecting());
  await serve("writing", ["--remote-write", `${rejecting.url}/503`]);
  await serve("losing", ["--remote-write", `${rejecting.url}/400`]);
  expectAlerts("A remote-write receiver that replies 503", "RemoteWriteBehind");
  expectAlerts("A remote-write receiver that replies 400", "RemoteWriteLost");

  await access(FAKETIME);
  const ahead = await serve("ahead", [], { LD_PRELOAD: FAKETIME, FAKETIME: "+1d" });
  await sleep(20_000);
  await stop(ahead.process);
  await serve("ahead", [], {}, Number(new URL(ahead.url).port));
  expectAlerts("A clock that was a day ahead", "ClockSetBack");

  return {
    async end() {
      await Promise.all(loops);
      await Promise.all([...processes].map(stop));
      await resources.disposeAsync();
    },
  };
}

async function predict(url: string, row: readonly number[]): Promise<void> {
  const reply = await request(`${url}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(toIrisObject(row)),
  });
  await reply.body.dump();
}

/** Sends the second half of a body after 0.8 seconds. */
async function predictSlowly(url: string, row: readonly number[]): Promise<void> {
  const body = JSON.stringify(toIrisObject(row));
  const half = body.length / 2;
  const reply = await request(`${url}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json", "content-length": String(body.length) },
    body: Readable.from(
      (async function* () {
        yield body.slice(0, half);
        await sleep(SLOW_BODY_MS);
        yield body.slice(half);
      })(),
    ),
  });
  await reply.body.dump();
}

/** Starts a receiver of remote write whose status is the path of the request. */
async function startRejecting(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((incoming, reply) => {
    incoming.resume().once("end", () => {
      reply.writeHead(Number(incoming.url?.slice(1))).end();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

async function waitUntilUp(url: string, child: ChildProcess): Promise<void> {
  for (let second = 0; second < READY_SECONDS; second++) {
    if (child.exitCode !== null)
      throw new Error(`The server for ${url} exited with ${child.exitCode}.`);
    const isUp = await request(`${url}/health/live`).then(
      async ({ statusCode, body }) => {
        await body.dump();
        return statusCode === 200;
      },
      () => false,
    );
    if (isUp) return;
    await sleep(1_000);
  }
  throw new Error(`${url} did not start within ${READY_SECONDS} s.`);
}

async function waitForMetric(url: string, line: string): Promise<void> {
  for (let second = 0; second < READY_SECONDS; second++) {
    const { body } = await request(`${url}/metrics`);
    if ((await body.text()).split("\n").includes(line)) return;
    await sleep(1_000);
  }
  throw new Error(`${url}/metrics had no line ${line} within ${READY_SECONDS} s.`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await Promise.race([ended, sleep(15_000).then(() => child.kill("SIGKILL"))]);
  await ended;
}

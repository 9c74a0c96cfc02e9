import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { Agent, Client, request } from "undici";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";
import { makeCertificate } from "../support/certificates.ts";
import { createFolder } from "../support/folders.ts";
import { keepRequesting } from "../support/keep-requesting.ts";
import { copyIris, toIrisObject } from "../support/models.ts";
import { hasProgram } from "../support/programs.ts";
import { startWorkers, Tally, until, type RunningWorkers } from "../support/workers.ts";

const ROUTE = 'method="POST",route="/predict",status="200"';
const REQUESTS = `api_requests_total{${ROUTE}}`;
const MODEL = 'model="iris",version="1"';
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Sends each request on a new connection. */
const fresh = { reset: true } as const;

/** Ten of its requests use more CPU time than a worker does for its start. */
const BURN = `
export default ({ app }) => {
  app.get("/burn", { config: { access: "public" } }, () => {
    const start = performance.now();
    while (performance.now() - start < 200);
    return { pid: process.pid };
  });
};
`;

/** Ends a worker during its start while a file exists. */
const DOOMED = `
import { existsSync } from "node:fs";

export default () => {
  if (existsSync("doom")) process.exit(7);
};
`;

function sum(metrics: ReadonlyMap<string, number>, family: string): number {
  const found = [...metrics].filter(([series]) => series.startsWith(`${family}{`));
  return found.reduce((total, [, value]) => total + value, 0);
}

/** Returns undefined if the worker of the scrape is killed meanwhile. */
function scrapeOr(workers: RunningWorkers): Promise<ReadonlyMap<string, number> | undefined> {
  return workers.scrape().catch(() => undefined);
}

/** Kills a worker and waits until the primary has replaced it. */
async function killOne(workers: RunningWorkers): Promise<void> {
  const [pid = 0] = await workers.pids();
  await workers.idle();
  process.kill(pid, "SIGKILL");
  await until(async () => {
    const pids = await workers.pids();
    return !pids.includes(pid) && (await workers.scrape()).get("tepal_workers") === 2;
  });
}

describe("metrics of several workers", () => {
  it("add up exactly, over kept and new connections, with correct gauges", async () => {
    await using workers = await startWorkers(3);
    const tally = new Tally();
    const kept = new Agent({ connections: 8 });
    await Promise.all(
      range(150).flatMap((i) => [
        tally.predict(workers.url, i, { dispatcher: kept }),
        tally.predict(workers.url, i, fresh),
      ]),
    );
    await kept.close();
    const metrics = await workers.scrape();
    expect(metrics.get(REQUESTS)).toBe(300);
    expect(tally.classes.size).toBe(3);
    for (const [name, count] of tally.classes) {
      expect(metrics.get(`model_predictions_total{${MODEL},class="${name}"}`)).toBe(count);
    }
    for (const histogram of ["model_batch_rows", "model_inference_duration_seconds"]) {
      expect(metrics.get(`${histogram}_count{${MODEL}}`)).toBe(300);
      expect(metrics.get(`${histogram}_bucket{${MODEL},le="+Inf"}`)).toBe(300);
    }
    expect(metrics.get(`model_batch_rows_bucket{${MODEL},le="1"}`)).toBe(300);
    expect(metrics.get(`model_batch_rows_sum{${MODEL}}`)).toBe(300);
    expect(metrics.get(`api_request_latency_seconds_count{${ROUTE}}`)).toBe(300);
    expect(sum(metrics, "model_feature_bin_total")).toBe(300 * 4);

    expect(metrics.get(`model_info{${MODEL},task="classification",engine="tepal"}`)).toBe(1);
    expect(metrics.get(`model_default{${MODEL}}`)).toBe(1);
    expect(sum(metrics, "model_class_reference_ratio")).toBeCloseTo(1);
    expect(metrics.get("api_requests_in_flight")).toBe(0);
    expect(metrics.get("api_unique_clients")).toBe(1);
    expect(metrics.get("tepal_workers")).toBe(3);
    expect(metrics.get("tepal_workers_wanted")).toBe(3);
    expect(metrics.get('model_loads_total{result="ready"}')).toBe(3);
    const now = Date.now() / 1_000;
    expect(Math.abs((metrics.get("process_start_time_seconds") ?? 0) - now)).toBeLessThan(600);
  });

  it("count each client once, also with several workers", async () => {
    await using workers = await startWorkers(2);
    // Workers get connections in turn: one from 1, 2 and 4, the other from 1 and 3.
    for (const localAddress of [1, 1, 2, 3, 4].map((last) => `127.0.0.${last}`)) {
      const client = new Client(workers.url, { localAddress });
      await client.request({ path: "/health/live", method: "GET" }).then(({ body }) => body.dump());
      await client.close();
    }
    expect((await workers.scrape()).get("api_unique_clients")).toBe(4);
  });

  it.skipIf(!hasProgram("promtool"))("pass promtool's check", async () => {
    await using workers = await startWorkers(2);
    const text = await request(`${workers.url}/metrics`).then(({ body }) => body.text());
    const own = text.slice(0, text.indexOf("# HELP process_"));
    expect(own).toContain("tepal_workers 2");
    const { status, stderr } = spawnSync("promtool", ["check", "metrics"], {
      input: own,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const whole = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    expect(whole.stderr).not.toContain("error");
  });

  it("are exactly the same after an idle worker is killed", async () => {
    await using workers = await startWorkers(2);
    const tally = new Tally();
    await Promise.all(range(120).map((i) => tally.predict(workers.url, i, fresh)));
    const cpu = (await workers.scrape()).get("process_cpu_seconds_total") ?? 0;
    await Promise.all(range(120).map((i) => tally.predict(workers.url, i, fresh)));
    // No scrape since: the last counts are in no response yet.
    await killOne(workers);
    await Promise.all(range(60).map((i) => tally.predict(workers.url, i, fresh)));
    await killOne(workers);
    const metrics = await workers.scrape();
    expect(metrics.get(REQUESTS)).toBe(300);
    expect(sum(metrics, "model_predictions_total")).toBe(300);
    expect(metrics.get(`model_batch_rows_count{${MODEL}}`)).toBe(300);
    expect(sum(metrics, "model_feature_bin_total")).toBe(300 * 4);
    expect(metrics.get('tepal_worker_restarts_total{reason="exit"}')).toBe(2);
    expect(metrics.get(`model_info{${MODEL},task="classification",engine="tepal"}`)).toBe(1);
    expect(metrics.get("process_cpu_seconds_total")).toBeGreaterThanOrEqual(cpu);
  });

  it("keep the CPU seconds of a worker that has ended", async () => {
    await using workers = await startWorkers(2, ["--extension", "burn.ts"], (folder) =>
      writeFile(`${folder}/burn.ts`, BURN),
    );
    const client = new Client(workers.url);
    let pid = 0;
    // All on one connection, and so by one worker; none so long that the worker misses heartbeats.
    for (let i = 0; i < 10; i++) {
      const { body } = await client.request({ path: "/burn", method: "GET" });
      ({ pid } = JSON.parse(await body.text()));
    }
    await client.close();
    const before = (await workers.scrape()).get("process_cpu_seconds_total") ?? 0;
    await workers.idle();
    process.kill(pid, "SIGKILL");
    await until(async () => {
      const restarts = (await scrapeOr(workers))?.get('tepal_worker_restarts_total{reason="exit"}');
      return restarts === 1;
    });
    expect((await workers.scrape()).get("process_cpu_seconds_total")).toBeGreaterThanOrEqual(
      before,
    );
  });

  it("count each restart of a worker that ends while it starts", async () => {
    await using workers = await startWorkers(2, ["--extension", "doomed.ts"], (folder) =>
      writeFile(`${folder}/doomed.ts`, DOOMED),
    );
    await writeFile(`${workers.folder}/doom`, "");
    const [pid = 0] = await workers.pids();
    process.kill(pid, "SIGKILL");
    const series = 'tepal_worker_restarts_total{reason="exit"}';
    let restarts = 0;
    await until(async () => {
      restarts = (await scrapeOr(workers))?.get(series) ?? 0;
      return restarts >= 3;
    });
    await rm(`${workers.folder}/doom`);
    let metrics: ReadonlyMap<string, number> | undefined;
    await until(async () => {
      metrics = await scrapeOr(workers);
      return metrics?.get("tepal_workers") === 2;
    });
    // The series of the restarts only grows.
    expect(metrics?.get(series)).toBeGreaterThanOrEqual(restarts);
  });

  it("lose at most the last reply of each connection when a worker is killed under load, and never go down", async () => {
    await using workers = await startWorkers(2);
    const tally = new Tally();
    const CONNECTIONS = 8;
    const over = new AbortController();
    let failed = 0;

    async function predict(client: number): Promise<void> {
      let agent = new Agent({ connections: 1 });
      for (let i = client; !over.signal.aborted; i++) {
        try {
          await tally.predict(workers.url, i, client % 4 === 0 ? fresh : { dispatcher: agent });
        } catch {
          // The worker with the request was killed: retry, as clients do.
          failed += 1;
          await agent.destroy();
          agent = new Agent({ connections: 1 });
        }
      }
      await agent.close();
    }

    const seen: number[] = [];
    async function watch(): Promise<void> {
      while (!over.signal.aborted) {
        // The scrape may reach the killed worker too.
        const metrics = await scrapeOr(workers);
        if (metrics !== undefined) seen.push(sum(metrics, "model_predictions_total"));
        // Rarely: a scrape makes all workers save their metrics, and this test checks that they do so by themselves.
        await sleep(300);
      }
    }

    const clients = [...range(CONNECTIONS).map(predict), watch()];
    for (const answered of [300, 1_000]) {
      await until(() => tally.answered > answered);
      const [pid = 0] = await workers.pids();
      process.kill(pid, "SIGKILL");
      await until(async () => !(await workers.pids()).includes(pid));
      await until(async () => (await scrapeOr(workers))?.get("tepal_workers") === 2);
    }
    await until(() => seen.length > 3);
    over.abort();
    await Promise.all(clients);

    const metrics = await workers.scrape();
    const counted = sum(metrics, "model_predictions_total");
    // A reply may be sent before the turn that counts it has ended.
    expect(counted).toBeGreaterThanOrEqual(tally.answered - 2 * CONNECTIONS);
    expect(counted).toBeLessThanOrEqual(tally.attempted);
    expect(failed).toBeGreaterThan(0);
    expect(failed).toBeLessThanOrEqual(2 * CONNECTIONS);
    expect(metrics.get('tepal_worker_restarts_total{reason="exit"}')).toBe(2);

    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });
});

describe("a worker", () => {
  it("that hangs is killed and replaced; the others serve meanwhile, and no client waits for ever", async () => {
    await using workers = await startWorkers(2, ["--worker-timeout", "4"]);
    const tally = new Tally();
    await Promise.all(range(20).map((i) => tally.predict(workers.url, i, fresh)));
    const [pid = 0] = await workers.pids();
    await workers.idle();
    process.kill(pid, "SIGSTOP");
    // The stopped worker gets one of these, which moves to another worker when it is killed.
    await Promise.all(range(40).map((i) => tally.predict(workers.url, i, fresh)));
    await until(async () => !(await workers.pids()).includes(pid));
    await until(async () => (await workers.scrape()).get("tepal_workers") === 2);
    const metrics = await workers.scrape();
    expect(metrics.get('tepal_worker_restarts_total{reason="hung"}')).toBe(1);
    expect(metrics.get(REQUESTS)).toBe(60);
    expect(workers.running.output()).toContain("sent no heartbeat for");
  });

  it("that has stopped does not stop a scrape, which has its last values", async () => {
    await using workers = await startWorkers(2);
    const tally = new Tally();
    await Promise.all(range(40).map((i) => tally.predict(workers.url, i, fresh)));
    const [, pid = 0] = await workers.pids();
    await workers.idle();
    process.kill(pid, "SIGSTOP");
    try {
      // The stopped worker may get one of them.
      const metrics = await Promise.any([workers.scrape(), workers.scrape()]);
      expect(metrics.get(REQUESTS)).toBe(40);
    } finally {
      process.kill(pid, "SIGCONT");
    }
  });

  it("is also replaced if all end at once: on the same port, with all counts", async () => {
    await using workers = await startWorkers(2);
    const tally = new Tally();
    await Promise.all(range(40).map((i) => tally.predict(workers.url, i, fresh)));
    await workers.idle();
    for (const pid of await workers.pids()) process.kill(pid, "SIGKILL");
    await until(async () => (await scrapeOr(workers))?.get("tepal_workers") === 2);
    await Promise.all(range(40).map((i) => tally.predict(workers.url, i, fresh)));
    const metrics = await workers.scrape();
    expect(metrics.get(REQUESTS)).toBe(80);
    expect(metrics.get('tepal_worker_restarts_total{reason="exit"}')).toBe(2);
    const listening = [
      ...workers.running.output().matchAll(/"worker":(\d).*listening on ([^"]+)/g),
    ];
    expect(new Map(listening.map(([, worker, url]) => [worker, url]))).toEqual(
      new Map([
        ["1", workers.url],
        ["2", workers.url],
      ]),
    );
  });

  it("that ends repeatedly is started after growing delays, while the others serve", async () => {
    await using workers = await startWorkers(2);
    for (let death = 0; death < 4; death++) {
      const before = await workers.pids();
      await until(async () => (await workers.scrape()).get("tepal_workers") === 2);
      const pid = before.at(-1) ?? 0;
      process.kill(pid, "SIGKILL");
      await until(async () => !(await workers.pids()).includes(pid));
      await until(async () => (await workers.pids()).length === 2);
    }
    await until(() => workers.running.output().includes("ended 4 times in a row"));
    expect(workers.running.output()).not.toContain("ended 3 times in a row");
  });

  it("finishes its requests and exits when the primary is killed", async () => {
    await using workers = await startWorkers(2, ["--drain-timeout", "3"]);
    const pids = await workers.pids();
    workers.running.process.kill("SIGKILL");
    await until(async () =>
      (await Promise.all(pids.map(workers.isRunning))).every((runs) => !runs),
    );
    await expect(workers.scrape()).rejects.toThrow("ECONNREFUSED");
  });

  it("ignores the signals that a terminal sends to every process", async () => {
    await using workers = await startWorkers(2);
    const pids = await workers.pids();
    for (const pid of pids) {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.kill(pid, signal);
    }
    await new Tally().predict(workers.url, 0);
    expect(await workers.pids()).toEqual(pids);
    expect((await workers.scrape()).get("tepal_workers")).toBe(2);
  });
});

describe("a worker that replaces another", () => {
  it("does not serve without the model that the others serve from memory", async () => {
    await using workers = await startWorkers(2);
    const manifest = `${workers.folder}/models/iris/1/manifest.json`;
    const text = await readFile(manifest, "utf8");
    await writeFile(manifest, "junk");
    const [pid = 0] = await workers.pids();
    process.kill(pid, "SIGKILL");
    await until(() => workers.running.output().includes("It cannot load the default model"));
    const tally = new Tally();
    // A worker without the model would reply 503 to one in two.
    for (const i of range(10)) await tally.predict(workers.url, i, fresh);
    expect(tally.answered).toBe(10);
    await writeFile(manifest, text);
    await until(async () => (await workers.scrape()).get("tepal_workers") === 2);
  });
});

describe("several workers are one server", () => {
  it("the rate limit holds over all of them", async () => {
    await using workers = await startWorkers(2, ["--rate-limit", "20"]);
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify(toIrisObject([5.1, 3.5, 1.4, 0.2]));
    const begun = performance.now();
    const replies = await Promise.all(
      range(100).map(async () => {
        const reply = await request(`${workers.url}/predict`, {
          method: "POST",
          headers,
          body,
          ...fresh,
        });
        await reply.body.dump();
        const left = Number(reply.headers["x-ratelimit-remaining"]);
        return { status: reply.statusCode, left };
      }),
    );
    const windows = 1 + Math.floor((performance.now() - begun) / 1_000);
    // On a busy machine the primary may count too late: such requests pass, with the whole limit left.
    const counted = replies.filter(({ left }) => left < 20);
    const passed = counted.filter(({ status }) => status === 200).length;
    const rejected = counted.filter(({ status }) => status === 429).length;
    expect(passed + rejected).toBe(counted.length);
    expect(passed).toBeLessThanOrEqual(20 * windows);
    expect(rejected).toBeGreaterThanOrEqual(counted.length - 20 * windows);
  });

  it("SIGHUP and POST /admin/reload reach all of them, with one report", async () => {
    await using folder = await createFolder();
    const keys = `${folder.path}/keys.json`;
    const made = await runCli(
      ["keys", "add", "--name", "boss", "--role", "admin", "--file", keys],
      "/",
    );
    const key = /tepal_\S+/.exec(made.stdout)?.[0] ?? made.stdout + made.stderr;
    await using workers = await startWorkers(2, ["--api-keys-file", keys]);
    const headers = { authorization: `Bearer ${key}` };

    /** Lists the serving versions over several connections, and so of both workers. */
    async function listServing(): Promise<Set<unknown>> {
      const replies = await Promise.all(
        range(8).map(() => request(`${workers.url}/models`, { headers, ...fresh })),
      );
      const bodies = await Promise.all(replies.map(({ body }) => body.text()));
      return new Set(bodies.map((text) => /"serving":(\d+)/.exec(text)?.[1]));
    }

    await trainVersion(workers.folder);
    const reply = await request(`${workers.url}/admin/reload`, { method: "POST", headers });
    expect(await reply.body.json()).toEqual({
      loaded: [{ name: "iris", version: 2 }],
      failed: [],
      removed: [],
      problems: [],
    });
    expect(await listServing()).toEqual(new Set(["2"]));

    await trainVersion(workers.folder);
    workers.running.process.kill("SIGHUP");
    await until(async () => [...(await listServing())].join() === "3");

    await writeFile(keys, "{");
    await rm(`${workers.folder}/models`, { recursive: true });
    const damaged = await request(`${workers.url}/admin/reload`, { method: "POST", headers });
    expect(await damaged.body.json()).toEqual({
      loaded: [],
      failed: [],
      removed: [],
      // Each worker reads both, but each problem is reported once.
      problems: [
        { part: "keys", message: expect.stringContaining("Invalid keys file") },
        { part: "models", message: expect.stringContaining("models folder cannot be read") },
      ],
    });
    expect(await listServing()).toEqual(new Set(["3"]));
    const keyless = await request(`${workers.url}/models`, fresh);
    expect(keyless.statusCode).toBe(401);
    await keyless.body.dump();
  });

  it.skipIf(!hasProgram("openssl"))("HTTPS, with a certificate that SIGHUP changes", async () => {
    await using folder = await createFolder();
    const made = [makeCertificate(folder.path, "first"), makeCertificate(folder.path, "second")];
    const [cert, key] = [`${folder.path}/tls.crt`, `${folder.path}/tls.key`];
    const put = async (i: number): Promise<void> => {
      await cp(made[i]?.cert ?? "", cert);
      await cp(made[i]?.key ?? "", key);
    };
    await put(0);
    await using workers = await startWorkers(2, ["--tls-cert", cert, "--tls-key", key]);
    expect(workers.url).toMatch(/^https:/);

    /** Returns the names on the certificates of several connections. */
    async function listNames(): Promise<Set<string>> {
      const names = range(6).map(async () => {
        const socket = connect({
          port: Number(new URL(workers.url).port),
          rejectUnauthorized: false,
        });
        await once(socket, "secureConnect");
        const { CN } = socket.getPeerCertificate().subject;
        socket.destroy();
        return String(CN);
      });
      return new Set(await Promise.all(names));
    }
    expect(await listNames()).toEqual(new Set(["first"]));
    await put(1);
    workers.running.process.kill("SIGHUP");
    await until(async () => [...(await listNames())].join() === "second");
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    await new Tally().predict(workers.url, 0, { dispatcher });
    await dispatcher.close();
  });

  it("SIGTERM under load loses no request on any connection before a reply closes it", async () => {
    await using workers = await startWorkers(2);
    const statuses: number[] = [];
    const onReply = (status: number): void => {
      statuses.push(status);
      if (statuses.length === 501) workers.running.process.kill("SIGTERM");
    };
    const row = toIrisObject([5.1, 3.5, 1.4, 0.2]);
    await Promise.all(range(32).map(() => keepRequesting(workers.url, row, onReply)));
    expect(await workers.running.ended).toMatchObject({ code: 0 });
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it("a port in use ends all of them with the error and exit code of one process", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    await using folder = await createFolder();
    await copyIris(`${folder.path}/models`);
    const one = await runCli(["serve", "--port", port], folder.path);
    const two = await runCli(["serve", "--port", port, "--workers", "2"], folder.path);
    other.close();
    expect(two.code).toBe(1);
    expect(two.code).toBe(one.code);
    const last = (text: string): string | undefined => text.trim().split("\n").at(-1);
    expect(last(two.stderr)).toBe(last(one.stderr));
  });

  it("an invalid file ends all of them with the error and exit code of one process", async () => {
    await using folder = await createFolder();
    const words = ["serve", "--port", "0", "--api-keys-file", "missing.json"];
    const one = await runCli(words, folder.path);
    const two = await runCli([...words, "--workers", "2"], folder.path);
    expect(two.code).toBe(one.code);
    expect(two.stderr).toContain(one.stderr.trim().split("\n").at(-1) ?? "nothing");
  });
});

async function trainVersion(folder: string): Promise<void> {
  await runCli(["train", "--trees", "3"], folder);
}

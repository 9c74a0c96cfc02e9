import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderRules } from "../../dashboards/rules.ts";
import { runCli, startCli, waitForOutput, type Running } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { copyIris, IRIS, toIrisObject } from "../support/models.ts";
import {
  startAlertmanager,
  startNodeExporter,
  startPrometheus,
  startReceiver,
  takeAddress,
  type Prometheus,
} from "../support/monitoring.ts";
import { hasProgram } from "../support/programs.ts";
import { until } from "../support/workers.ts";

const isComplete = [
  hasProgram("prometheus"),
  hasProgram("prometheus-alertmanager"),
  hasProgram("prometheus-node-exporter"),
].every(Boolean);

const RECORDED = [...renderRules().values()].flatMap((text) =>
  [...text.matchAll(/- record: (\S+)/g)].map(([, name = ""]) => name),
);

describe.runIf(isComplete)("a server, Prometheus and Alertmanager configured by deploy/", () => {
  const owned = new AsyncDisposableStack();
  let folder: string;
  let address: string;
  let predictKey: string;
  let server: Running;
  let prometheus: Prometheus;
  let alertmanager: { readonly url: string };
  let receiver: Awaited<ReturnType<typeof startReceiver>>;

  async function startServer(): Promise<Running> {
    const port = address.split(":")[1] ?? "";
    // A busy machine must not make the server reject a request of the test.
    const words = ["serve", "--port", port, "--max-event-loop-lag", "60"];
    const running = startCli([...words, "--api-keys-file", "api-keys.json"], folder);
    await waitForOutput(running, /http:\/\/127\.0\.0\.1:\d+/);
    return running;
  }

  async function addKey(role: string): Promise<string> {
    const run = await runCli(["keys", "add", "--name", role, "--role", role], folder);
    return run.stdout.trim();
  }

  async function predict(path: string, body: unknown): Promise<number> {
    const reply = await request(`http://${address}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${predictKey}` },
      body: JSON.stringify(body),
    });
    await reply.body.dump();
    return reply.statusCode;
  }

  const value = async (promql: string): Promise<number | undefined> =>
    (await prometheus.query(promql))[0]?.value;

  const isReceived = (alertname: string, status: string): boolean =>
    receiver.received.some((alert) => alert.alertname === alertname && alert.status === status);

  beforeAll(async () => {
    folder = owned.use(await createFolder()).path;
    await copyIris(`${folder}/models`);
    const metricsKey = await addKey("metrics");
    predictKey = await addKey("predict");
    address = await takeAddress();
    server = await startServer();
    owned.defer(() => server[Symbol.asyncDispose]());
    receiver = owned.use(await startReceiver());
    const nodeExporter = owned.use(await startNodeExporter());
    const manager = owned.use(await startAlertmanager(`${folder}/alertmanager`, receiver.url));
    alertmanager = manager;
    const targets = {
      api: address,
      alertmanager: manager.address,
      nodeExporter: nodeExporter.address,
    };
    prometheus = owned.use(await startPrometheus(`${folder}/prometheus`, targets, metricsKey));
  });
  afterAll(() => owned.disposeAsync());

  it("scrape each other, and the server with its API key", async () => {
    let jobs: Record<string, number> = {};
    await until(async () => {
      const found = await prometheus.query("up");
      jobs = Object.fromEntries(found.map(({ labels, value: up }) => [labels["job"], up]));
      return found.filter(({ value: up }) => up === 1).length === 4;
    });
    expect(jobs).toEqual({
      tepal: 1,
      prometheus: 1,
      alertmanager: 1,
      node: 1,
    });
  });

  it("record a value for every rule, and count the requests sent", async () => {
    const sent = { rows: 0, requests: 0 };
    const missing = async (): Promise<string[]> => {
      const answers = await prometheus.query('{__name__=~".+:.+:.+"}');
      const there = new Set(
        answers.filter((answer) => Number.isFinite(answer.value)).map((a) => a.labels["__name__"]),
      );
      return RECORDED.filter((name) => !there.has(name));
    };
    // A rate needs traffic between two scrapes.
    await until(async () => {
      for (const { row } of IRIS.slice(0, 10)) {
        expect(await predict("/predict", toIrisObject(row))).toBe(200);
        sent.requests += 1;
      }
      const instances = IRIS.map(({ row }) => row);
      expect(await predict("/predict/batch", { instances })).toBe(200);
      expect(await predict("/predict", {})).toBe(422);
      sent.rows += 10 + instances.length;
      return (await missing()).length === 0;
    });
    await until(
      async () =>
        (await value('api_requests_total{route="/predict",status="200"}')) === sent.requests,
    );
    // A scrape may fall between the last single row and the batch after it.
    await until(async () => (await value("sum(model_predictions_total)")) === sent.rows);
    // Training rows must not drift.
    for (const { value: distance } of await prometheus.query("model_feature:distance:increase1h")) {
      expect(distance).toBeLessThan(0.25);
    }
    const reply = await request(`${prometheus.url}/api/v1/rules`);
    const text = await reply.body.text();
    expect(text).toContain('"health":"ok"');
    expect(text).not.toContain('"health":"err"');
  });

  it("notify the receiver when the server is killed and when it is back", async () => {
    server.process.kill("SIGKILL");
    await server.ended;
    // Before the first scrape no target exists, which fires too since alerts wait for two seconds only.
    const down = (status: string) =>
      receiver.received.find(
        (alert) =>
          alert.alertname === "ServerDown" &&
          alert.status === status &&
          alert.labels["instance"] === address,
      );
    await until(() => down("firing") !== undefined);
    expect(down("firing")).toEqual({
      path: "/critical",
      alertname: "ServerDown",
      status: "firing",
      labels: {
        alertname: "ServerDown",
        instance: address,
        job: "tepal",
        severity: "critical",
      },
      annotations: {
        summary: `Requests to ${address} fail: it is down`,
        description: `Prometheus cannot scrape ${address} of job tepal (up is 0). Check that the process runs and that the port accepts connections.`,
        runbook_url: "http://127.0.0.1:8000/runbooks/ServerDown",
        dashboard_url: "http://127.0.0.1:3000/d/tepal-overview?var-job=tepal",
      },
    });
    server = await startServer();
    await until(() => down("resolved") !== undefined);
  });

  it("inhibit a warning while the same alert is critical, and route the watchdog to no receiver", async () => {
    const alerts = ["critical", "warning"].map((severity) => ({
      labels: { alertname: "AvailabilityBudgetBurn", job: "another", severity },
    }));
    const posted = await request(`${alertmanager.url}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(alerts),
    });
    expect(posted.statusCode).toBe(200);
    const filter = encodeURIComponent('job="another"');
    const states = async (): Promise<Record<string, string>> => {
      const reply = await request(`${alertmanager.url}/api/v2/alerts?filter=${filter}`);
      const found = (await reply.body.json()) as {
        labels: { severity: string };
        status: { state: string };
      }[];
      return Object.fromEntries(found.map(({ labels, status }) => [labels.severity, status.state]));
    };
    await until(async () => !Object.values(await states()).includes("unprocessed"));
    expect(await states()).toEqual({ critical: "active", warning: "suppressed" });
    await until(() => isReceived("AvailabilityBudgetBurn", "firing"));
    const heard = receiver.received.filter(({ labels }) => labels["job"] === "another");
    expect(new Set(heard.map(({ path }) => path))).toEqual(new Set(["/critical"]));

    await until(async () => {
      const all = await request(`${alertmanager.url}/api/v2/alerts`);
      return (await all.body.text()).includes('"alertname":"Watchdog"');
    });
    expect(isReceived("Watchdog", "firing")).toBe(false);
  });

  it("keep history across a restart of Prometheus", async () => {
    const history = 'count_over_time(up{job="tepal"}[10m])';
    await until(async () => ((await value(history)) ?? 0) > 5);
    const before = Date.now() / 1_000;
    // After the next scrape, no earlier sample can follow.
    await until(async () => ((await value('timestamp(up{job="tepal"})')) ?? 0) > before);
    const seen = await prometheus.query(history, before);
    expect(seen).toHaveLength(1);
    await prometheus.restart();
    expect(await prometheus.query(history, before)).toEqual(seen);
    await until(async () => (await value('up{job="tepal"}')) === 1);
  });
});

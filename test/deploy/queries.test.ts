import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { once } from "node:events";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ANNOTATIONS } from "../../dashboards/grafana/annotations.ts";
import type {
  DashboardDefinition,
  QueryDefinition,
} from "../../dashboards/grafana/dashboard-definition.ts";
import { DASHBOARDS } from "../../dashboards/grafana/grafana.ts";
import { showsHistory } from "../../dashboards/grafana/panels.ts";
import { toVariables } from "../../dashboards/grafana/variables.ts";
import { startCli, waitForOutput } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { IRIS, copyIris, toIrisObject, trainIris } from "../support/models.ts";
import { SCRIPT, startLoadPage } from "../support/load-page.ts";
import { startNodeExporter, startPrometheusWith } from "../support/monitoring.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/workers.ts";
import { LOAD_METRICS, PROCESS_METRICS } from "../../src/metrics/names.ts";
import { substitute, toStep, type View } from "./promql.ts";
import { startStandIns } from "./stand-ins.ts";

/**
 * Queries that are empty in this test, for the reason that their panel states, by legend or by a part of the query. Every other query
 * must return a number.
 */
const EMPTY_HERE: Readonly<Record<string, readonly string[]>> = {
  // The load test is still running.
  "Dropped and abandoned requests": ["abandoned"],
  // One process, no API keys, no overload.
  "Requests by status": ['status=~"5.."', 'status=~"3.."'],
  "Worker restarts": ["{{reason}}"],
  "Streamed uploads": ["p50", "p95"],
  "Requests by version and result": ['result="error"'],
  "Rejected for overload": ["{{reason}}"],
  "Rejected requests by reason": ["key: {{reason}}", "overload: {{reason}}"],
  "Rejected since start by reason": ["key: {{reason}}", "overload: {{reason}}"],
  Series: ["dropped"],
};

/** Targets are scraped each second; a rate covers 20 seconds, so that missed scrapes leave no gap. */
const VIEW: View = {
  rangeSeconds: 300,
  scrapeSeconds: 5,
  points: 300,
  variables: { job: "tepal", instance: ".+", model: ".+" },
};
/** Times before this test started. They become a moment ago. */
const LONG_BEFORE = /offset (1h|1d)/g;
/** tepal, node, cadvisor, loadtest, other. */
const TARGETS = 5;

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

const hasNodeExporter = hasProgram("prometheus-node-exporter");
const BACKENDS = [
  {
    backend: "a real Prometheus",
    isBuiltIn: false,
    runs: hasNodeExporter && hasProgram("prometheus"),
  },
  { backend: "the built-in monitor", isBuiltIn: true, runs: hasNodeExporter },
].filter(({ runs }) => runs);

describe.each(BACKENDS)("every query of every panel, on $backend", ({ isBuiltIn }) => {
  const resources = new AsyncDisposableStack();
  const sent = { requests: 0, rows: 0, invalid: 0, malformed: 0, mediaType: 0 };
  let api = "";
  let prometheus = "";
  /** Seconds since 1970. All queries are evaluated at this moment, whose samples no longer change. */
  let settled = 0;

  beforeAll(async () => {
    const folder = resources.use(await createFolder());
    const models = `${folder.path}/models`;
    await copyIris(models);
    await trainIris(models, { trees: 8 });
    const node = resources.use(await startNodeExporter());
    const standIns = resources.use(await startStandIns());
    // The load test has a server of its own, since this test counts the requests of the other. It drops requests for lack of users.
    const loaded = resources.use(await startServer());
    const load = resources.use(await startLoadPage({ script: SCRIPT, host: loaded.url }));
    const profile = { kind: "constant_rate", rate: 200, poisson: true, max_users: 4 };
    await load.post("/api/load/start", { profile });
    await writeFile(join(folder.path, "rules.yml"), JSON.stringify(RULES));
    // A busy machine must not make the server reject a request of the test.
    const words = ["serve", "--port", "0", "--max-event-loop-lag", "60"];
    if (isBuiltIn) {
      const targets = [
        `node=${node.url}/metrics`,
        `cadvisor=http://${standIns.target}/metrics`,
        `loadtest=${load.url}/metrics`,
        `other=${node.url}/metrics`,
      ];
      words.push("--monitor", "--no-persist", "--scrape-interval", "1", "--rules-interval", "1");
      words.push("--rules", "rules.yml", "--scrape", targets.join(","));
    }
    const server = resources.use(startCli(words, folder.path));
    api = await waitForOutput(server, /(http:\/\/127\.0\.0\.1:\d+)/);
    const exporters = { node: node.url, cadvisor: standIns.target, load: load.url };
    prometheus = isBuiltIn ? `${api}/prometheus` : await startReal(folder.path, exporters);

    // An increase needs a sample before it, and the series of a route start with its first request: so send it twice.
    await waitForScrape();
    await sendTraffic();
    await waitForScrape();
    await sendTraffic();
    // Garbage collections have no series before the first one, and are shown once another one was scraped.
    const collections = `${PROCESS_METRICS.gcDuration}_sum{job="tepal"}`;
    while ((await count(`increase(${collections}[5m]) > 0`)) === 0) await sendTraffic();
    for (const { name } of [LOAD_METRICS.requests, LOAD_METRICS.failures]) {
      await until(() => hasTwoSamples(name));
    }
    // A subquery is evaluated at multiples of its step only: one of them must follow the second samples.
    const complete = Date.now() / 1_000;
    do settled = await waitForScrape();
    while (Math.floor(settled / VIEW.scrapeSeconds) * VIEW.scrapeSeconds < complete);
  });
  afterAll(() => resources.disposeAsync());

  /** @returns the URL of Prometheus */
  async function startReal(
    folder: string,
    exporters: { readonly node: string; readonly cadvisor: string; readonly load: string },
  ): Promise<string> {
    const config = join(folder, "prometheus.yml");
    const job = (name: string, target: string): object => ({
      job_name: name,
      static_configs: [{ targets: [target.replace("http://", "")] }],
    });
    const scraping = {
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: ["rules.yml"],
      scrape_configs: [
        job("tepal", api),
        job("node", exporters.node),
        job("cadvisor", exporters.cadvisor),
        job("loadtest", exporters.load),
        // Exposes metrics with the names of the server's (process_…), which dashboards must keep apart.
        job("other", exporters.node),
      ],
    };
    // JSON is YAML.
    await writeFile(config, JSON.stringify(scraping));
    const started = await startPrometheusWith([
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder}/data`,
    ]);
    return resources.use(started).url;
  }

  async function send(
    path: string,
    body?: string | object,
    type = "application/json",
  ): Promise<number> {
    sent.requests += 1;
    const text = typeof body === "object" ? JSON.stringify(body) : body;
    const reply = await request(`${api}${path}`, {
      method: text === undefined ? "GET" : "POST",
      headers: text === undefined ? {} : { "content-type": type },
      body: text ?? null,
    });
    await reply.body.dump();
    return reply.statusCode;
  }

  /** Sends in-distribution rows, outliers, batches, shifted batches, and requests that are rejected. */
  async function sendTraffic(): Promise<void> {
    const predict = async (path: string, rows: readonly (readonly number[])[]): Promise<void> => {
      sent.rows += rows.length;
      const [first = []] = rows;
      const body = path.endsWith("batch") ? { instances: rows } : toIrisObject(first);
      expect(await send(path, body)).toBe(200);
    };
    for (const { row } of IRIS.slice(0, 40)) await predict("/predict", [row]);
    for (const { row } of IRIS.slice(60, 80)) await predict("/models/iris/predict", [row]);
    await predict("/predict", [[50, 35, 14, 2]]);
    // Version 1 gets its training rows; version 2, the default, gets shifted ones.
    const rows = IRIS.map(({ row }) => row);
    const moved = rows.map((row) => row.map((value) => value + 0.8));
    await predict("/models/iris/versions/1/predict/batch", rows);
    await predict("/predict/batch", moved);
    await predict("/models/iris/predict/batch", moved);
    sent.invalid += 2;
    expect(await send("/predict", { sepal_length: "long" })).toBe(422);
    expect(await send("/predict/batch", { instances: [[1, 2]] })).toBe(422);
    sent.malformed += 1;
    expect(await send("/predict", "{")).toBe(400);
    sent.mediaType += 1;
    expect(await send("/predict", "a,b", "text/csv")).toBe(415);
    expect(await send("/nowhere")).toBe(404);
    expect(await send("/models/absent/predict", { a: 1 })).toBe(404);
    expect(await send("/models")).toBe(200);
    await sendGarbage();
  }

  /** Sends bytes that are not HTTP. */
  async function sendGarbage(): Promise<void> {
    const socket = connect(Number(new URL(api).port), "127.0.0.1");
    // The server may close before it has read everything, which resets the connection.
    socket.on("error", () => {});
    socket.resume().end("no request\r\n\r\n");
    await once(socket, "close");
  }

  /**
   * Waits for a scrape of every target that starts after this call and succeeds.
   * @returns a later moment, in seconds since 1970, before which every sample has been stored
   */
  async function waitForScrape(): Promise<number> {
    const start = Date.now() / 1_000;
    for (;;) {
      const moment = Date.now() / 1_000;
      // Each target is scraped in sequence: after its next scrape, no earlier sample can follow.
      await until(async () => (await count(`timestamp(up) > ${moment}`)) === TARGETS);
      if ((await count(`(up == 1) and (timestamp(up) > ${start})`, moment)) === TARGETS) {
        return moment;
      }
    }
  }
  /** True if at least two scrapes have stored a series of the selector, so that it has a rate. */
  async function hasTwoSamples(selector: string): Promise<boolean> {
    return (await count(`count_over_time(${selector}[5m]) >= 2`)) > 0;
  }
  async function count(query: string, time?: number): Promise<number> {
    const [found] = await post("query", { query: `count(${query})`, ...(time && { time }) });
    return Number(found?.value?.[1] ?? 0);
  }

  /** Returns the result at the settled moment, or over the range of the dashboard that ends there. */
  function evaluate(query: string, overTime: boolean): Promise<readonly Series[]> {
    const [start, end] = [settled - VIEW.rangeSeconds, settled];
    return overTime
      ? post("query_range", { query, start, end, step: toStep(VIEW) })
      : post("query", { query, time: settled });
  }
  async function post(
    endpoint: string,
    parameters: Readonly<Record<string, string | number>>,
  ): Promise<readonly Series[]> {
    const form = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
    const response = await request(`${prometheus}/api/v1/${endpoint}`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
    });
    const body = (await response.body.json()) as { error?: string; data: { result: Series[] } };
    if (body.error !== undefined) throw new Error(`${parameters["query"]}: ${body.error}`);
    return body.data.result;
  }

  /** Returns a query of the panel with this title. */
  function find(uid: string, title: string, index = 0): QueryDefinition {
    const dashboard = DASHBOARDS.find((candidate) => candidate.uid === uid);
    const panels = dashboard?.rows.flatMap((row) => row.panels) ?? [];
    const query = panels.find((panel) => panel.title === title)?.queries[index];
    if (query === undefined) throw new Error(`${uid} has no panel ${title}`);
    return query;
  }
  async function valuesOf(uid: string, title: string, index = 0): Promise<number[]> {
    const found = await evaluate(substitute(find(uid, title, index).expr, VIEW), false);
    return found.map(({ value }) => Number(value?.[1]));
  }
  async function valueOf(uid: string, title: string, index = 0): Promise<number> {
    const values = await valuesOf(uid, title, index);
    const [value = Number.NaN] = values;
    if (values.length !== 1) throw new Error(`${title} shows ${values.length} values`);
    return value;
  }

  it.each(DASHBOARDS)("$title shows a value on every panel", async (dashboard) => {
    expect(await listEmpty(dashboard)).toEqual([]);
  });

  /** Lists the queries without a number or with an infinite one, except those that are empty here. */
  async function listEmpty({ rows }: DashboardDefinition): Promise<string[]> {
    const problems: string[] = [];
    for (const panel of rows.flatMap((row) => row.panels)) {
      const names: string[] = [];
      for (const { expr, legend, mayBeEmpty } of panel.queries) {
        const where = `${panel.title}, ${legend}`;
        const query = substitute(expr, VIEW).replaceAll(LONG_BEFORE, "offset 2s");
        const found = await evaluate(query, showsHistory(panel));
        for (const { metric } of found) names.push(toName(legend, metric));
        const numbers = found
          .flatMap(({ value, values = [] }) => (value === undefined ? values : [value]))
          .map(([, text]) => Number(text.replace("Inf", "Infinity")))
          .filter((number) => !Number.isNaN(number));
        const isEmptyHere =
          EMPTY_HERE[panel.title]?.some((part) => part === legend || expr.includes(part)) === true;
        if (isEmptyHere) {
          if (mayBeEmpty === undefined)
            problems.push(`${where} does not state that it may be empty`);
          if (numbers.length > 0) problems.push(`${where} is not empty`);
        } else if (numbers.length === 0) problems.push(`${where} is empty: ${query}`);
        if (!numbers.every(Number.isFinite)) problems.push(`${where} is infinite: ${query}`);
      }
      const isTable = panel.kind === "table";
      const twice = names.filter((name, index) => !isTable && names.indexOf(name) < index);
      if (twice.length > 0) problems.push(`${panel.title} has two series named ${twice[0]}`);
    }
    return problems;
  }

  /** Returns a legend as Grafana draws it. */
  function toName(legend: string, labels: Series["metric"]): string {
    return legend.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => labels[name] ?? "");
  }

  it("shows totals equal to the requests sent", async () => {
    expect(await valueOf("tepal-overview", "Total requests")).toBe(sent.requests);
    expect(await valueOf("tepal-requests", "Requests since start")).toBe(sent.requests);
    expect(await valueOf("tepal-requests", "Predictions since start")).toBe(sent.rows);
    const rejected = await evaluate(
      find("tepal-requests", "Rejected since start by reason").expr.replaceAll(/"\$\w+"/g, '".+"'),
      false,
    );
    const byReason = Object.fromEntries(
      rejected.map(({ metric, value }) => [metric["reason"], Number(value?.[1])]),
    );
    expect(byReason).toMatchObject({
      invalid_input: sent.invalid,
      malformed_json: sent.malformed,
      media_type: sent.mediaType,
    });
  });

  it("shows shares and latencies consistent with the requests sent", async () => {
    // A scrape may time out on a busy machine, and counts as time in which the server was down.
    const [up] = await evaluate(`avg_over_time(up{job="tepal"}[${VIEW.rangeSeconds}s])`, false);
    const share = Number(up?.value?.[1]);
    expect(share).toBeGreaterThan(0.5);
    expect(await valueOf("tepal-overview", "Availability")).toBeCloseTo(share, 9);
    const budget = 1 - (1 - share) / 0.001;
    expect(await valueOf("tepal-overview", "Error budget remaining")).toBeCloseTo(budget, 6);
    expect(await valueOf("tepal-overview", "Error rate")).toBe(0);
    expect(await valueOf("tepal-overview", "Servers up")).toBe(1);
    const [p50 = 0, p95 = 0, p99 = 0] = [
      await valueOf("tepal-latency", "Median latency (p50)"),
      await valueOf("tepal-latency", "p95 latency"),
      await valueOf("tepal-latency", "p99 latency"),
    ];
    expect(p50).toBeGreaterThan(0);
    expect(p95).toBeGreaterThanOrEqual(p50);
    expect(p99).toBeGreaterThanOrEqual(p95);
    const shares: number[] = [];
    for (let bound = 0; bound < 13; bound++) {
      shares.push(await valueOf("tepal-latency", "Cumulative latency distribution", bound));
    }
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeLessThanOrEqual(1);
  });

  it("shows drift for shifted rows only, from bins that sum to 1", async () => {
    const drift = await evaluate(
      substitute(find("tepal-model", "Drift by feature").expr, VIEW),
      false,
    );
    const psi = (version: string): number[] =>
      drift
        .filter(({ metric }) => metric["version"] === version)
        .map(({ value }) => Number(value?.[1]));
    expect(psi("1")).toHaveLength(4);
    expect(psi("2")).toHaveLength(4);
    expect(Math.max(...psi("1"))).toBeLessThan(0.01);
    // 0.8 cm is more than a standard deviation of the petal width.
    expect(Math.max(...psi("2"))).toBeGreaterThan(0.25);
    expect(await valueOf("tepal-model", "Highest drift (PSI)")).toBeCloseTo(
      Math.max(...psi("2")),
      10,
    );
    for (const column of [0, 1]) {
      const shares = await valuesOf("tepal-model", "Feature bins and training data", column);
      expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(8, 6);
    }
    const serving = await valuesOf("tepal-model", "Model versions", 1);
    expect(serving.toSorted()).toEqual([0, 1]);
  });

  it("excludes metrics of the same names that other programs expose", async () => {
    const cpu = await evaluate("process_cpu_seconds_total", false);
    expect(cpu.map(({ metric }) => metric["job"]).toSorted()).toEqual(["node", "other", "tepal"]);
    expect(await valuesOf("tepal-resources", "Server CPU over time")).toHaveLength(1);
  });

  it("finds values for every variable, and no jobs but the server's", async () => {
    const values = async (name: string): Promise<readonly (string | undefined)[]> => {
      const [, selector = "", label = ""] =
        /^label_values\((.*), (\w+)\)$/.exec(variables.get(name) ?? "") ?? [];
      const found = await evaluate(substitute(`count by (${label}) (${selector})`, VIEW), false);
      return found.map(({ metric }) => metric[label]);
    };
    expect(await values("job")).toEqual(["tepal"]);
    expect(await values("instance")).toEqual([new URL(api).host]);
    expect(await values("model")).toEqual(["iris"]);
  });

  it("annotates model loads and firing alerts, except the watchdog", async () => {
    const loads = await evaluate(substitute(ANNOTATIONS.modelLoads, VIEW), false);
    expect(loads.map(({ metric }) => metric["version"]).toSorted()).toEqual(["1", "2"]);
    for (const { value } of loads) {
      expect(Math.abs(Number(value?.[1]) - Date.now())).toBeLessThan(600_000);
    }
    const alerts = await evaluate(substitute(ANNOTATIONS.alerts, VIEW), false);
    expect(alerts.map(({ metric }) => metric["alertname"])).toEqual(["Firing"]);
  });
});

const variables = new Map(
  toVariables(() => true).map((variable) => {
    const { name, definition } = variable.build();
    return [name, definition] as const;
  }),
);

const RULES = {
  groups: [
    {
      name: "always",
      rules: [
        { alert: "Firing", expr: "vector(1)", labels: { severity: "info" } },
        { alert: "Watchdog", expr: "vector(1)" },
      ],
    },
  ],
};

import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ANNOTATIONS } from "../../dashboards/grafana/annotations.ts";
import type { DashboardDefinition, QueryDefinition } from "../../dashboards/grafana/definition.ts";
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
import { substitute, toStep, type View } from "./promql.ts";
import { startStandIns } from "./stand-ins.ts";

// Several programs are started, which takes long on a machine that does other things.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

/** Queries that are empty in this test, for a reason that the panel tells too; all others must give something. */
const EMPTY_HERE: Readonly<Record<string, readonly string[]>> = {
  // No run of the load test is over.
  "Requests that are missing": ["abandoned"],
  // One process, no keys, no overload.
  "Workers replaced": ["{{reason}}"],
  "Rejected requests by reason": ["key: {{reason}}", "overload: {{reason}}"],
};

const VIEW: View = {
  rangeSeconds: 300,
  scrapeSeconds: 1,
  points: 300,
  variables: { job: "tepal", instance: ".+", model: ".+" },
};
/** Before this test began: asked a moment ago instead. */
const LONG_BEFORE = /offset (1h|1d)/g;

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

const hasNodeExporter = hasProgram("prometheus-node-exporter");
/** Who is asked: a real Prometheus, and the monitor built in. */
const JUDGES = [
  {
    judge: "a real Prometheus",
    isBuiltIn: false,
    runs: hasNodeExporter && hasProgram("prometheus"),
  },
  { judge: "the monitor built in", isBuiltIn: true, runs: hasNodeExporter },
].filter(({ runs }) => runs);

/** A scrape that a busy machine misses leaves a gap of a second, in which there is nothing now. */
const PATIENT = { retry: { count: 2, delay: 3_000 } };

describe.each(JUDGES)("every query of every panel, asked of $judge", PATIENT, ({ isBuiltIn }) => {
  const resources = new AsyncDisposableStack();
  const sent = { requests: 0, rows: 0, batches: 0, invalid: 0, malformed: 0, unmatched: 0 };
  let api = "";
  let prometheus = "";

  beforeAll(async () => {
    const folder = resources.use(await createFolder());
    const models = `${folder.path}/models`;
    await copyIris(models);
    await trainIris(models, { forest: { trees: 8 } });
    const node = resources.use(await startNodeExporter());
    const others = resources.use(await startStandIns());
    // Asks a server of its own, so that the requests counted here are those of this test. Without a free user it drops what is due.
    const asked = resources.use(await startServer());
    const load = resources.use(await startLoadPage({ script: SCRIPT, host: asked.url }));
    const profile = { kind: "constant_rate", rate: 200, poisson: true, max_users: 4 };
    await load.post("/api/load/start", { profile });
    await writeFile(join(folder.path, "rules.yml"), JSON.stringify(RULES));
    // A busy machine is no reason to refuse a request of a test.
    const words = ["serve", "--port", "0", "--max-event-loop-lag", "60"];
    if (isBuiltIn) {
      const targets = [
        `node=${node.url}/metrics`,
        `cadvisor=http://${others.target}/metrics`,
        `loadtest=${load.url}/metrics`,
        `other=${node.url}/metrics`,
      ];
      words.push("--monitor", "--no-persist", "--scrape-interval", "1", "--rules-interval", "1");
      words.push("--rules", "rules.yml", "--scrape", targets.join(","));
    }
    const server = resources.use(startCli(words, folder.path));
    api = await waitForOutput(server, /(http:\/\/127\.0\.0\.1:\d+)/);
    prometheus = isBuiltIn
      ? `${api}/prometheus`
      : await startReal(folder.path, { node: node.url, others: others.target, load: load.url });

    // Only what comes after a scrape is growth, and series of a route appear with its first request: so twice.
    await waitForScrapes(2);
    await sendTraffic();
    await waitForScrapes(3);
    await sendTraffic();
    await waitForScrapes(3);
  });
  afterAll(() => resources.disposeAsync());

  /** @returns its address */
  async function startReal(
    folder: string,
    exporters: { readonly node: string; readonly others: string; readonly load: string },
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
        job("cadvisor", exporters.others),
        job("loadtest", exporters.load),
        // Has metrics of the same names as the server (process_…), which must not be mixed with its.
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

  /** A little of everything: good rows, unlike rows, batches, drifted batches, and what is refused. */
  async function sendTraffic(): Promise<void> {
    const predict = async (path: string, rows: readonly (readonly number[])[]): Promise<void> => {
      sent.rows += rows.length;
      sent.batches += 1;
      const [first = []] = rows;
      const body = path.endsWith("batch") ? { instances: rows } : toIrisObject(first);
      expect(await send(path, body)).toBe(200);
    };
    for (const { row } of IRIS.slice(0, 40)) await predict("/predict", [row]);
    for (const { row } of IRIS.slice(60, 80)) await predict("/models/iris/predict", [row]);
    await predict("/predict", [[50, 35, 14, 2]]);
    // Version 1 sees what it was trained on; version 2, which answers by default, sees other flowers.
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
    expect(await send("/predict", "a,b", "text/csv")).toBe(415);
    sent.unmatched += 1;
    expect(await send("/nowhere")).toBe(404);
    expect(await send("/models/absent/predict", { a: 1 })).toBe(404);
    expect(await send("/models")).toBe(200);
    await sendGarbage();
  }

  /** Something that is not HTTP. */
  async function sendGarbage(): Promise<void> {
    const socket = connect(Number(new URL(api).port), "127.0.0.1");
    socket.end("no request\r\n\r\n");
    for await (const _ of socket);
  }

  async function waitForScrapes(count: number): Promise<void> {
    const target = (await scrapes()) + count;
    while ((await scrapes()) < target) await sleep(200);
  }
  async function scrapes(): Promise<number> {
    const found = await ask('sum_over_time(up{job="tepal"}[1h])', false);
    return Number(found[0]?.value?.[1] ?? 0);
  }

  /** What Prometheus says: now, or over the time that the dashboard shows. */
  async function ask(query: string, overTime: boolean): Promise<readonly Series[]> {
    const end = Date.now() / 1_000;
    const range = { start: end - VIEW.rangeSeconds, end, step: toStep(VIEW) };
    const form = new URLSearchParams({ query });
    if (overTime) for (const [name, value] of Object.entries(range)) form.set(name, String(value));
    const path = overTime ? "/api/v1/query_range" : "/api/v1/query";
    const reply = await request(`${prometheus}${path}`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
    });
    const answer = (await reply.body.json()) as { error?: string; data: { result: Series[] } };
    if (answer.error !== undefined) throw new Error(`${query}: ${answer.error}`);
    return answer.data.result;
  }

  /** Of a dashboard's query: its panel must be the one of that title. */
  function find(uid: string, title: string, index = 0): QueryDefinition {
    const dashboard = DASHBOARDS.find((candidate) => candidate.uid === uid);
    const panels = dashboard?.rows.flatMap((row) => row.panels) ?? [];
    const query = panels.find((panel) => panel.title === title)?.queries[index];
    if (query === undefined) throw new Error(`${uid} has no ${title}`);
    return query;
  }
  async function valuesOf(uid: string, title: string, index = 0): Promise<number[]> {
    const found = await ask(substitute(find(uid, title, index).expr, VIEW), false);
    return found.map(({ value }) => Number(value?.[1]));
  }
  async function valueOf(uid: string, title: string, index = 0): Promise<number> {
    const values = await valuesOf(uid, title, index);
    const [value = Number.NaN] = values;
    if (values.length !== 1) throw new Error(`${title} shows ${values.length} values`);
    return value;
  }

  it.each(DASHBOARDS)("$title shows something on every panel", async (dashboard) => {
    expect(await listEmpty(dashboard)).toEqual([]);
  });

  /** Queries without a number, or with an infinite one; but for those that are empty here. */
  async function listEmpty({ rows }: DashboardDefinition): Promise<string[]> {
    const problems: string[] = [];
    for (const panel of rows.flatMap((row) => row.panels)) {
      for (const { expr, legend, mayBeEmpty } of panel.queries) {
        const where = `${panel.title}, ${legend}`;
        const query = substitute(expr, VIEW).replaceAll(LONG_BEFORE, "offset 2s");
        const found = await ask(query, showsHistory(panel));
        const numbers = found
          .flatMap(({ value, values = [] }) => (value === undefined ? values : [value]))
          .map(([, text]) => Number(text.replace("Inf", "Infinity")))
          .filter((number) => !Number.isNaN(number));
        const isEmptyHere = EMPTY_HERE[panel.title]?.includes(legend) === true;
        if (isEmptyHere) {
          if (mayBeEmpty === undefined) problems.push(`${where} does not say that it may be empty`);
          if (numbers.length > 0) problems.push(`${where} is not empty`);
        } else if (numbers.length === 0) problems.push(`${where} is empty: ${query}`);
        if (!numbers.every(Number.isFinite)) problems.push(`${where} is infinite: ${query}`);
      }
    }
    return problems;
  }

  it("shows totals that equal what was sent", async () => {
    expect(await valueOf("tepal-overview", "Total requests")).toBe(sent.requests);
    expect(await valueOf("tepal-requests", "Requests since the start")).toBe(sent.requests);
    expect(await valueOf("tepal-requests", "Predictions since the start")).toBe(sent.rows);
    const rejected = await ask(
      find("tepal-requests", "Rejected by reason").expr.replaceAll(/"\$\w+"/g, '".+"'),
      false,
    );
    const byReason = Object.fromEntries(
      rejected.map(({ metric, value }) => [metric["reason"], Number(value?.[1])]),
    );
    expect(byReason).toMatchObject({
      invalid_input: sent.invalid,
      malformed_json: sent.malformed,
      media_type: 2,
      too_large: 0,
    });
  });

  it("shows shares and times that follow from what was sent", async () => {
    expect(await valueOf("tepal-overview", "Availability")).toBe(1);
    expect(await valueOf("tepal-overview", "Error budget left")).toBe(1);
    expect(await valueOf("tepal-overview", "Error share")).toBe(0);
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
      shares.push(await valueOf("tepal-latency", "Share under each bound", bound));
    }
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeLessThanOrEqual(1);
  });

  it("shows drift where rows were moved and none where they were not, by bins that add up to one", async () => {
    const drift = await ask(substitute(find("tepal-model", "Drift by feature").expr, VIEW), false);
    const psi = (version: string): number[] =>
      drift
        .filter(({ metric }) => metric["version"] === version)
        .map(({ value }) => Number(value?.[1]));
    expect(psi("1")).toHaveLength(4);
    expect(psi("2")).toHaveLength(4);
    expect(Math.max(...psi("1"))).toBeLessThan(0.01);
    // 0.8 cm is more than a standard deviation of a petal's width.
    expect(Math.max(...psi("2"))).toBeGreaterThan(0.25);
    expect(await valueOf("tepal-model", "Highest drift")).toBeCloseTo(Math.max(...psi("2")), 1);
    for (const column of [0, 1]) {
      const shares = await valuesOf("tepal-model", "Bins against training", column);
      expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(8, 6);
    }
    const answering = await valuesOf("tepal-model", "Model versions", 1);
    expect(answering.toSorted()).toEqual([0, 1]);
  });

  it("keeps the server apart from other programs that have metrics of the same names", async () => {
    const cpu = await ask("process_cpu_seconds_total", false);
    expect(cpu.map(({ metric }) => metric["job"]).toSorted()).toEqual(["node", "other", "tepal"]);
    expect(await valuesOf("tepal-resources", "CPU of the server over time")).toHaveLength(1);
  });

  it("finds values for every variable, and of jobs only the server's", async () => {
    const values = async (name: string): Promise<readonly (string | undefined)[]> => {
      const [, selector = "", label = ""] =
        /^label_values\((.*), (\w+)\)$/.exec(variables.get(name) ?? "") ?? [];
      const found = await ask(substitute(`count by (${label}) (${selector})`, VIEW), false);
      return found.map(({ metric }) => metric[label]);
    };
    expect(await values("job")).toEqual(["tepal"]);
    expect(await values("instance")).toEqual([new URL(api).host]);
    expect(await values("model")).toEqual(["iris"]);
  });

  it("marks when models were loaded, and which alerts fire but the watchdog", async () => {
    const loads = await ask(substitute(ANNOTATIONS.modelLoads, VIEW), false);
    expect(loads.map(({ metric }) => metric["version"]).toSorted()).toEqual(["1", "2"]);
    for (const { value } of loads) {
      expect(Math.abs(Number(value?.[1]) - Date.now())).toBeLessThan(600_000);
    }
    const alerts = await ask(ANNOTATIONS.alerts, false);
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

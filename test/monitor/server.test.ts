import { writeFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { gunzipSync } from "node:zlib";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { request } from "undici";
import { resolveOptions } from "../../src/config/resolve-options.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import { createMonitor } from "../../src/monitor/create-monitor.ts";
import { MONITOR_OPTIONS } from "../../src/monitor/options.ts";
import { createFolder } from "../support/folders.ts";
import { IRIS, toIrisObject } from "../support/models.ts";
import { startReceiver } from "../support/monitoring.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/workers.ts";
import { HEAVY } from "./heavy.ts";
import { watchThreads } from "../support/threads.ts";

const API = "/prometheus/api/v1";
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const start = (options: object = {}): Promise<TestServer> =>
  startServer({ monitor: true, persist: false, scrapeInterval: 0.5, ...options });

const query = (promql: string): string => `${API}/query?query=${encodeURIComponent(promql)}`;

/** Returns the value of the only series of an instant query; undefined without a series. */
async function valueOf(server: TestServer, promql: string): Promise<number | undefined> {
  const { json } = await server.get(query(promql));
  const value = json.data.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}

describe("the built-in monitor", () => {
  it("evaluates PromQL over the server's own metrics, with the labels of a scrape", async () => {
    await using server = await start();
    await until(async () => (await valueOf(server, "up")) === 1);
    const row = toIrisObject(IRIS[0]!.row);
    for (let i = 0; i < 5; i++) await server.post("/predict", row);
    const total = 'api_requests_total{route="/predict"}';
    await until(async () => (await valueOf(server, total)) === 5);
    const { json } = await server.get(query(total));
    expect(json.data.result[0].metric).toEqual({
      __name__: "api_requests_total",
      instance: new URL(server.url).host,
      job: "tepal",
      method: "POST",
      route: "/predict",
      status: "200",
    });
    const buckets = 'api_request_latency_seconds_bucket{le="1.0",route="/predict",status="200"}';
    await until(async () => (await valueOf(server, buckets)) === 5);
    await server.send("/predict", {
      method: "POST",
      headers: { "content-type": "application/json", "x-request-id": "the-last-one" },
      body: JSON.stringify(row),
    });
    const quantile = `histogram_quantile(0.9, rate(api_request_latency_seconds_bucket{route="/predict"}[5m]))`;
    let found: { seriesLabels: object; exemplars: { labels: object; timestamp: number }[] }[] = [];
    const isLast = ({ labels }: { labels: object }): boolean =>
      "request_id" in labels && labels.request_id === "the-last-one";
    await until(async () => {
      const path = `${API}/query_exemplars?${new URLSearchParams({ query: quantile })}`;
      found = (await server.get(path)).json.data;
      return found.some(({ exemplars }) => exemplars.some(isLast));
    });
    const one = found.find(({ exemplars }) => exemplars.some(isLast));
    expect(one?.seriesLabels).toMatchObject({
      __name__: "api_request_latency_seconds_bucket",
      instance: new URL(server.url).host,
      job: "tepal",
      le: expect.stringMatching(/^\d|\+Inf$/),
      route: "/predict",
    });
    const age = Date.now() / 1_000 - (one?.exemplars.find(isLast)?.timestamp ?? 0);
    expect(Math.abs(age)).toBeLessThan(60);
    const other = new URLSearchParams({ query: "up", end: "1" });
    expect((await server.get(`${API}/query_exemplars?${other}`)).json.data).toEqual([]);
  });

  it("accepts forms by POST, whose parameters precede those of the query string", async () => {
    await using server = await start();
    const options = { method: "POST", headers: FORM, body: "query=1%2B1&time=5" };
    const { status, json } = await server.send(`${API}/query?query=7&time=6`, options);
    expect([status, json.data]).toEqual([200, { resultType: "scalar", result: [5, "2"] }]);
  });

  it("accepts multipart forms, as Prometheus does", async () => {
    await using server = await start();
    const part = (name: string, value: string): string =>
      `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const { status, json } = await server.send(`${API}/query`, {
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=x" },
      body: `${part("query", "1+1 > bool 0")}${part("time", "5")}--x--\r\n`,
    });
    expect([status, json.data]).toEqual([200, { resultType: "scalar", result: [5, "1"] }]);
  });

  it("compresses large replies for clients that accept gzip", async () => {
    await using server = await start();
    const path = `${server.url}${API}/query_range?query=vector(time())&start=0&end=5000&step=1`;
    const fetchWith = (encoding: string) =>
      request(path, { headers: { "accept-encoding": encoding } }).then(
        async ({ headers, body }) => [headers, Buffer.from(await body.arrayBuffer())] as const,
      );
    const [, plain] = await fetchWith("identity");
    expect(JSON.parse(plain.toString()).data.result[0].values).toHaveLength(5_001);
    const [headers, compressed] = await fetchWith("br, gzip;q=0.5");
    expect(headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(compressed).equals(plain)).toBe(true);
    for (const encoding of ["br", "gzip;q=0", "gzip;q=0.0, br"]) {
      expect((await fetchWith(encoding))[0]["content-encoding"]).toBeUndefined();
    }
  });

  it("replies with errors of Prometheus, and has no other endpoints", async () => {
    await using server = await start();
    const { status, json } = await server.get(query("sum("));
    expect([status, json.status, json.errorType]).toEqual([400, "error", "bad_data"]);
    const nothing = await server.get(`${API}/nothing`);
    expect([nothing.status, nothing.json.errorType]).toEqual([404, "not_found"]);
    expect((await server.get("/prometheus/graph")).status).toBe(404);
    // The links of alerts.
    const linked = await server.get("/prometheus/graph?g0.expr=1+%2B+1&g0.tab=1");
    expect([linked.status, linked.headers["location"]]).toEqual([
      302,
      "../console/#/explore?view=table&q=1+%2B+1",
    ]);
    const send = (path: string, type: string, body = "query=1", method = "POST") =>
      server.send(path, {
        method,
        ...(method === "POST" && { headers: { "content-type": type }, body }),
      });
    for (const [reply, expected] of [
      [await send(`${API}/query`, "text/plain"), 415],
      [await send(`${API}/query`, "application/json", "{}"), 415],
      [await send(`${API}/query`, "multipart/form-data; boundary=x", "no form"), 400],
      [await send(`${API}/query`, FORM["content-type"], `query=${"1".repeat(2 ** 20)}`), 413],
      [await send(query("1"), "", "", "DELETE"), 405],
      [await send("/prometheus/nothing", FORM["content-type"]), 404],
      [await server.get("/prometheus/%zz"), 400],
    ] as const) {
      expect([reply.status, reply.json.status]).toEqual([expected, "error"]);
      expect(reply.headers["content-type"]).toMatch(/^application\/json/);
      expect(reply.json.error).toMatch(/\w/);
      expect(reply.text).not.toContain("/predict");
    }
    await until(async () => (await server.get("/prometheus/-/ready")).status === 200);
    expect((await server.get("/prometheus/-/healthy")).status).toBe(200);
  });

  it("shows its configuration without secrets", async () => {
    const output = new PassThrough({ encoding: "utf8" });
    let log = "";
    output.on("data", (chunk: string) => (log += chunk));
    const options = {
      monitor: true,
      persist: false,
      scrapeInterval: 0.5,
      retention: 36,
      scrape: [
        "node=http://me:s3cret@127.0.0.1:9/x?token=s3cret&token=s3cret&deep=1",
        // A duplicate, which is logged.
        "node=http://127.0.0.1:9/x?token=s3cret",
      ],
      externalLabel: ["site=berlin", "rack=a=b"],
      alertWebhook: ["http://127.0.0.1:9/s3cret"],
      alertmanagerUrl: ["http://127.0.0.1:9/s3cret"],
    };
    await using server = await startServer(options, { logger: pino(output) });
    const fetchData = async (path: string) => (await server.get(`${API}/${path}`)).json.data;
    const flags = await fetchData("status/flags");
    expect(flags).toMatchObject({ retention: "36", "scrape-interval": "0.5", persist: "false" });
    const { yaml } = await fetchData("status/config");
    expect(JSON.parse(yaml).scrape_configs).toMatchObject([
      { job_name: "tepal", metrics_path: "/metrics" },
      { job_name: "node", metrics_path: "/x", static_configs: [{ targets: ["127.0.0.1:9"] }] },
    ]);
    expect(await fetchData("status/runtimeinfo")).toMatchObject({ storageRetention: "36h" });
    const targets = await fetchData("targets");
    expect(targets.activeTargets).toHaveLength(2);
    expect(targets.activeTargets[1].scrapeUrl).toBe("http://127.0.0.1:9/x?token=xxxxx&deep=xxxxx");
    expect(JSON.parse(yaml).global.external_labels).toEqual({ site: "berlin", rack: "a=b" });
    await until(async () => (await server.get(query("up"))).json.data.result.length === 2);
    const series = await fetchData("series?match[]=up");
    await until(() => log.includes("http://127.0.0.1:9/x?token=xxxxx is not scraped"));
    const alertmanagers = await fetchData("alertmanagers");
    expect(alertmanagers.activeAlertmanagers).toEqual([
      { url: "http://127.0.0.1:9/api/v2/alerts" },
    ]);
    const { text: federated } = await server.get("/prometheus/federate?match[]=up");
    expect(federated.split("\n")).toEqual(
      expect.arrayContaining([
        "# TYPE up untyped",
        expect.stringMatching(
          /^up\{instance="127\.0\.0\.1:9",job="node",rack="a=b",site="berlin"\} 0 \d{13}$/,
        ),
      ]),
    );
    const { text } = await server.get("/metrics");
    const shown = [flags, yaml, targets, series, log, text, alertmanagers, federated];
    expect(JSON.stringify(shown)).not.toContain("s3cret");
    expect(() =>
      resolveOptions(MONITOR_OPTIONS, { flags: { scrape: ["ftp://h?s3cret"] } }),
    ).toThrow(expect.objectContaining({ message: expect.not.stringContaining("s3cret") }));
  });

  it("answers the calls of Prometheus's clients, and explains what is absent on purpose", async () => {
    await using server = await start();
    const data = async (path: string) => {
      const { status, json } = await server.get(`${API}/${path}`);
      expect([path, status, json.status]).toEqual([path, 200, "success"]);
      return json.data;
    };
    await until(async () => (await valueOf(server, "up")) === 1);

    // The connection check of prometheus-api-client: the URL of the data source with a slash.
    const page = await server.get("/prometheus/");
    expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    for (const [, href = ""] of page.text.matchAll(/href="([^"]+)"/g)) {
      expect([href, (await server.get(`/prometheus/${href}`)).status]).toEqual([href, 200]);
    }
    const redirect = await server.get("/prometheus");
    expect([redirect.status, redirect.headers["location"]]).toEqual([302, "prometheus/"]);
    // Its other calls: POST without a body, and times with fractions.
    const posted = await server.send(`${API}/query?query=up`, { method: "POST" });
    expect(posted.json.data.result).toHaveLength(1);
    const range = "start=1700000000.25&end=1700000001.75&step=0.5";
    expect((await data(`query_range?query=vector(1)&${range}`)).result[0].values).toHaveLength(4);
    const now = Date.now() / 1_000;
    const recent = `start=${now - 60.123}&end=${now}`;
    expect(await data(`series?match[]=up&${recent}`)).toHaveLength(1);
    expect(await data("label/__name__/values")).toContain("up");

    const [metadata] = await data("targets/metadata?metric=api_requests_total");
    expect(metadata).toEqual({
      target: { instance: new URL(server.url).host, job: "tepal" },
      type: "counter",
      help: expect.stringContaining("HTTP requests"),
      unit: "",
    });
    expect(await data('targets/metadata?match_target={job="other"}')).toEqual([]);
    expect((await data("targets/metadata?limit=1")).length).toBeGreaterThan(1);
    expect(await data("alertmanagers")).toEqual({
      activeAlertmanagers: [],
      droppedAlertmanagers: [],
    });
    expect(await data("notifications")).toEqual([]);
    expect((await server.get(`${API}/notifications/live`)).status).toBe(204);
    expect(await data("features")).toMatchObject({
      api: { admin: false, query_stats: true },
      promql_functions: { rate: true, histogram_avg: false },
      promql_operators: { "=~": true, topk: true, limitk: false },
      tepal: { query_tree: true },
    });
    expect(JSON.parse((await data("scrape_pools/config?scrapePool=tepal")).yaml)).toMatchObject({
      job_name: "tepal",
    });
    const federated = await server.get(
      "/prometheus/federate?match[]=up&match[]=scrape_duration_seconds",
    );
    expect(federated.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(federated.text.match(/^(?:# TYPE )?\w+/gm)).toEqual([
      "# TYPE scrape_duration_seconds",
      "scrape_duration_seconds",
      "# TYPE up",
      "up",
    ]);

    for (const [method, path, type, sentence] of [
      ["POST", `${API}/read`, "application/x-protobuf", "Remote read is not supported: "],
      ["POST", `${API}/write`, "application/x-protobuf", "does not receive remote write: "],
      ["POST", `${API}/otlp/v1/metrics`, "application/json", "does not receive OTLP: "],
      ["POST", `${API}/admin/tsdb/snapshot`, "", "The admin API is not supported: "],
      ["POST", "/prometheus/-/reload", "", "The lifecycle API is not supported: "],
      ["GET", "/prometheus/targets", "", "The monitor has no web interface of Prometheus: "],
    ] as const) {
      const headers = type === "" ? {} : { "content-type": type, "content-encoding": "snappy" };
      const body = type === "" ? null : "x";
      const { status, json } = await server.send(path, { method, headers, body });
      expect([path, status, json.errorType]).toEqual([path, 404, "not_found"]);
      expect(json.error).toContain(sentence);
      // One sentence.
      expect(json.error).toMatch(/^[^.]*(?:\.yaml[^.]*)?\.$/);
    }
  });

  it("lists rules in pages, and those whose labels are selected", async () => {
    await using server = await start();
    interface Groups {
      readonly groups: readonly {
        readonly name: string;
        readonly rules: readonly { labels?: object }[];
      }[];
      readonly groupNextToken?: string;
    }
    const list = async (parameters: string) => {
      const { status, json } = await server.get(`${API}/rules?${parameters}`);
      return { status, error: json.error as string | undefined, ...(json.data as Groups) };
    };
    const names = ({ groups }: Groups): readonly string[] => groups.map(({ name }) => name);
    await until(async () => (await list("")).groups.length > 2);
    const all = names(await list(""));
    const paged: string[] = [];
    let token = "";
    do {
      const page = await list(`group_limit=2${token === "" ? "" : `&group_next_token=${token}`}`);
      expect(page.groups.length).toBeLessThanOrEqual(2);
      paged.push(...names(page));
      token = page.groupNextToken ?? "";
    } while (token !== "");
    expect(paged).toEqual(all);
    expect((await list(`group_limit=${all.length}`)).groupNextToken).toBeUndefined();

    const critical = await list('match[]={severity="critical"}');
    const rules = critical.groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(0);
    for (const { labels } of rules) expect(labels).toMatchObject({ severity: "critical" });

    for (const [parameters, error] of [
      ["group_next_token=x", "group_limit needs to be present in order to paginate"],
      ["group_limit=0", "group_limit needs to be greater than 0"],
      ["group_limit=two", 'strconv.ParseInt: parsing "two": invalid syntax'],
      [
        "group_limit=2&group_next_token=x",
        "invalid group_next_token 'x'. were rule groups changed?",
      ],
      ["match[]={}", "match[] must contain at least one non-empty matcher"],
    ] as const) {
      const reply = await list(parameters);
      expect([reply.status, reply.error]).toEqual([400, expect.stringContaining(error)]);
    }
  });

  it("counts all of its requests under one route", async () => {
    await using server = await start();
    await server.get(`${API}/label/job/values`);
    await server.get(`${API}/labels`);
    const labels = 'method="GET",route="/prometheus/*",status="200"';
    expect(await server.metric(`api_requests_total{${labels}}`)).toBe(2);
  });

  it("is absent by default", async () => {
    await using server = await startServer();
    expect((await server.get(query("1"))).status).toBe(404);
    expect(await server.metric("tepal_monitor_series")).toBe(0);
    expect((await server.get("/metrics")).text).not.toMatch(/^tepal_monitor/m);
  });
});

/** Sends a query that takes more than a minute. Resolves once it is in flight. @returns its outcome */
async function startHeavyQuery(server: TestServer) {
  await until(async () => (await server.get("/prometheus/-/ready")).status === 200);
  const before = await server.metric("api_requests_in_flight");
  const outcome = server.get(query(HEAVY)).then(
    ({ status, json }) => `${status} ${json.error}`,
    () => "connection closed",
  );
  await until(async () => (await server.metric("api_requests_in_flight")) > before);
  return { outcome };
}

describe("a long query", () => {
  it("does not delay predictions", async () => {
    await using server = await start({ queryTimeout: 3_600, drainTimeout: 1 });
    const heavy = await startHeavyQuery(server);
    let hasEnded = false;
    void heavy.outcome.finally(() => (hasEnded = true));
    const row = toIrisObject(IRIS[0]!.row);
    for (let i = 0; i < 50; i++) expect((await server.post("/predict", row)).status).toBe(200);
    expect(hasEnded).toBe(false);
  });

  it("delays neither scrapes nor rules", async () => {
    await using folder = await createFolder();
    await using receiver = await startReceiver();
    const rules = `${folder.path}/rules.yml`;
    const expr = 'sum(api_requests_total{route="/predict"}) > 2';
    await writeFile(
      rules,
      JSON.stringify({ groups: [{ name: "a", rules: [{ alert: "Busy", expr }] }] }),
    );
    await using server = await start({
      queryTimeout: 3_600,
      drainTimeout: 1,
      rules: [rules],
      rulesInterval: 0.5,
      alertWebhook: [`${receiver.url}/hook`],
      alertGroupWait: 0,
    });
    const heavy = await startHeavyQuery(server);
    let hasEnded = false;
    void heavy.outcome.finally(() => (hasEnded = true));
    const row = toIrisObject(IRIS[0]!.row);
    for (let i = 0; i < 3; i++) await server.post("/predict", row);
    // The rule sees requests that were sent, and so scraped, while the query ran.
    await until(() => receiver.received.some(({ alertname }) => alertname === "Busy"));
    expect(hasEnded).toBe(false);
  });

  it("ends at its timeout, and the monitor continues", async () => {
    await using server = await start({ queryTimeout: 1 });
    const { status, json } = await server.get(query(HEAVY));
    expect([status, json.errorType]).toEqual([503, "timeout"]);
    expect((await server.get(query("1"))).status).toBe(200);
  });

  it("does not delay the shutdown of the server", async () => {
    const server = await start({ queryTimeout: 3_600, drainTimeout: 1 });
    const heavy = await startHeavyQuery(server);
    await server[Symbol.asyncDispose]();
    expect(await heavy.outcome).toBe("connection closed");
  });
});

describe("a query that would need too much", () => {
  /** Ten thousand series. */
  const exposition = Array.from({ length: 10_000 }, (_, i) => `a{i="${i}"} 1\n`).join("");
  const openLarge = (flags: object) =>
    open(() => Promise.resolve(exposition), { maxSeries: 20_000, scrapeInterval: 1, ...flags });
  const promql = (text: string): string => `query=${encodeURIComponent(text)}`;
  const doubled = (times: number, vector: string): string =>
    "label_join(".repeat(times) +
    `label_replace(${vector},"a","xxxxxxxxxx","","")` +
    ',"a","","a","a")'.repeat(times);
  const long = (vector: string): string =>
    `label_replace(${vector},"x","${"y".repeat(16_000)}","","")`;

  it("for its labels is refused before they are made", async () => {
    await using server = await start();
    await until(async () => (await valueOf(server, "up")) === 1);
    const body = promql(doubled(25, "up"));
    expect(body.length).toBeLessThan(1_500);
    const { status, json } = await server.send(`${API}/query`, {
      method: "POST",
      headers: FORM,
      body,
    });
    expect([status, json.errorType]).toEqual([422, "execution"]);
    expect(json.error).toBe("the labels of a series would have more than 16,384 characters");
    expect(await valueOf(server, "up")).toBe(1);
  });

  it("for the samples that it selects is refused", async () => {
    const { monitor, send } = openLarge({ queryMaxSamples: 200_000, scrapeInterval: 0.5 });
    await until(async () => (await send("query", promql("count(a)"))).data?.result.length === 1);
    const count = () => send("query", promql("count(count_over_time(a[1h]))"));
    await until(async () => (await count()).code === 422);
    expect((await count()).error).toMatch("too many samples");
    await monitor.close();
  });

  it("for its heap ends its thread and nothing else", async () => {
    const { monitor, send, metrics } = openLarge({ queryMaxSamples: 1_000_000_000 });
    await until(async () => (await send("query", promql("count(a)"))).data?.result.length === 1);
    // Strings that are different in each series.
    const labelled = (name: string): string =>
      `label_replace(a,"${name}","\${1}${"y".repeat(15_000)}","i","(.*)")`;
    const waiting = [
      send("query", promql(`count(${["b", "c", "d", "e"].map(labelled).join(" or ")})`)),
      send("query", promql("1")),
    ];
    const [killed, next] = await Promise.all(waiting);
    expect(killed).toMatchObject({ code: 422, errorType: "execution" });
    expect(killed.error).toMatch(/^the query needs more than \d+ MiB of memory/);
    expect(next.code).toBe(200);
    expect(await metrics.render()).toContain("tepal_monitor_restarts_total 0");
    await monitor.close();
  });

  it("for its reply is refused", async () => {
    const { monitor, send } = openLarge({});
    await until(async () => (await send("query", promql("count(a)"))).data?.result.length === 1);
    const reply = await send("query", promql(`label_replace(a,"x","${"y".repeat(7_000)}","","")`));
    expect(reply).toMatchObject({ code: 422, errorType: "execution" });
    expect(reply.error).toMatch(/^the response would be larger than 64 MiB/);
    await monitor.close();
  });

  it("that cannot check its time limit ends with its thread", async () => {
    const { monitor, send } = openLarge({ queryTimeout: 0.1 });
    await until(() => monitor.isReady());
    const slow = `label_replace(${long("vector(1)")},"a","$1","x","((x?y?){999}(x?){900}z?)*.*")`;
    const waiting = [send("query", promql(slow)), send("labels")];
    expect(await waiting[0]).toMatchObject({ code: 503, errorType: "timeout" });
    await until(async () => (await send("query", promql("1"))).code === 200);
    await monitor.close();
  });
});

describe("a request of another site's page", () => {
  it("is refused on each path, unless a user follows a link or an option allows it", async () => {
    const [shop, own] = ["https://shop.example", "https://tepal.example"];
    await using server = await start({ corsOrigins: [shop], externalUrl: `${own}/team` });
    const statusOf = async (path: string, headers: Record<string, string>, method = "GET") => {
      const body = method === "POST" ? { body: "query=up" } : {};
      const options = { method, headers: { ...(method === "POST" && FORM), ...headers }, ...body };
      const { status, json } = await server.send(path, options);
      if (status === 403) expect(json).toMatchObject({ status: "error", errorType: "bad_data" });
      return status;
    };
    const cross = { "sec-fetch-site": "cross-site" };
    const link = { ...cross, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    const { host } = new URL(server.url);
    for (const headers of [
      { origin: "http://evil.example" },
      { origin: "null" },
      { origin: `http://${host}`, ...cross },
      { "sec-fetch-site": "same-site" },
      cross,
    ]) {
      expect(await statusOf(`${API}/query`, headers, "POST")).toBe(403);
      expect(await statusOf(query("up"), headers)).toBe(403);
      expect(await statusOf("/prometheus/-/healthy", headers)).toBe(403);
    }
    expect(await statusOf(`${API}/series?match[]=up`, link)).toBe(403);
    expect(await statusOf(query("up"), { ...link, "sec-fetch-dest": "iframe" })).toBe(403);
    expect(await statusOf(`${API}/query`, link, "POST")).toBe(403);
    for (const headers of [
      {},
      { origin: `http://${host}`, "sec-fetch-site": "same-origin" },
      { "sec-fetch-site": "none" },
      { origin: shop, ...cross },
      { origin: own, "sec-fetch-site": "same-origin" },
      link,
    ]) {
      expect(await statusOf(query("up"), headers)).toBe(200);
    }
    expect(await statusOf("/prometheus/graph?g0.expr=up", link)).toBe(302);
  });
});

describe("the monitor's thread", () => {
  it("restarts after its death, and requests meanwhile get 503", async () => {
    await using folder = await createFolder();
    using watch = watchThreads("monitor");
    await using server = await start({ persist: true, dataDir: folder.path });
    const count = "count_over_time(up[1h])";
    await until(async () => ((await valueOf(server, count)) ?? 0) > 4);
    expect(watch.threads).toHaveLength(1);
    const heavy = await startHeavyQuery(server);
    await watch.threads[0]?.terminate();
    expect(await heavy.outcome).toBe("503 The monitor ended before it replied");
    const row = toIrisObject(IRIS[0]!.row);
    expect((await server.post("/predict", row)).status).toBe(200);
    await until(async () => (await server.get(query("1"))).status === 200);
    expect(await valueOf(server, count)).toBeGreaterThan(4);
    expect(await server.metric("tepal_monitor_restarts_total")).toBe(1);
    expect(watch.threads).toHaveLength(2);
  });
});

/** Starts a monitor without a server. */
function open(renderMetrics: () => Promise<string>, flags: object = {}) {
  const options = resolveOptions(MONITOR_OPTIONS, {
    flags: { persist: false, scrapeInterval: 0.2, ...flags },
  });
  const metrics = createMetrics({ process: false });
  const monitor = createMonitor({
    options,
    logger: { info() {}, warn() {}, error() {} } as never,
    clock: systemClock,
    metrics,
    version: "0.0.0",
    url: () => "http://127.0.0.1:1",
    publicUrl: () => "http://127.0.0.1:1",
    renderMetrics,
    listExemplars: () => [],
  });
  monitor.start();
  const send = async (path: string, parameters = "") => {
    const { status, body } = await monitor.request({ path, parameters, gzip: false });
    return { code: status, ...JSON.parse(new TextDecoder().decode(body)) };
  };
  return { monitor, metrics, send };
}

describe("the queue of requests", () => {
  it("runs requests in order, up to their timeouts, and rejects those above its length", async () => {
    const { monitor, send } = open(() => Promise.resolve(""), { queryTimeout: 2, queryQueue: 3 });
    await until(() => monitor.isReady());
    const heavy = send("query", `query=${encodeURIComponent(HEAVY)}`);
    const impatient = send("query", "query=1&timeout=0.1");
    const patient = send("labels");
    const fourth = send("query", "query=1");
    expect(await fourth).toMatchObject({
      code: 503,
      errorType: "unavailable",
      error: "The queue of the monitor is full: 3 requests (--query-queue)",
    });
    expect(await heavy).toMatchObject({ code: 503, errorType: "timeout" });
    expect(await impatient).toMatchObject({ error: "query timed out in query queue" });
    expect(await patient).toMatchObject({ code: 200, status: "success" });
    await monitor.close();
  });
});

describe("a scrape of the server itself", () => {
  it("that fails is shown in targets", async () => {
    const { monitor, send } = open(() => Promise.reject(new Error("disk full")));
    const find = async () => (await send("targets")).data.activeTargets[0];
    await until(async () => (await find()).health === "down");
    expect(await find()).toMatchObject({ lastError: "disk full" });
    await monitor.close();
  });

  it("counts series above the limit, and duplicates", async () => {
    const lines = Array.from({ length: 120 }, (_, i) => `a{i="${i}"} 1\n`).join("");
    const { monitor, metrics } = open(() => Promise.resolve(`${lines}a{i="0"} 2\n`), {
      maxSeries: 100,
    });
    let aboveCap = 0;
    let duplicates = 0;
    await until(async () => {
      const exposition = await metrics.render();
      const read = (reason: string): number =>
        Number(
          new RegExp(`_dropped_total\\{reason="${reason}"\\} (\\d+)`).exec(exposition)?.[1] ?? 0,
        );
      [aboveCap, duplicates] = [read("series_limit"), read("duplicate")];
      return duplicates > 1;
    });
    // Twenty of the hundred series are reserved for essential ones, and five are the metrics of the scrape.
    expect(aboveCap / duplicates).toBe(45);
    await monitor.close();
  });
});

describe("increase()", () => {
  const total = 'sum(increase(api_requests_total{route="/predict",status="200"}[1m]))';
  const row = toIrisObject(IRIS[0]!.row);

  /** Sends predictions to a new server at once, and others just before it stops. @returns its port */
  async function countAll(options: object, before: number): Promise<number> {
    await using server = await start(options);
    for (let i = 0; i < 20; i++) await server.post("/predict", row);
    // Extrapolation adds at most a part of an interval.
    const isAbout = (value: number | undefined, wanted: number): boolean =>
      value !== undefined && value >= wanted && value < wanted * 1.2;
    await until(async () => isAbout(await valueOf(server, total), before + 20));
    // The first reply of this status.
    const rejected = 'sum(increase(api_requests_total{route="/predict",status="422"}[1m]))';
    await server.post("/predict", { ...row, petal_width: "wide" });
    if (before === 0) {
      await until(async () => isAbout(await valueOf(server, rejected), 1));
    }
    // The last requests, which no regular scrape sees.
    for (let i = 0; i < 10; i++) await server.post("/predict", row);
    return Number(new URL(server.url).port);
  }

  it("sees the first requests of a server and the last, also after a restart with kept history", async () => {
    await using folder = await createFolder();
    const options = { persist: true, dataDir: folder.path, scrapeInterval: 1 };
    const port = await countAll(options, 0);
    expect(await countAll({ ...options, port }, 30)).toBe(port);
  });
});

describe("history on disk", () => {
  it("survives a restart", async () => {
    await using folder = await createFolder();
    const options = { persist: true, dataDir: `${folder.path}/history` };
    const count = "count_over_time(up[1h])";
    let before = 0;
    {
      await using server = await start(options);
      await until(async () => (before = (await valueOf(server, `sum(${count})`)) ?? 0) >= 5);
    }
    await using server = await start(options);
    await until(async () => ((await valueOf(server, `count(${count})`)) ?? 0) === 2);
    expect(await valueOf(server, `sum(${count})`)).toBeGreaterThan(before);
  });
});

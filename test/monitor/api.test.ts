import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import type { ApiParts } from "../../src/monitor/api/api.ts";
import { handleRequest } from "../../src/monitor/handle-request.ts";
import { createSeriesStore } from "../../src/series/store/create-series-store.ts";
import { createExemplarStore } from "../../src/series/store/exemplar-store.ts";
import { startBackfilledPrometheus } from "../promql/backfilled-prometheus.ts";
import { createSamples, SAMPLES } from "../promql/random-samples.ts";
import { createFolder } from "../support/folders.ts";
import { hasProgram } from "../support/programs.ts";

/** Between samples, so that no sample lies on the edge of a window (2.42 includes both edges, 3.x one). */
const AT = String((SAMPLES.startMs + 3_600_500) / 1_000);
const START = String((SAMPLES.startMs + 1_800_500) / 1_000);
const HOUR = { start: START, end: String((SAMPLES.startMs + 5_400_500) / 1_000), step: "30" };
const WHOLE = { start: String(SAMPLES.startMs / 1_000), end: String(SAMPLES.endMs / 1_000) };
const EDGES = {
  start: "-292273086-05-16T16:47:06Z",
  end: "292277025-08-18T07:12:54.999999999Z",
};
const RATE = "max by (job) (rate(requests_total[1m]))";

type Parameters = Readonly<Record<string, string | readonly string[]>>;
type Case = readonly [path: string, parameters: Parameters];

/** Requests with equal replies, byte by byte except for the order of an object's fields. */
const SAME: readonly Case[] = [
  ["query", { query: "1+1", time: AT }],
  ["query", { query: "requests_total", time: AT }],
  ["query", { query: "requests_total", time: "2023-11-14T23:00:00.5Z" }],
  ["query", { query: "requests_total", time: "2023-11-15T00:00:00.5+01:00" }],
  ["query", { query: RATE, time: AT }],
  ["query", { query: '"a \\"text\\" <&>"', time: AT }],
  ["query", { query: "time()", time: "1700000000.1239" }],
  ["query", { query: "time()", time: "-1.5" }],
  ["query", { query: "time()", time: "1700000000.007" }],
  ["query", { query: "vector(1e-7)", time: AT }],
  ["query", { query: "vector(1e21)", time: AT }],
  ["query", { query: "vector(1/0)", time: AT }],
  ["query", { query: "vector(-1/0)", time: AT }],
  ["query", { query: "vector(0/0)", time: AT }],
  ["query", { query: "-0", time: AT }],
  ["query", { query: "absent_of_all", time: AT }],
  ["query", { query: 'temperature{job="api"}[1m]', time: AT }],
  ["query", { query: "requests_total", time: AT, lookback_delta: "5m" }],
  ["query", { query: "requests_total", time: AT, timeout: "10s" }],
  ["query", { query: "sort_desc(requests_total)", time: AT }],
  ["query_range", { query: RATE, ...HOUR }],
  ["query_range", { query: RATE, ...HOUR, step: "1m" }],
  ["query_range", { query: "queue", ...HOUR }],
  ["query_range", { query: "42", ...HOUR, end: START }],
  ["query_range", { query: "absent_of_all", ...HOUR }],
  ["query_exemplars", { query: "requests_total", ...WHOLE }],
  ["format_query", { query: "sum by(job)(a)  /1" }],
  ["alertmanagers", {}],
  ["targets/metadata", {}],
  ["targets/metadata", { limit: "x" }],
  ["targets/metadata", { match_target: "{" }],
  ["status/walreplay", {}],
  ["labels", {}],
  ["labels", WHOLE],
  ["labels", { "match[]": "odd", ...WHOLE }],
  ["labels", { "match[]": ["odd", 'latency_bucket{job="api"}'], ...WHOLE }],
  ["labels", { "match[]": "absent_of_all", ...WHOLE }],
  ["label/job/values", {}],
  ["label/__name__/values", WHOLE],
  ["label/le/values", { "match[]": "latency_bucket", ...WHOLE }],
  ["label/absent/values", WHOLE],
  ["series", { "match[]": "odd", ...WHOLE }],
  ["series", { "match[]": ['{job="api",le!=""}', "odd"], ...WHOLE }],
  ["series", { "match[]": "absent_of_all", ...WHOLE }],
  // Prometheus's own least and greatest times, as text and as numbers.
  ["series", { "match[]": "odd", ...EDGES }],
  ["labels", EDGES],
  ["label/job/values", { start: "-9223309901257974", end: "9223309901257974" }],
  // Limits that are not exceeded: 2.42 ignores limits.
  ["labels", { limit: "6" }],
  ["series", { "match[]": "odd", limit: "3" }],
  ["query", { query: "odd", time: AT, limit: "3" }],
  // Rejected requests.
  ["query", {}],
  ["query", { query: "" }],
  ["query", { query: "sum(" }],
  ["query", { query: "up\nand" }],
  ["query", { query: "rate(up)" }],
  ["query", { query: "1", time: "yesterday" }],
  ["query", { query: "1", time: "2023-11-14" }],
  ["query", { query: "1", timeout: "soon" }],
  ["query_range", { query: "1" }],
  ["query_range", { query: "1", start: START }],
  ["query_range", { query: "1", start: START, end: START }],
  ["query_range", { query: "1", start: "x", end: START, step: "1" }],
  ["query_range", { query: "1", ...HOUR, end: "0" }],
  ["query_range", { query: "1", ...HOUR, step: "0" }],
  ["query_range", { query: "1", ...HOUR, step: "-5s" }],
  ["query_range", { query: "1", ...HOUR, step: "5 s" }],
  ["query_range", { query: "1", ...HOUR, step: "1e300" }],
  ["query_range", { query: "1", start: "0", end: "11001", step: "1" }],
  ["query_exemplars", { query: "1", start: "1", end: "0" }],
  ["format_query", { query: "sum(" }],
  ["labels", { start: "x" }],
  ["labels", { "match[]": "{}" }],
  ["labels", { "match[]": "odd[5m]" }],
  ["label/job/values", { end: "x" }],
  ["series", {}],
  ["series", { "match[]": "" }],
  ["series", { "match[]": "{" }],
  ["series", { "match[]": '{job=~".*"}' }],
  ["series", { "match[]": "sum(odd)" }],
];

type Difference = readonly [
  why: string,
  path: string,
  parameters: Parameters,
  status: number,
  error: string | null,
];

const PREFIXED = "3.x names the parameter of an error, 2.42 not for ranges";
const UTF8 = "3.x accepts any UTF-8 label name";

/** Differences of 3.x and Tepal from Debian's 2.42: the reason, the request, and our reply. */
const DIFFERENT: readonly Difference[] = [
  [
    PREFIXED,
    "query_range",
    { query: "sum(", ...HOUR },
    400,
    'invalid parameter "query": parse error',
  ],
  [
    PREFIXED,
    "query_range",
    { query: "odd[5m]", ...HOUR },
    400,
    'invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector',
  ],
  [
    PREFIXED,
    "query_range",
    { query: '"text"', ...HOUR },
    400,
    'invalid parameter "query": invalid expression type "string" for range query, must be Scalar or instant Vector',
  ],
  [UTF8, "label/!/values", {}, 200, null],
  [UTF8, "query", { query: "count_values('!', up)", time: AT }, 200, null],
  [UTF8, "query", { query: "label_replace(odd, '!', '', '', '')", time: AT }, 200, null],
  [
    "2.42 does not know lookback_delta",
    "query",
    { query: "1", lookback_delta: "far" },
    400,
    'invalid parameter "lookback_delta": cannot parse "far" to a valid duration',
  ],
  [
    "2.42 does not know lookback_delta",
    "query",
    { query: "requests_total", time: AT, lookback_delta: "0.001" },
    200,
    null,
  ],
  ["2.42 has no limit here", "query", { query: "odd", time: AT, limit: "1" }, 200, null],
  ["2.42 has no limit here", "query_range", { query: "odd", ...HOUR, limit: "1" }, 200, null],
  ["2.42 has no limit here", "labels", { limit: "1" }, 200, null],
  ["2.42 has no limit here", "label/job/values", { limit: "1" }, 200, null],
  ["2.42 has no limit here", "series", { "match[]": "odd", limit: "1" }, 200, null],
  [
    "2.42 has no limit here",
    "query",
    { query: "1", limit: "-1" },
    400,
    'invalid parameter "limit": limit must be non-negative',
  ],
];

const store = createSeriesStore({ retentionMs: 1e14, maxSeries: 10_000 });
const parts: ApiParts = {
  store,
  exemplars: createExemplarStore(1),
  listTargets: () => [],
  alerting: { listGroups: () => [], listAlerts: () => [] },
  clock: systemClock,
  limits: { timeoutSeconds: 30, maxSamples: 1e7 },
  info: {
    version: "0.0.0",
    startedMs: 0,
    folder: "/",
    retentionSeconds: 86_400,
    scrapeIntervalSeconds: 5,
    flags: {},
    externalLabels: {},
    alertmanagers: [],
    config: {},
  },
};

interface Reply {
  readonly status: number;
  readonly body: {
    readonly status: string;
    readonly data?: {
      readonly result?: readonly { readonly metric?: object }[];
      readonly stats?: {
        readonly timings: object;
        readonly samples: {
          readonly totalQueryableSamples: number;
          readonly seriesTouched: number;
        };
        readonly tree?: { readonly series: number; readonly children: readonly unknown[] };
      };
    };
    readonly error?: string;
    readonly errorType?: string;
    readonly warnings?: readonly string[];
  };
}

function send(path: string, parameters: Parameters): Reply {
  const call = { path, parameters: toForm(parameters).toString(), gzip: false };
  const reply = handleRequest(parts, call, 0, (error) => {
    throw error;
  });
  return { status: reply.status, body: JSON.parse(new TextDecoder().decode(reply.body)) };
}

function toForm(parameters: Parameters): URLSearchParams {
  const pairs = Object.entries(parameters).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, value]),
  );
  return new URLSearchParams(pairs);
}

describe.runIf(hasProgram("prometheus"))(
  "the API, compared with a real Prometheus with the same data",
  () => {
    const resources = new AsyncDisposableStack();
    let prometheus = "";

    beforeAll(async () => {
      const folder = resources.use(await createFolder());
      const samples = createSamples(1);
      for (const [i, { labels, times, values }] of samples.entries()) {
        for (const [at, time] of times.entries()) {
          store.append(`group ${i}`, time, [{ labels, value: values[at]! }]);
        }
      }
      prometheus = resources.use(await startBackfilledPrometheus(folder.path, samples)).url;
    });
    afterAll(() => resources.disposeAsync());

    async function sendToPrometheus(path: string, parameters: Parameters): Promise<Reply> {
      const form = toForm(parameters).toString();
      const response = await request(`${prometheus}/api/v1/${path}?${form}`);
      return { status: response.statusCode, body: (await response.body.json()) as Reply["body"] };
    }

    it.each(SAME)("%s %o", async (path, parameters) => {
      const theirs = await sendToPrometheus(path, parameters);
      expect(simplify(send(path, parameters))).toEqual(simplify(theirs));
    });

    it.each(DIFFERENT)("%s: %s %o", async (_why, path, parameters, status, error) => {
      const ours = simplify(send(path, parameters));
      expect(ours).not.toEqual(simplify(await sendToPrometheus(path, parameters)));
      expect(ours.status).toBe(status);
      expect(ours.body.error ?? null).toBe(error);
    });

    it.each([
      ["query", { query: "requests_total", time: AT }],
      ["query", { query: RATE, time: AT }],
      ["query_range", { query: RATE, ...HOUR }],
      ["query_range", { query: "queue + on (job) group_left () vector(0) or odd", ...HOUR }],
    ] as const)("counts the samples of %s %o with stats=all", async (path, parameters) => {
      const wanted = { ...parameters, stats: "all" };
      const replies = [send(path, wanted), await sendToPrometheus(path, wanted)];
      const [ours, theirs] = replies.map(({ body }) => body.data?.stats);
      expect(ours?.samples.totalQueryableSamples).toBeGreaterThan(0);
      expect(ours?.samples.totalQueryableSamples).toBe(theirs?.samples.totalQueryableSamples);
      expect(ours?.samples.seriesTouched).toBeGreaterThan(0);
      expect(Object.keys(ours?.timings ?? {})).toEqual(Object.keys(theirs?.timings ?? {}));
      expect(send(path, parameters).body.data?.stats).toBeUndefined();
      // The cost of each node beside the same samples, without a warning.
      const { data, warnings } = send(path, { ...parameters, stats: "tree" }).body;
      expect(ours).not.toHaveProperty("tree");
      expect(data?.stats?.tree?.series).toBe(data?.result?.length);
      expect(data?.stats?.samples).toEqual(ours?.samples);
      expect(warnings).toBeUndefined();
    });

    it("returns one result with a warning if the limit is 1", () => {
      for (const [, path, parameters, status] of DIFFERENT) {
        if (parameters["limit"] !== "1") continue;
        expect(status).toBe(200);
        const { data, warnings } = send(path, parameters).body;
        expect(Array.isArray(data) ? data : data?.result).toHaveLength(1);
        expect(warnings).toEqual(["results truncated due to limit"]);
      }
    });
  },
);

/**
 * Removes what may differ: the wording of parse errors, and the order of the series of a vector, which in Prometheus is that of its
 * index.
 */
function simplify(reply: Reply): Reply {
  const { error } = reply.body;
  if (error !== undefined) {
    const shortened = error.replace(/\d+:\d+: parse error: .*/s, "parse error");
    return { ...reply, body: { ...reply.body, error: shortened } };
  }
  const { result } = reply.body.data ?? {};
  if (!Array.isArray(result) || result.some((one) => typeof one !== "object")) return reply;
  const toKey = ({ metric = {} }: { readonly metric?: object }): string =>
    JSON.stringify(Object.entries(metric).toSorted());
  const sorted = result.toSorted((a, b) => (toKey(a) < toKey(b) ? -1 : 1));
  return { ...reply, body: { ...reply.body, data: { ...reply.body.data, result: sorted } } };
}

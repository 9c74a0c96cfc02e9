import { readFile, writeFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { pino } from "pino";
import { expect, it } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import { readHeadersFile } from "../../src/kernel/headers-file.ts";
import {
  startRemoteWrite,
  type RemoteWriteParts,
} from "../../src/monitor/remote-write/start-remote-write.ts";
import { openHistoryFolder } from "../../src/series/disk/history-folder.ts";
import { createLabels } from "../../src/series/labels.ts";
import { createSeriesStore } from "../../src/series/store/create-series-store.ts";
import { createFolder } from "../support/folders.ts";
import { startPrometheusWith } from "../support/monitoring.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/workers.ts";
import { startWriteReceiver, type WriteRequest } from "../support/write-receiver.ts";

/** As a receiver of 2.0 replies. */
const WRITTEN = {
  status: 204,
  headers: { "X-Prometheus-Remote-Write-Samples-Written": "1" },
} as const;
const RETENTION = { retentionMs: 3_600_000, maxSeries: 1_000 };
const NOW = Date.now();
const A = createLabels({ __name__: "a_total", job: "x" });
const B = createLabels({ __name__: "b", job: "x" });

const createStore = () => createSeriesStore({ ...RETENTION, samplesPerBlock: 4 });
type Store = ReturnType<typeof createStore>;

function start(url: string, store: Store, more: Partial<RemoteWriteParts> = {}) {
  const logged: string[] = [];
  const log = {
    info: (message: string) => void logged.push(message),
    warn: (message: string) => void logged.push(message),
  };
  const started = startRemoteWrite({
    url,
    headersFile: null,
    store,
    listTargets: () => [],
    externalLabels: new Map(),
    positionFile: undefined,
    sinceMs: NOW - 1_000_000,
    clock: systemClock,
    log,
    ...more,
  });
  return { started, logged };
}

const toText = ({ samples }: Pick<WriteRequest, "samples">): string[] =>
  samples.map(({ series, timeMs, value }) => `${series} ${timeMs - NOW} ${value}`);
const all = (requests: readonly WriteRequest[]): string[] => requests.flatMap(toText).toSorted();

it("sends samples in 2.0 with metadata, external labels and staleness markers, across blocks", async () => {
  await using receiver = await startWriteReceiver(() => WRITTEN);
  const store = createStore();
  // The end of B is the first sample after a sealed block, and a NaN is no marker.
  for (let i = 0; i < 6; i++) {
    const samples = [{ labels: A, value: i === 5 ? Number.NaN : i }];
    store.append("g", NOW + i, i < 4 ? [...samples, { labels: B, value: -i }] : samples);
  }
  const { started } = start(receiver.url, store, {
    externalLabels: new Map([
      ["job", "of the server"],
      ["site", "berlin"],
    ]),
    listTargets: () => [{ metadata: new Map([["a_total", { type: "counter", help: "An a." }]]) }],
  });
  const remote = await started;
  await until(() => remote.statistics().pending === 0);
  const a = '{__name__="a_total",job="x",site="berlin"}';
  const b = '{__name__="b",job="x",site="berlin"}';
  expect(all(receiver.requests)).toEqual(
    [
      ...[0, 1, 2, 3, 4].map((i) => `${a} ${i} ${i}`),
      `${a} 5 NaN`,
      ...["0", "-1", "-2", "-3"].map((value, i) => `${b} ${i} ${value === "0" ? "0" : value}`),
      `${b} 4 stale`,
    ].toSorted(),
  );
  const [{ headers, version, samples } = receiver.requests[0]!] = receiver.requests;
  expect(version).toBe(2);
  expect(samples.find(({ series }) => series === a)).toMatchObject({ type: 1, help: "An a." });
  expect(headers).toMatchObject({
    "content-encoding": "snappy",
    "content-type": "application/x-protobuf;proto=io.prometheus.write.v2.Request",
    "x-prometheus-remote-write-version": "2.0.0",
  });
  expect(remote.statistics()).toMatchObject({ sent: 11, failed: 0, dropped: 0, lagSeconds: 0 });
  await remote.close();
});

it("sends series that two groups share in the order of time, without the end of one group", async () => {
  const unavailable = { status: 503 };
  let isUp = false;
  await using receiver = await startWriteReceiver(() => (isUp ? WRITTEN : unavailable));
  const store = createStore();
  const remote = await start(receiver.url, store).started;
  const one = (labels: typeof A, value: number) => ({ labels, value });
  // A target, and the zeros of its counters at the scrape before they appear, as a scrape loop appends them.
  store.append("zeros", NOW - 1, [one(A, 0)]);
  for (let i = 0; i < 9; i++) {
    if (i === 6) store.append("zeros", NOW + 5, [one(B, 0)]);
    store.append("target", NOW + i, i < 6 ? [one(A, i)] : [one(A, i), one(B, i)]);
  }
  await until(() => remote.statistics().retries > 0);
  receiver.requests.splice(0);
  isUp = true;
  await until(() => remote.statistics().pending === 0);
  const samples = receiver.requests.flatMap((sent) => sent.samples);
  for (const [series, from] of [
    ['{__name__="a_total",job="x"}', -1],
    ['{__name__="b",job="x"}', 5],
  ] as const) {
    const times = samples
      .filter((sent) => sent.series === series)
      .map(({ timeMs }) => timeMs - NOW);
    expect(times).toEqual(Array.from({ length: 9 - from }, (_, i) => from + i));
  }
  expect(samples.map(({ value }) => value)).not.toContain("stale");
  await remote.close();
});

it.each([
  ["rejects 2.0 with 415", { status: 415 }],
  ["cannot decode 2.0 and replies 400", { status: 400 }],
  ["ignores the fields of 2.0 and accepts the request", { status: 204 }],
])("sends 1.0 to a receiver that %s", async (_name, reply) => {
  await using receiver = await startWriteReceiver(({ version }) =>
    version === 2 ? reply : { status: 204 },
  );
  const store = createStore();
  store.append("g", NOW, [{ labels: A, value: 1 }]);
  const { started, logged } = start(receiver.url, store);
  const remote = await started;
  await until(() => remote.statistics().sent === 1);
  store.append("g", NOW + 1, [{ labels: A, value: 2 }]);
  await until(() => remote.statistics().sent === 2);
  expect(receiver.requests.map(({ version }) => version)).toEqual([2, 1, 1]);
  expect(all(receiver.requests.slice(1))).toEqual([
    '{__name__="a_total",job="x"} 0 1',
    '{__name__="a_total",job="x"} 1 2',
  ]);
  expect(receiver.requests[1]!.headers).toMatchObject({
    "content-type": "application/x-protobuf",
    "x-prometheus-remote-write-version": "0.1.0",
  });
  expect(logged).toEqual([expect.stringContaining("gets remote write 1.0")]);
  await remote.close();
});

it("repeats failed requests and not rejected ones, counts both, and hides the URL", async () => {
  const replies = [
    { status: 503, body: "busy" },
    { status: 429 },
    WRITTEN,
    { status: 422, body: "no" },
  ];
  await using receiver = await startWriteReceiver(() => replies.shift() ?? WRITTEN);
  const store = createStore();
  store.append("g", NOW, [{ labels: A, value: 1 }]);
  const { started, logged } = start(receiver.url, store);
  const remote = await started;
  await until(() => remote.statistics().sent === 1);
  store.append("g", NOW + 1, [{ labels: A, value: 2 }]);
  await until(() => remote.statistics().failed === 1);
  store.append("g", NOW + 2, [{ labels: A, value: 3 }]);
  await until(() => remote.statistics().sent === 2);
  const values = receiver.requests.map(({ samples }) => samples.map(({ value }) => value).join());
  expect(values).toEqual(["1", "1", "1", "2", "3"]);
  expect(remote.statistics()).toMatchObject({ retries: 2, pending: 0 });
  // A second warning within a minute is not logged.
  expect(logged).toEqual([
    expect.stringMatching(
      /^http:\/\/127\.0\.0\.1:\d+ does not accept samples.*: status 503: busy$/,
    ),
    expect.stringContaining("accepts samples again"),
  ]);
  expect(logged.join()).not.toContain("api/v1/write");
  await remote.close();
});

it("continues after a restart with what was not acknowledged, and sends nothing twice", async () => {
  await using folder = await createFolder();
  let isUp = true;
  await using receiver = await startWriteReceiver(() => (isUp ? WRITTEN : { status: 500 }));
  const positionFile = `${folder.path}/remote-write.json`;
  const log = { info() {}, warn() {} };
  const open = () => {
    const store = createStore();
    const history = openHistoryFolder(
      `${folder.path}/history`,
      store,
      { retentionMs: RETENTION.retentionMs, log },
      NOW,
    );
    return { store, history };
  };
  const acknowledged: WriteRequest[] = [];
  {
    const { store, history } = open();
    store.append("old", NOW - 2_000_000, [{ labels: B, value: 9 }]);
    const remote = await start(receiver.url, store, { positionFile }).started;
    for (let i = 0; i < 6; i++) store.append("g", NOW + i, [{ labels: A, value: i }]);
    await until(() => remote.statistics().pending === 0);
    acknowledged.push(...receiver.requests.splice(0));
    isUp = false;
    for (let i = 6; i < 11; i++) store.append("g", NOW + i, [{ labels: A, value: i }]);
    await until(() => remote.statistics().retries > 0);
    expect(remote.statistics().pending).toBe(5);
    await remote.close();
    history[Symbol.dispose]();
  }
  receiver.requests.splice(0);
  isUp = true;
  {
    const { store, history } = open();
    // A start time after the samples: the stored position counts.
    const more = { positionFile, sinceMs: NOW + 1_000 };
    const remote = await start(receiver.url, store, more).started;
    store.append("g", NOW + 11, [{ labels: A, value: 11 }]);
    await until(() => remote.statistics().pending === 0);
    await remote.close();
    history[Symbol.dispose]();
  }
  acknowledged.push(...receiver.requests);
  expect(all(acknowledged)).toEqual(
    Array.from({ length: 12 }, (_, i) => `{__name__="a_total",job="x"} ${i} ${i}`).toSorted(),
  );
  // Another receiver starts anew.
  const { store, history } = open();
  const since = { positionFile, sinceMs: NOW + 10 };
  const remote = await start(`${receiver.url}?other`, store, since).started;
  expect(remote.statistics().pending).toBe(1);
  await remote.close();
  history[Symbol.dispose]();
  expect(await readFile(positionFile, "utf8")).not.toContain("api/v1/write");
});

it("sends what is pending when it closes, and counts what left the history", async () => {
  let status = 500;
  await using receiver = await startWriteReceiver(() => ({ ...WRITTEN, status }));
  const store = createSeriesStore({ retentionMs: 100, maxSeries: 10, samplesPerBlock: 2 });
  store.append("g", NOW, [{ labels: A, value: 0 }]);
  const lost = await start(receiver.url, store).started;
  await until(() => lost.statistics().retries === 1);
  for (let i = 1; i < 8; i++) store.append("g", NOW + 100 * i, [{ labels: A, value: i }]);
  // Blocks of two: those that end before the last block by more than the retention are gone.
  expect(lost.statistics()).toMatchObject({ dropped: 6, pending: 2 });
  await lost.close();
  status = 204;
  receiver.requests.splice(0);
  const closing = await start(receiver.url, store, { closeSeconds: 60 }).started;
  await closing.close();
  expect(all(receiver.requests)).toHaveLength(2);
});

it("continues with new samples after the clock was set back", async () => {
  await using receiver = await startWriteReceiver(() => WRITTEN);
  const store = createStore();
  const remote = await start(receiver.url, store).started;
  for (let i = 0; i < 3; i++) store.append("g", NOW + i * 100_000, [{ labels: A, value: i }]);
  await until(() => remote.statistics().sent === 3);
  store.setAside(NOW);
  expect(remote.statistics().pending).toBe(0);
  store.append("g", NOW + 1, [{ labels: A, value: 7 }]);
  await until(() => remote.statistics().sent === 4);
  expect(toText(receiver.requests.at(-1)!)).toEqual(['{__name__="a_total",job="x"} 1 7']);
  expect(remote.statistics().pending).toBe(0);
  await remote.close();
});

it("reads headers from a file before each request, and shows no value in an error", async () => {
  await using folder = await createFolder();
  const headersFile = `${folder.path}/headers`;
  await using receiver = await startWriteReceiver(() => WRITTEN);
  await writeFile(headersFile, "# Of the tenant\nAuthorization: Bearer one\nX-Scope-OrgID: a\n");
  const store = createStore();
  store.append("g", NOW, [{ labels: A, value: 1 }]);
  const remote = await start(receiver.url, store, { headersFile }).started;
  await until(() => remote.statistics().sent === 1);
  await writeFile(headersFile, "authorization: Bearer two");
  store.append("g", NOW + 1, [{ labels: A, value: 2 }]);
  await until(() => remote.statistics().sent === 2);
  await remote.close();
  expect(receiver.requests.map(({ headers }) => headers["authorization"])).toEqual([
    "Bearer one",
    "Bearer two",
  ]);
  expect(receiver.requests[0]!.headers["x-scope-orgid"]).toBe("a");

  await writeFile(headersFile, "s3cret\nContent-Type: s3cret\n");
  const problem = readHeadersFile("--headers", headersFile);
  await expect(problem).rejects.toMatchObject({ code: "INVALID_OPTION" });
  await expect(problem).rejects.toThrow(/:1: Expected a header[^]*:2: .*got Content-Type\./);
  await expect(problem).rejects.not.toThrow("s3cret");
  await expect(readHeadersFile("--headers", `${folder.path}/absent`)).rejects.toThrow(
    "Cannot read the file",
  );
});

// TEPAL_PROMETHEUS names another Prometheus, for example one of version 3, which receives 2.0.
it.runIf(hasProgram("prometheus"))(
  "gives a real Prometheus the same series as its own history, and continues after a restart",
  async () => {
    await using folder = await createFolder();
    await writeFile(`${folder.path}/prometheus.yml`, "{}");
    await using prometheus = await startPrometheusWith(
      [
        `--config.file=${folder.path}/prometheus.yml`,
        `--storage.tsdb.path=${folder.path}/data`,
        "--web.enable-remote-write-receiver",
      ],
      process.env["TEPAL_PROMETHEUS"],
    );
    const read = async (url: string, promql: string): Promise<[string, string][]> => {
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`);
      const { data } = (await response.json()) as {
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      return data.result
        .map(({ metric, value }): [string, string] => [
          JSON.stringify(Object.entries(metric).toSorted()),
          value[1],
        ])
        .toSorted();
    };
    const options = {
      monitor: true,
      dataDir: `${folder.path}/tepal`,
      scrapeInterval: 0.5,
      remoteWrite: `${prometheus.url}/api/v1/write`,
    };
    /** Waits until both have the same values at a moment. @returns them */
    const compare = async (api: string, promql: string) => {
      let ours: readonly [string, string][] = [];
      await until(async () => {
        ours = await read(api, promql);
        const theirs = await read(prometheus.url, promql);
        return ours.length > 0 && JSON.stringify(ours) === JSON.stringify(theirs);
      });
      return ours;
    };
    const now = (): string => (Date.now() / 1_000).toFixed(3);
    let port = 0;
    let isOld = false;
    const output = new PassThrough({ encoding: "utf8" });
    let log = "";
    output.on("data", (chunk: string) => (log += chunk));
    {
      await using server = await startServer(options, { logger: pino(output) });
      port = Number(new URL(server.url).port);
      const reply = await fetch(`${prometheus.url}/api/v1/status/buildinfo`);
      isOld = (await reply.text()).includes('"version":"2.');
      await until(async () => (await server.metric("tepal_remote_write_samples_total")) > 1_000);
      const ours = await compare(`${server.url}/prometheus`, `{job="tepal"} @ ${now()}`);
      expect(ours.length).toBeGreaterThan(200);
      expect(await server.metric("tepal_remote_write_retries_total")).toBe(0);
      expect(log.includes("gets remote write 1.0")).toBe(isOld);
      expect((await server.get("/metrics")).text).not.toMatch(
        /^tepal_remote_write_samples_lost_total.* [1-9]/m,
      );
    }
    await using server = await startServer({ ...options, port });
    const samples = (at: string): string => `sum(count_over_time(up[1h] @ ${at}))`;
    const [[, before = ""] = []] = await read(prometheus.url, samples(now()));
    await until(async () => {
      const [[, count = ""] = []] = await read(prometheus.url, samples(now()));
      return Number(count) > Number(before) + 2;
    });
    await compare(`${server.url}/prometheus`, samples(now()));
  },
);

import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import { createSeriesStore } from "../../src/series/store/create-series-store.ts";
import { createHttpTarget } from "../../src/series/scrape/http-target.ts";
import { normaliseBound } from "../../src/series/scrape/normalise-bound.ts";
import { createExpositionParser } from "../../src/series/scrape/parse-exposition.ts";
import { startScrapeLoop } from "../../src/series/scrape/scrape-loop.ts";
import type { SeriesReader } from "../../src/series/series.ts";
import { createFolder } from "../support/folders.ts";
import { startPrometheusWith } from "../support/monitoring.ts";
import { hasProgram } from "../support/programs.ts";
import { startServer } from "../support/server.ts";

const ROW = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };

/** One line per series with its values; bounds as in Prometheus 3, which Debian's 2.42 does not normalise. */
type Found = Map<string, number>;

function toLine(labels: Iterable<readonly [string, string]>): string {
  const pairs = [...labels].map(([name, value]) => {
    const isBound = name === "le" || name === "quantile";
    return `${name}=${isBound ? normaliseBound(value) : value}`;
  });
  return pairs.toSorted().join(",");
}

async function queryPrometheus(url: string, query: string): Promise<Found> {
  const reply = await request(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await reply.body.json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  return new Map(
    data.result.map(({ metric, value }) => [toLine(Object.entries(metric)), Number(value[1])]),
  );
}

/**
 * Returns true if Prometheus has stored the sample `round`, false if it has rejected the exposition, and undefined
 * before it has scraped it, and after a time-out.
 */
async function readVerdict(url: string, round: number): Promise<boolean | undefined> {
  const values = [...(await queryPrometheus(url, "round")).values()];
  if (values[0] === round) return true;
  const reply = await request(`${url}/api/v1/targets`);
  const { data } = (await reply.body.json()) as {
    data: { activeTargets: { health: string; lastError: string }[] };
  };
  const { health, lastError } = data.activeTargets[0]!;
  return health === "down" && !/deadline|timeout/i.test(lastError) ? false : undefined;
}

/** The content of the store at its newest time. */
function readNewest(store: SeriesReader): Found {
  const found: Found = new Map();
  for (const { labels, values, stale } of store.select([], 0, Infinity)) {
    if (stale?.at(-1) !== 1) found.set(toLine(labels), values.at(-1)!);
  }
  return found;
}

/** Starts Prometheus with one target, and a loop of ours with the same target. */
async function scrapeBoth(folder: string, url: string) {
  const config = {
    scrape_configs: [
      {
        job_name: "tepal",
        scrape_interval: "300ms",
        scrape_timeout: "300ms",
        static_configs: [{ targets: [new URL(url).host] }],
      },
    ],
  };
  await writeFile(`${folder}/prometheus.yml`, JSON.stringify(config));
  const prometheus = await startPrometheusWith([
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
  ]);
  const store = createSeriesStore({ retentionMs: 1e9, maxSeries: 10_000 });
  const target = createHttpTarget({ job: "tepal", url: `${url}/metrics` });
  // The test triggers each scrape.
  const loop = startScrapeLoop(target, store, { intervalMs: 3_600_000 }, systemClock);
  return {
    prometheus,
    store,
    loop,
    async [Symbol.asyncDispose]() {
      await loop.close();
      await prometheus[Symbol.asyncDispose]();
    },
  };
}

describe.runIf(hasProgram("prometheus"))("our stored samples of a scrape", () => {
  it("equal those of Prometheus for the same server, series by series, and after the server has stopped", async () => {
    await using folder = await createFolder();
    const server = await startServer(
      {},
      {
        // Ours reads the text format. In OpenMetrics, Prometheus would find `_created` too.
        extend: ({ app }) =>
          void app.addHook("onRequest", (incoming, _reply, done) => {
            delete incoming.headers.accept;
            done();
          }),
      },
    );
    for (let i = 0; i < 20; i++) await server.post("/predict", ROW);
    await server.post("/predict", { ...ROW, petal_width: "wide" });
    await using both = await scrapeBoth(folder.path, server.url);
    const { prometheus, store, loop } = both;
    const query = (text: string): Promise<Found> => queryPrometheus(prometheus.url, text);
    const all = '{job="tepal"}';
    await expect.poll(async () => (await query("up")).size).toBe(1);
    // The first scrape changes the content of the next one; afterwards only numbers change. On a busy machine a scrape of Prometheus may
    // time out, which adds series to the server and removes all from its reply.
    let ours: Found = new Map();
    let theirs: Found = new Map();
    await expect
      .poll(async () => {
        await loop.scrape(systemClock.nowMs());
        ours = readNewest(store);
        theirs = await query(all);
        return [...new Set(ours.keys()).symmetricDifference(new Set(theirs.keys()))];
      })
      .toEqual([]);
    // Series that the scrapes themselves do not change.
    const isSteady = (line: string): boolean => /__name__=(up|model_)|route=\/predict/.test(line);
    const steady = [...ours].filter(([line]) => isSteady(line));
    expect(steady.length).toBeGreaterThan(100);
    for (const [line, value] of steady) expect([line, theirs.get(line)]).toEqual([line, value]);
    const samples = /__name__=scrape_samples_scraped/;
    const count = [...theirs].find(([line]) => samples.test(line))![1];
    expect([...ours].find(([line]) => samples.test(line))![1]).toBe(count);

    await server[Symbol.asyncDispose]();
    await loop.scrape(systemClock.nowMs());
    let gone: Found = new Map();
    await expect.poll(async () => (gone = await query(all)).size).toBe(5);
    for (const [line, value] of readNewest(store)) {
      if (!line.includes("duration")) expect([line, gone.get(line)]).toEqual([line, value]);
    }
    expect(readNewest(store).size).toBe(5);
  });

  it("are none if Prometheus rejects the whole scrape, and equal otherwise", async () => {
    await using folder = await createFolder();
    let text = "a 1\n";
    const server = createServer((_, reply) => void reply.end(text));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    await using both = await scrapeBoth(folder.path, `http://127.0.0.1:${port}`);
    const { prometheus } = both;
    let round = 0;
    const parses = (exposition: string): boolean => {
      try {
        createExpositionParser().parse(exposition);
        return true;
      } catch {
        return false;
      }
    };
    const lines = [
      'a{b="1"} 1',
      'a{b="1",} 1',
      "a{,} 1",
      "a{b=1} 1",
      'a {b="1"} 1',
      'a{ b = "1" }1',
      "a +Inf",
      "a -nan",
      "a inf",
      "a 1e400",
      "a 1_0",
      "a 0x1p4",
      "a",
      "a 1 5000 6",
      "1a 1",
      "# TYPE a thing",
      "# TYPE a counter ",
      "# TYPE",
      "# HELP a",
      "#",
      'a{b="\\"\\\\\\n"} 1',
      "\ta 1",
      "a\t1\t",
      'a{b="1",b="2"} 1',
      "a .5",
      "a 5.",
      "a +5",
      "a 1 x",
    ];
    const differing: string[] = [];
    for (const line of lines) {
      round += 1;
      text = `# a round of its own\nround ${round}\n${line}\n`;
      let isAccepted: boolean | undefined;
      const findVerdict = async (): Promise<boolean | undefined> =>
        (isAccepted = await readVerdict(prometheus.url, round));
      await expect.poll(findVerdict).toBeDefined();
      if (isAccepted !== parses(text)) differing.push(line);
      text = `round ${-round}\n`;
      const isBack = async (): Promise<unknown> =>
        [...(await queryPrometheus(prometheus.url, "round")).values()][0];
      await expect.poll(isBack).toBe(-round);
    }
    server.closeAllConnections();
    server.close();
    expect(differing).toEqual([]);
  });
});

import { mkdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { createFolder } from "../../test/support/folders.ts";
import { startNodeExporter, startPrometheus } from "../../test/support/monitoring.ts";
import { toMessage } from "../../src/kernel/errors.ts";
import type { Page, Problem } from "./page.ts";
import { formatLabels, queryInstant } from "./query.ts";
import { PATIENT, startUp } from "../servers/start-up.ts";

/** Both engines have the series of a query within this time. */
const WAIT_MS = 30_000;

interface Query {
  readonly path: string;
  readonly line: number;
  readonly text: string;
  /** True if it returns nothing on a healthy server. */
  readonly isEmpty: boolean;
}

/** Lists the queries of `promql` blocks and of values. */
function listQueries({ path, blocks, values }: Page): readonly Query[] {
  return [
    ...blocks
      .filter(({ language, attributes }) => language === "promql" && !attributes.has("not-run"))
      .map(({ text, line, attributes }) => ({
        path,
        line,
        text: text.trim(),
        isEmpty: attributes.has("empty"),
      })),
    ...values.flatMap(({ attributes, line }) => {
      const text = attributes.get("promql");
      return text === undefined ? [] : [{ path, line, text, isEmpty: false }];
    }),
  ];
}

/**
 * Runs the queries of all pages on the built-in engine and on a real Prometheus that scrapes the same server, after traffic of every
 * kind: both must return the same series, and at least one.
 */
export async function checkQueries(
  pages: readonly Page[],
  port: number,
): Promise<readonly Problem[]> {
  const queries = pages.flatMap(listQueries);
  if (queries.length === 0) return [];
  await using folder = await createFolder();
  const files = `${folder.path}/prometheus`;
  await mkdir(files);
  await using node = await startNodeExporter();
  const api = `127.0.0.1:${port}`;
  // No Alertmanager listens there; Prometheus only tries.
  const targets = { api, alertmanager: `127.0.0.1:${port + 9}`, nodeExporter: node.address };
  await using prometheus = await startPrometheus(files, targets, "none");
  await using server = await startUp(folder.path, { port, loadPort: port + 1 }, [
    ...PATIENT,
    "--no-persist",
    "--scrape-interval=1",
    "--rules-interval=1",
    `--rules=${files}/rules`,
    `--scrape=node=${node.url}/metrics`,
  ]);
  const traffic = sendTraffic(server.url, server.loadPage);
  const problems: Problem[] = [];
  const engines = [`${server.url}/prometheus`, prometheus.url];
  for (const query of queries) {
    const deadline = performance.now() + WAIT_MS;
    let message: string | undefined;
    do {
      message = await compareEngines(query, engines);
      if (message !== undefined) await sleep(250);
    } while (message !== undefined && performance.now() < deadline);
    if (message !== undefined) problems.push({ path: query.path, line: query.line, message });
  }
  await traffic;
  return problems;
}

/** Returns the difference between the engines; undefined if there is none. */
async function compareEngines(
  { text, isEmpty }: Query,
  [builtIn = "", real = ""]: readonly string[],
): Promise<string | undefined> {
  try {
    const [own, other] = await Promise.all([listSeries(builtIn, text), listSeries(real, text)]);
    if (isEmpty) return own.length + other.length === 0 ? undefined : `${text} returns series.`;
    if (own.length === 0) return `${text} returns nothing on the built-in engine.`;
    if (other.length === 0) return `${text} returns nothing on Prometheus.`;
    const missing = own.find((series) => !other.includes(series));
    const further = other.find((series) => !own.includes(series));
    if (missing !== undefined) return `${text}: Prometheus does not return ${missing}.`;
    return further === undefined ? undefined : `${text}: only Prometheus returns ${further}.`;
  } catch (error) {
    return toMessage(error);
  }
}

/** Lists the series of a query without the labels of targets, which the configurations name differently. */
async function listSeries(url: string, promql: string): Promise<readonly string[]> {
  const samples = await queryInstant(url, promql);
  return [...new Set(samples.map(({ labels }) => formatLabels(labels, ["job", "instance"])))];
}

const ROWS = [
  { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 },
  { sepal_length: 6.1, sepal_width: 2.8, petal_length: 4.7, petal_width: 1.2 },
  { sepal_length: 6.3, sepal_width: 3.3, petal_length: 6, petal_width: 2.5 },
];
const OUTLIER = { ...ROWS[0], sepal_length: 100 };

/** Sends requests of every kind for some seconds: predictions, outliers, problems, batches, and a load test. */
async function sendTraffic(url: string, loadPage: string): Promise<void> {
  const plan = { profile: { kind: "users", users: 3, spawn_rate: 3 }, run_time_seconds: 8 };
  await send(`${loadPage}/api/load/start`, JSON.stringify(plan));
  for (let round = 0; round < 8; round += 1) {
    for (const row of [...ROWS, OUTLIER]) await send(`${url}/predict`, JSON.stringify(row));
    await send(`${url}/predict`, "{}");
    await send(`${url}/predict/batch`, JSON.stringify({ instances: ROWS }));
    await send(
      `${url}/predict/batch`,
      `${Object.keys(OUTLIER).join()}\n5,3,1,x\n5,3,1,1\n`,
      "text/csv",
    );
    await send(`${url}/nowhere`, "{}");
    await (await request(`${url}/models`)).body.dump();
    await sleep(1_000);
  }
}

async function send(url: string, body: string, type = "application/json"): Promise<void> {
  const reply = await request(url, { method: "POST", headers: { "content-type": type }, body });
  await reply.body.dump();
}

/** The topics of the teaching project that the tutorial follows: its README, and the 21 questions of its second document. */
import { glob, readFile } from "node:fs/promises";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { toAnchor } from "../../console/course/anchor.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const INDEX = "docs/README.md";
const PART_ONE = "docs/tutorial/reading-the-files.md";
const HANDS_ON = "docs/tutorial/hands-on";
const UNDERSTANDING = "docs/tutorial/understanding";

/** A topic, the page or section that the index leads to, and what that must state. */
type Topic = readonly [topic: string, target: string, ...parts: readonly RegExp[]];

const README: readonly Topic[] = [
  [
    "services and their ports",
    "docs/monitoring-stack.md#with-compose",
    /:8000/,
    /:9090/,
    /:3000/,
    /:8089/,
  ],
  ["start with Docker", "docs/monitoring-stack.md#with-compose", /docker compose up --build/],
  ["start without Docker", "docs/tutorial/README.md", /npm start/],
  ["passwords", "docs/monitoring-stack.md#with-compose", /password/],
  ["what Prometheus is", `${UNDERSTANDING}/prometheus.md`, /\*\*Prometheus\*\* is a program/],
  ["scraping and storage", `${UNDERSTANDING}/prometheus.md`, /every five seconds/, /stores/],
  [
    "counters, gauges, histograms",
    `${UNDERSTANDING}/prometheus.md`,
    /counter/,
    /gauge/,
    /le="\+Inf"/,
  ],
  ["PromQL", `${UNDERSTANDING}/prometheus.md#promql`, /rate\(/, /histogram_quantile\(0\.95/],
  ["key metrics", "docs/metrics.md", /`api_requests_total`/, /`api_request_latency_seconds`/],
  [
    "common queries",
    "docs/metrics.md#queries",
    /\| Total of requests/i,
    /rate\(api_requests_total/,
    /_sum\[.*_count\[/s,
    /histogram_quantile\(0\.95/,
    /histogram_quantile\(0\.99/,
  ],
  [
    "the configuration of Prometheus",
    `${PART_ONE}#16-`,
    /scrape_interval/,
    /targets/,
    /metrics_path/,
  ],
  [
    "the pages of Prometheus",
    `${HANDS_ON}/04-targets.md`,
    /\*\*Target health\*\*/,
    /\*\*Configuration\*\*/,
  ],
  ["what Grafana is", `${UNDERSTANDING}/grafana.md`, /\*\*Grafana\*\* is a program/],
  [
    "data sources and provisioning",
    `${UNDERSTANDING}/grafana.md`,
    /## Provisioning/,
    /data source/,
  ],
  ["time range and refresh", `${UNDERSTANDING}/grafana.md`, /time range/, /Refresh/],
  [
    "the dashboards",
    "docs/dashboards.md",
    /Overview/,
    /Latency Analysis/,
    /Request Analysis/,
    /Load Testing/,
  ],
  [
    "the way of a request",
    `${UNDERSTANDING}/grafana.md#from-a-request-to-a-panel`,
    /^1\. /m,
    /^6\. /m,
  ],
  ["alerts", "docs/alerting.md", /HighLatency/],
  ["what a load test is", `${UNDERSTANDING}/load-tests.md`, /spawn rate/, /weight/, /think time/],
  [
    "the load page",
    "docs/load-page.md",
    /[Ss]tatistics/,
    /[Cc]harts/,
    /[Ff]ailures/,
    /[Ee]xceptions/,
  ],
  [
    "baseline, gradual, stress, recovery",
    "docs/tutorial/load-testing.md",
    /## Baseline/,
    /## Gradual/,
    /## Stress/,
    /## Recovery/,
  ],
  ["custom load tests", "docs/tutorial/load-testing.md", /Waits/, /Tasks/, /Weights/, /Data/],
  ["the endpoints", `${PART_ONE}#14-`, /`POST \/predict`/, /`GET \/metrics`/, /`GET \/`/],
  ["the files of the project", "docs/architecture.md", /src/],
  ["edit a dashboard", "docs/dashboards.md#edit-a-dashboard", /JSON/],
  ["add a metric", "docs/tutorial/your-own.md", /## Add a metric in an application/],
  ["train a model", "docs/your-model.md", /tepal -- train/],
  [
    "troubleshooting",
    "docs/tutorial/troubleshooting.md",
    /## Prometheus cannot scrape/,
    /## Grafana shows no data/,
    /## Dashboards do not appear/,
  ],
];

const QUESTIONS: readonly Topic[] = [
  [
    "1.1 services, builds, network",
    `${PART_ONE}#11-`,
    /\*\*Built\*\*/,
    /\*\*Pulled\*\*/,
    /\*\*Network\.\*\*/,
  ],
  [
    "1.2 security",
    `${PART_ONE}#12-`,
    /password is `admin`/,
    /rate limit/i,
    /[Pp]orts/,
    /TLS/,
    /model is in the image/,
  ],
  [
    "1.3 failures and volumes",
    `${PART_ONE}#13-`,
    /\*\*Prometheus\*\*/,
    /\*\*Grafana\*\*/,
    /\*\*API\*\*/,
    /volume/,
  ],
  [
    "1.4 endpoints, GET and POST",
    `${PART_ONE}#14-`,
    /\*\*GET\*\*/,
    /\*\*POST\*\*/,
    /verify that it runs/,
  ],
  [
    "1.5 training over the API",
    `${PART_ONE}#15-`,
    /Resources/,
    /poisoning/,
    /Versions/,
    /confidential/,
  ],
  ["1.6 prometheus.yml", `${PART_ONE}#16-`, /job_name/],
  ["1.7 the JSON of a dashboard", `${PART_ONE}#17-`, /`panels`/, /`targets`/, /`gridPos`/],
  [
    "2.1 the model, and a row far outside",
    `${HANDS_ON}/01-predict.md`,
    /random forest/,
    /no error/,
  ],
  ["2.2 the warning", `${HANDS_ON}/02-trust.md`, /out_of_range/, /p-value/, /standard deviations/],
  ["2.3 batches", `${HANDS_ON}/03-batches.md`, /round trip/, /batch/],
  ["2.4 the targets", `${HANDS_ON}/04-targets.md`, /\*\*Targets\*\*/],
  [
    "2.5 the counter over time",
    `${HANDS_ON}/05-requests.md`,
    /\*\*Graph\*\*/,
    /rate\(api_requests_total\[1m\]\)/,
  ],
  ["2.6 the rigged counter", `${HANDS_ON}/06-rigged.md`, /api_unique_clients/, /model_batch_rows/],
  [
    "2.7 the percentile",
    `${HANDS_ON}/07-percentile.md`,
    /95 %/,
    /Cold start/,
    /Garbage collection/,
    /Few requests/,
  ],
  ["2.8 the data source", `${HANDS_ON}/08-grafana.md`, /http:\/\/prometheus:9090/, /Save & test/],
  ["2.9 a dashboard, and traffic", `${HANDS_ON}/09-dashboards.md`, /\*\*Import\*\*/, /traffic\.ts/],
  ["2.10 median and mean", `${HANDS_ON}/10-mean-and-median.md`, /histogram_quantile\(0\.5/, /_sum/],
  [
    "2.11 a spike of the mean",
    `${HANDS_ON}/11-alert.md`,
    /MeanLatencySpike/,
    /webhook/,
    /Alert rules/,
  ],
  ["2.12 why monitor", `${HANDS_ON}/12-why.md`, /before users report/],
  [
    "2.13 golden signals",
    `${HANDS_ON}/13-signals.md`,
    /Latency/,
    /Traffic/,
    /Errors/,
    /Saturation/,
  ],
  ["2.14 CPU", `${HANDS_ON}/14-cpu.md`, /node-exporter/, /cAdvisor/, /process_cpu_seconds_total/],
];

const read = (path: string): Promise<string> => readFile(`${ROOT}${path}`, "utf8");

/** Lists the targets of the links of the index, from the root. */
async function listTargets(): Promise<readonly string[]> {
  return [...(await read(INDEX)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) =>
    posix.join("docs", target),
  );
}

/** Returns a page, or its section of the heading whose anchor begins as the target states. */
async function readTarget(target: string): Promise<string> {
  const [path = "", anchor] = target.split("#");
  const text = await read(path);
  if (anchor === undefined) return text;
  const sections = text.split(/^(?=##+ )/m);
  const at = sections.findIndex((section) =>
    toAnchor(section.split("\n")[0]!.replace(/^#+ /, "")).startsWith(anchor),
  );
  const level = /^#+/.exec(sections[at] ?? "")?.[0].length ?? 0;
  const rest = sections.slice(at + 1);
  const end = rest.findIndex((section) => /^#+/.exec(section)![0].length <= level);
  return [sections[at], ...rest.slice(0, end < 0 ? rest.length : end)].join("");
}

describe.each([
  ["README", README],
  ["21 questions", QUESTIONS],
])("of the topics of its %s, the index", async (_name, topics) => {
  const targets = await listTargets();

  const cases = topics.map(([topic, target, ...parts]) => ({ topic, target, parts }));

  it.each(cases)("leads to $topic", async ({ target, parts }) => {
    // The index links each hands-on page, or the list of them.
    const isLinked = targets.some((each) => each.startsWith(target));
    const list = target.startsWith(HANDS_ON) ? await read("docs/tutorial/README.md") : "";
    expect([target, isLinked || list.includes(posix.relative("docs/tutorial", target))]).toEqual([
      target,
      true,
    ]);
    const text = await readTarget(target);
    for (const part of parts) expect(text).toMatch(part);
  });
});

it("names nothing in the tutorial that only another system has", async () => {
  const foreign =
    /fastapi|uvicorn|swagger|pip install|locustfile|train_model|main\.py|admin\/admin/i;
  for await (const path of glob("docs/tutorial/**/*.md", { cwd: ROOT })) {
    expect([path, foreign.exec(await read(path))?.[0]]).toEqual([path, undefined]);
  }
});

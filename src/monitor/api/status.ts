import { METRIC_NAME } from "../../series/series.ts";
import { toAnswer, type Endpoint } from "./api.ts";
import { createBadData, parseInteger } from "./parameters.ts";

/** The version whose API and language these are: clients look at it to know what they may ask. */
const PROMETHEUS_VERSION = "3.5.0";
const TOP = 10;
const MAX_TOP = 10_000;

/** `status/buildinfo`. */
export const buildinfo: Endpoint = ({ about }) =>
  toAnswer({
    version: PROMETHEUS_VERSION,
    revision: `tepal-${about.version}`,
    branch: "tepal",
    buildUser: "",
    buildDate: "",
    goVersion: "",
  });

/** `status/config`: what Prometheus would be told to do the same. */
export const config: Endpoint = ({ about }) =>
  // JSON is YAML.
  toAnswer({ yaml: `${JSON.stringify(about.config, null, 2)}\n` });

/** `status/flags`. */
export const flags: Endpoint = ({ about }) => toAnswer(about.flags);

/** `status/runtimeinfo`. */
export const runtimeinfo: Endpoint = ({ about, clock }) => {
  const started = new Date(about.startedMs).toISOString();
  return toAnswer({
    startTime: started,
    CWD: about.folder,
    hostname: "",
    serverTime: new Date(clock.nowMs()).toISOString(),
    reloadConfigSuccess: true,
    lastConfigTime: started,
    corruptionCount: 0,
    goroutineCount: 0,
    GOMAXPROCS: 1,
    GOMEMLIMIT: 0,
    GOGC: "",
    GODEBUG: "",
    storageRetention: formatSeconds(about.retentionSeconds),
  });
};

/** `status/tsdb`: how many series there are, and which metrics and labels have most of them. */
export const tsdb: Endpoint = ({ store }, { parameters }) => {
  const top = readTop(parameters);
  const byLabel: Count[] = [];
  const byPair: Count[] = [];
  const bytesByLabel: Count[] = [];
  for (const label of store.labelNames()) {
    let values = 0;
    let bytes = 0;
    for (const [value, series] of store.labelValues(label)) {
      values += 1;
      bytes += Buffer.byteLength(value);
      byPair.push({ name: `${label}=${value}`, value: series });
    }
    byLabel.push({ name: label, value: values });
    bytesByLabel.push({ name: label, value: bytes });
  }
  const byMetric = Array.from(store.labelValues(METRIC_NAME), ([name, value]) => ({ name, value }));
  const { series, oldestMs, newestMs } = store.statistics();
  return toAnswer({
    headStats: {
      numSeries: series,
      numLabelPairs: byPair.length,
      chunkCount: series,
      minTime: Number.isFinite(oldestMs) ? oldestMs : 0,
      maxTime: Number.isFinite(newestMs) ? newestMs : 0,
    },
    seriesCountByMetricName: toTop(byMetric, top),
    labelValueCountByLabelName: toTop(byLabel, top),
    memoryInBytesByLabelName: toTop(bytesByLabel, top),
    seriesCountByLabelValuePair: toTop(byPair, top),
  });
};

interface Count {
  readonly name: string;
  readonly value: number;
}

function toTop(counts: readonly Count[], top: number): Count[] {
  return counts.toSorted((a, b) => b.value - a.value).slice(0, top);
}

function readTop(parameters: URLSearchParams): number {
  const text = parameters.get("limit") ?? "";
  if (text === "") return TOP;
  const limit = parseInteger(text) ?? 0;
  if (limit < 1) throw createBadData("limit must be a positive number");
  if (limit > MAX_TOP) throw createBadData(`limit must not exceed ${MAX_TOP}`);
  return limit;
}

function formatSeconds(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  if (seconds % 3_600 === 0) return `${seconds / 3_600}h`;
  return `${seconds}s`;
}

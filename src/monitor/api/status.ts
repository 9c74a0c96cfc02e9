import { METRIC_NAME } from "../../series/series.ts";
import { toResult, type Endpoint } from "./api.ts";
import { createBadData, parseInteger } from "./parameters.ts";

/** The version whose API and PromQL these are. Clients use it to detect features. */
const PROMETHEUS_VERSION = "3.5.0";
const TOP = 10;
const MAX_TOP = 10_000;

const encoder = new TextEncoder();

/** `status/buildinfo`. */
export const buildinfo: Endpoint = ({ info }) =>
  toResult({
    version: PROMETHEUS_VERSION,
    revision: `tepal-${info.version}`,
    branch: "tepal",
    buildUser: "",
    buildDate: "",
    goVersion: "",
  });

/** `status/config`: an equivalent configuration of Prometheus. */
export const config: Endpoint = ({ info }) =>
  // JSON is valid YAML.
  toResult({ yaml: `${JSON.stringify(info.config, null, 2)}\n` });

/** `alertmanagers`. */
export const alertmanagers: Endpoint = ({ info }) =>
  toResult({
    activeAlertmanagers: info.alertmanagers.map((url) => ({ url })),
    droppedAlertmanagers: [],
  });

/** `notifications`: Prometheus's own problems, such as a configuration that it could not reload. The monitor logs its problems instead. */
export const notifications: Endpoint = () => toResult([]);

/** `status/walreplay`: complete, because requests wait until the history has been read. */
export const walreplay: Endpoint = () => toResult({ min: 0, max: 0, current: 0 });

/** `status/tsdb/blocks`: none, because the history is not stored in Prometheus's blocks. */
export const tsdbBlocks: Endpoint = () => toResult({ blocks: [] });

/** `status/flags`. */
export const flags: Endpoint = ({ info }) => toResult(info.flags);

/** `status/runtimeinfo`. */
export const runtimeinfo: Endpoint = ({ info, clock }) => {
  const started = new Date(info.startedMs).toISOString();
  return toResult({
    startTime: started,
    CWD: info.folder,
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
    storageRetention: formatSeconds(info.retentionSeconds),
  });
};

/** `status/tsdb`: the number of series, and the metrics and labels with most of them. */
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
      bytes += encoder.encode(value).length;
      byPair.push({ name: `${label}=${value}`, value: series });
    }
    byLabel.push({ name: label, value: values });
    bytesByLabel.push({ name: label, value: bytes });
  }
  const byMetric = Array.from(store.labelValues(METRIC_NAME), ([name, value]) => ({ name, value }));
  const { series, oldestMs, newestMs } = store.statistics();
  return toResult({
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
  const written = parameters.get("limit") ?? "";
  if (written === "") return TOP;
  const limit = parseInteger(written) ?? 0;
  if (limit < 1) throw createBadData("limit must be a positive number");
  if (limit > MAX_TOP) throw createBadData(`limit must not exceed ${MAX_TOP}`);
  return limit;
}

function formatSeconds(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  if (seconds % 3_600 === 0) return `${seconds / 3_600}h`;
  return `${seconds}s`;
}

import { parseDashboard } from "../grafana/dashboard.ts";
import { nowMs } from "../lib/server-clock.ts";
import type { Alert, Client, MatrixSeries, QueryResult } from "../prometheus/client.ts";
import type { Hour } from "./changes.ts";
import { listEvents, type RecentEvent } from "./events.ts";
import {
  DASHBOARD,
  listNumbers,
  toHistory,
  toHistorySpan,
  toValue,
  withWindow,
  type NumberName,
  type OverviewNumber,
} from "./numbers.ts";

const EVENTS_STEP_SECONDS = 60;
const EVENTS_SECONDS = 21_600;
const HOUR_SECONDS = 3_600;
const SCRAPE_SECONDS = 15;

/** Reads the numbers from the dashboard Overview. */
export async function loadNumbers(
  client: Client,
  signal: AbortSignal,
): Promise<readonly OverviewNumber[]> {
  return listNumbers(parseDashboard(await client.own(`dashboards/${DASHBOARD}`, signal)));
}

export interface Current {
  readonly values: ReadonlyMap<NumberName, number | undefined>;
  readonly firing: readonly Alert[];
  readonly pending: number;
  /** Seconds since the newest server started; undefined if no server exports it. */
  readonly uptimeSeconds: number | undefined;
}

export async function loadCurrent(
  client: Client,
  numbers: readonly OverviewNumber[],
  signal: AbortSignal,
): Promise<Current> {
  const now = nowMs() / 1_000;
  const ask = async (expr: string): Promise<number | undefined> =>
    toValue(await client.query(expr, now, signal));
  const [values, alerts, uptimeSeconds] = await Promise.all([
    Promise.all(numbers.map(async ({ name, expr }) => [name, await ask(expr)] as const)),
    client.alerts(signal),
    ask("time() - max(process_start_time_seconds)"),
  ]);
  return {
    values: new Map(values),
    firing: alerts.filter(isFiring),
    pending: alerts.filter(({ state }) => state === "pending").length,
    uptimeSeconds,
  };
}

/** The watchdog always fires. */
function isFiring({ state, labels }: Alert): boolean {
  return state === "firing" && labels["alertname"] !== "Watchdog";
}

export interface Past {
  readonly histories: ReadonlyMap<NumberName, readonly (number | null)[]>;
  /** Duration of the histories: the last hour, or what there is of it. */
  readonly historySeconds: number;
  readonly events: readonly RecentEvent[];
  readonly hour: Hour;
  readonly before: Hour;
  /** Beginning of the history of the last two hours, in milliseconds; undefined without one. */
  readonly oldestMs: number | undefined;
}

export async function loadPast(
  client: Client,
  numbers: readonly OverviewNumber[],
  signal: AbortSignal,
): Promise<Past> {
  const now = nowMs() / 1_000;
  const range = (expr: string, seconds: number, step: number): Promise<QueryResult> =>
    client.queryRange(expr, now - seconds, now, step, signal);
  const scrapeMs = await client.scrapeInterval(signal).catch(() => undefined);
  const scrapeSeconds = scrapeMs === undefined ? SCRAPE_SECONDS : scrapeMs / 1_000;
  const oldest = toValue(
    await client.query("min(min_over_time(timestamp(up)[2h:15s]))", now, signal),
  );
  const history = toHistorySpan(now, oldest, scrapeSeconds);
  const histories = numbers.map(async ({ name, expr }) => {
    const result = await range(expr, history.seconds, history.step);
    const count = Math.floor(history.seconds / history.step) + 1;
    return [name, toHistory(result, now - history.seconds, history.step, count)] as const;
  });
  const series = [
    "process_start_time_seconds",
    "model_loaded_timestamp_seconds",
    'ALERTS{alertstate="firing", alertname!="Watchdog"}',
  ].map(async (expr) => toSeries(await range(expr, EVENTS_SECONDS, EVENTS_STEP_SECONDS)));
  // At once: when the page is left, each of them rejects.
  const [hour, before, [starts = [], loads = [], alerts = []], entries] = await Promise.all([
    loadHour(client, numbers, now, "", scrapeSeconds, signal),
    loadHour(client, numbers, now, "1h", scrapeSeconds, signal),
    Promise.all(series),
    Promise.all(histories),
  ]);
  return {
    histories: new Map(entries),
    historySeconds: history.seconds,
    events: listEvents(
      { starts, loads, alerts },
      { startSeconds: now - EVENTS_SECONDS, stepSeconds: EVENTS_STEP_SECONDS, endSeconds: now },
    ),
    hour,
    before,
    oldestMs: oldest === undefined ? undefined : oldest * 1_000,
  };
}

function toSeries(result: QueryResult): readonly MatrixSeries[] {
  return result.resultType === "matrix" ? result.result : [];
}

/** Loads the hour that ended `offset` ago. */
async function loadHour(
  client: Client,
  numbers: readonly OverviewNumber[],
  now: number,
  offset: string,
  scrapeSeconds: number,
  signal: AbortSignal,
): Promise<Hour> {
  const query = (expr: string): Promise<QueryResult> => client.query(expr, now, signal);
  const ask = async (expr: string): Promise<number | undefined> => {
    const value = toValue(await query(expr));
    return value === undefined || Number.isNaN(value) ? undefined : value;
  };
  const askNumber = (name: NumberName): Promise<number | undefined> =>
    ask(withWindow(numbers.find((number) => number.name === name)?.expr ?? "", "1h", offset));
  const window = withWindow("[1h]", "1h", offset);
  const [
    samples,
    requestRate,
    errorShare,
    p95Seconds,
    rowRate,
    outlierShare,
    memoryBytes,
    classes,
  ] = await Promise.all([
    ask(`max(count_over_time(up${window}))`),
    askNumber("requests"),
    askNumber("errors"),
    askNumber("p95"),
    ask(`sum(rate(model_ood_p_value_count${window}))`),
    askNumber("outliers"),
    ask(`sum(avg_over_time(process_resident_memory_bytes{job!="loadtest"}${window}))`),
    query(`sum by (class) (rate(model_predictions_total${window}))`),
  ]);
  return {
    coveredSeconds: Math.min(HOUR_SECONDS, (samples ?? 0) * scrapeSeconds),
    requestRate: requestRate ?? 0,
    errorShare,
    p95Seconds,
    rowRate: rowRate ?? 0,
    outlierShare,
    memoryBytes,
    classRates: new Map(
      classes.resultType === "vector"
        ? classes.result.map(({ metric, value }) => [metric["class"] ?? "", Number(value[1])])
        : [],
    ),
  };
}

import { join } from "node:path";
import type { AlertingLog } from "../alerts/alerts.ts";
import { toExternalLabels } from "../alerts/options.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SavedExemplar } from "../metrics/metrics.ts";
import { createEngine } from "../promql/engine.ts";
import { createMonitorStore } from "../series/monitor-store.ts";
import type { Target } from "../series/scrape/target.ts";
import { createExemplarStore } from "../series/store/exemplar-store.ts";
import type { ApiParts } from "./api/api.ts";
import { createControl } from "./control/control.ts";
import { describeHistory, describeRemoteWrite } from "./control/describe-state.ts";
import { describeMonitor } from "./describe-monitor.ts";
import type { TransferableReply } from "./handle-request.ts";
import type { ApiRequest, MonitorStatistics } from "./monitor.ts";
import { addOwnExemplars } from "./own-exemplars.ts";
import { createQueryRunner } from "./queries/query-runner.ts";
import type { RemoteWriteStatistics } from "./remote-write/remote-write.ts";
import { startRemoteWrite } from "./remote-write/start-remote-write.ts";
import { toSeriesKind } from "./series-kind.ts";
import { startAlerting } from "./start-alerting.ts";
import type { ThreadData } from "./thread-calls.ts";

/** The work of the monitor thread, without its messages. */
export interface Runtime {
  /** Never rejects. */
  handle(request: ApiRequest): Promise<TransferableReply>;
  /** Reads rules and receivers of alerts again. A problem is logged and returned, and what was there before stays. */
  reload(): Promise<string | undefined>;
  /** Stops scrapes and alerts, and closes the history. */
  close(): Promise<void>;
}

export interface RuntimeParts {
  readonly clock: Clock;
  readonly log: AlertingLog;
  /** Renders the server's own metrics in the Prometheus text format. */
  renderMetrics(): Promise<string>;
  /** Returns the exemplars of the server's own metrics, as they were at the last rendering. */
  listExemplars(): Promise<readonly SavedExemplar[]>;
  publishStatistics(statistics: MonitorStatistics): void;
}

/** A rate needs two samples. */
const SETTLE_SCRAPES = 2;

/** About 200 bytes each. */
const MAX_EXEMPLARS = 10_000;

/** The job of the server's own metrics. Rules and dashboards use this name. */
const OWN_JOB = "tepal";

/** Reads the history, and starts to scrape and to evaluate rules. */
export async function createRuntime(data: ThreadData, parts: RuntimeParts): Promise<Runtime> {
  const { options, url, publicUrl } = data;
  const { clock, log, renderMetrics, listExemplars, publishStatistics } = parts;
  const closing = new Int32Array(data.closing);
  const queryClock = toClosingClock(clock, closing);
  const limits = { timeoutSeconds: options.queryTimeout, maxSamples: options.queryMaxSamples };

  const exemplars = createExemplarStore(MAX_EXEMPLARS);
  const own: Target = {
    job: OWN_JOB,
    instance: new URL(url).host,
    url: `${url}/metrics`,
    async read() {
      const text = await renderMetrics();
      addOwnExemplars(exemplars, await listExemplars(), own);
      return text;
    },
  };
  const history = createMonitorStore({
    options,
    own,
    zeroMs: data.zeroMs,
    kindOf: toSeriesKind,
    clock,
    log,
  });
  const { store } = history;
  const isPersisted = history.diskStatistics() !== undefined;
  const remoteWrite =
    options.remoteWrite === null
      ? undefined
      : await startRemoteWrite({
          url: options.remoteWrite,
          headersFile: options.remoteWriteHeadersFile,
          store,
          listTargets: history.targets,
          externalLabels: toExternalLabels(options.externalLabel),
          // The lock of the history is that of these files too.
          positionFile: isPersisted ? join(options.dataDir, "remote-write.json") : undefined,
          // The first scrape may have zeros at this time.
          sinceMs: (data.zeroMs ?? clock.nowMs()) - 1,
          clock,
          log,
        });
  const statisticsTimer = setInterval(
    () => publishStatistics(toStatistics(store.statistics(), remoteWrite?.statistics())),
    options.scrapeInterval * 1_000,
  );

  const alerting = await startAlerting(options, {
    engine: createEngine({ limits, clock: queryClock }),
    reader: store,
    writer: store,
    clock,
    log,
    serverUrl: publicUrl,
    reportedFile: isPersisted ? join(options.dataDir, "alerts.json") : undefined,
    silencesFile: isPersisted ? join(options.dataDir, "silences.json") : undefined,
    settleSeconds: SETTLE_SCRAPES * options.scrapeInterval,
  });

  const queries = createQueryRunner({
    store,
    exemplars,
    listTargets: history.targets,
    alerting,
    clock,
    limits,
    info: describeMonitor(data, history.targets(), clock.nowMs()),
    log,
  });
  const control = createControl({
    alerting: alerting.current,
    version: data.version,
    startedMs: clock.nowMs(),
    describeState: () => ({
      history: describeHistory(store.statistics(), history.diskStatistics(), data.options),
      remote_write: describeRemoteWrite(remoteWrite?.statistics()),
    }),
    log,
  });
  return {
    // Not in the query thread: silences and tests of receivers do not wait for queries.
    handle: (request) => control(request) ?? queries.handle(request),
    reload: alerting.reload,
    async close() {
      clearInterval(statisticsTimer);
      await queries.close();
      await alerting.close();
      await history.finish();
      await remoteWrite?.close();
      await history[Symbol.asyncDispose]();
    },
  };
}

const isSet = (flag: Int32Array): boolean => Atomics.load(flag, 0) > 0;

/**
 * Creates a clock for the queries of rules. They read it regularly to detect a timeout, so an infinite time ends the current query when
 * the monitor closes.
 */
function toClosingClock(clock: Clock, closing: Int32Array): Clock {
  return {
    nowMs: () => clock.nowMs(),
    monotonicSeconds: () => (isSet(closing) ? Number.POSITIVE_INFINITY : clock.monotonicSeconds()),
  };
}

function toStatistics(
  statistics: ReturnType<ApiParts["store"]["statistics"]>,
  remoteWrite: RemoteWriteStatistics | undefined,
): MonitorStatistics {
  return {
    remoteWrite,
    series: statistics.series,
    bytes: statistics.sampleBytes + statistics.cacheBytes,
    samples: statistics.samplesAppended,
    dropped: {
      series_limit: statistics.samplesAboveCap,
      drift_limit: statistics.samplesAboveDriftCap,
      duplicate: statistics.samplesDuplicate,
      late: statistics.samplesLate,
      ahead: statistics.samplesAhead,
    },
  };
}

import type { AlertingLog } from "../alerts/alerts.ts";
import type { Clock } from "../kernel/clock.ts";
import { toMessage } from "../kernel/errors.ts";
import { createEngine } from "../promql/engine.ts";
import { createMonitorStore } from "../series/monitor-store.ts";
import type { Target } from "../series/scrape/target.ts";
import { answerRequest, type OwnReply } from "./answer-request.ts";
import type { ApiParts } from "./api/api.ts";
import { refuse } from "./api/envelope.ts";
import { describeMonitor } from "./describe-monitor.ts";
import type { ApiRequest, Figures, ThreadTask } from "./monitor.ts";
import { openAlerting } from "./open-alerting.ts";

/** Everything that the monitor's thread does, whoever brings its messages. */
export interface Runtime {
  answer(request: ApiRequest, waitedSeconds: number): OwnReply;
  /** Reads the rules again; what is wrong with them is logged, and those before go on. */
  reload(): Promise<void>;
  /** Ends scrapes and alerts, and closes the history. */
  close(): Promise<void>;
}

export interface RuntimeParts {
  readonly clock: Clock;
  readonly log: AlertingLog;
  /** The server's own page in the Prometheus text format. */
  renderPage(): Promise<string>;
  showFigures(figures: Figures): void;
}

/** The server's own job: rules and dashboards know it by this name. */
const OWN_JOB = "tepal";

/** Reads the history, and begins to scrape and to evaluate rules. */
export async function createRuntime(task: ThreadTask, parts: RuntimeParts): Promise<Runtime> {
  const { options, url } = task;
  const { log, renderPage, showFigures } = parts;
  const { clock } = parts;
  const closing = new Int32Array(task.closing);
  const queryClock = toClosingClock(clock, closing);
  const limits = { timeoutSeconds: options.queryTimeout, maxSamples: options.queryMaxSamples };

  const own: Target = {
    job: OWN_JOB,
    instance: new URL(url).host,
    url: `${url}/metrics`,
    read: renderPage,
  };
  const history = createMonitorStore({
    options,
    targets: [own],
    clock,
    log,
  });
  const { store } = history;
  const figuresTimer = setInterval(
    () => showFigures(toFigures(store.statistics())),
    options.scrapeInterval * 1_000,
  );

  const alerting = await openAlerting(options, {
    engine: createEngine({ limits, clock: queryClock }),
    reader: store,
    writer: store,
    clock,
    log,
    externalUrl: `${url}/prometheus`,
  });

  const api: ApiParts = {
    store,
    listTargets: history.targets,
    alerting,
    clock: queryClock,
    limits,
    about: describeMonitor(task, history.targets(), clock.nowMs()),
  };
  return {
    answer(request, waitedSeconds) {
      if (isSet(closing)) return refuse("The monitor ends");
      return answerRequest(api, request, waitedSeconds, (error) => {
        log.error(`${request.path}: ${error instanceof Error ? error.stack : toMessage(error)}`);
      });
    },
    reload: alerting.reload,
    async close() {
      clearInterval(figuresTimer);
      await alerting.close();
      await history[Symbol.asyncDispose]();
    },
  };
}

const isSet = (flag: Int32Array): boolean => Atomics.load(flag, 0) > 0;

/**
 * For queries, which look at the clock now and then to see whether they may go on: when the monitor closes, they may not. One that
 * begins only then would not notice.
 */
function toClosingClock(clock: Clock, closing: Int32Array): Clock {
  return {
    nowMs: () => clock.nowMs(),
    monotonicSeconds: () => (isSet(closing) ? Number.POSITIVE_INFINITY : clock.monotonicSeconds()),
  };
}

function toFigures(statistics: ReturnType<ApiParts["store"]["statistics"]>): Figures {
  return {
    series: statistics.series,
    bytes: statistics.sampleBytes + statistics.cacheBytes,
    samples: statistics.samplesAppended,
    dropped: {
      series_limit: statistics.samplesAboveCap,
      duplicate: statistics.samplesDuplicate,
      late: statistics.samplesLate,
    },
  };
}

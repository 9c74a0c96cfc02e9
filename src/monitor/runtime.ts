import type { AlertingLog } from "../alerts/alerts.ts";
import type { Clock } from "../kernel/clock.ts";
import { toMessage } from "../kernel/errors.ts";
import { createEngine } from "../promql/engine.ts";
import { createHttpTarget } from "../series/http-target.ts";
import { startScrapeLoop } from "../series/scrape-loop.ts";
import { parseScrapeItem } from "../series/scrape-option.ts";
import type { Target } from "../series/target.ts";
import { answerRequest, type OwnReply } from "./answer-request.ts";
import type { ApiParts } from "./api/api.ts";
import { describeMonitor } from "./describe-monitor.ts";
import type { ApiRequest, Figures, ThreadTask } from "./monitor.ts";
import { openAlerting } from "./open-alerting.ts";
import { openHistory } from "./open-history.ts";
import { createRuleWriter } from "./rule-writer.ts";

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
  const clock = toClosingClock(parts.clock, new Int32Array(task.closing));
  const history = openHistory(options, log, clock);
  const { store } = history;
  const limits = { timeoutSeconds: options.queryTimeout, maxSamples: options.queryMaxSamples };

  const own: Target = {
    job: OWN_JOB,
    instance: new URL(url).host,
    url: `${url}/metrics`,
    read: renderPage,
  };
  const others = options.scrape.flatMap((item) => parseScrapeItem(item) ?? []);
  const intervalMs = options.scrapeInterval * 1_000;
  const loops = [own, ...others.map(createHttpTarget)].map((target) =>
    startScrapeLoop(target, store, { intervalMs }, clock),
  );
  const figuresTimer = setInterval(() => showFigures(toFigures(store.statistics())), intervalMs);

  const alerting = await openAlerting(options, {
    engine: createEngine({ limits, clock }),
    reader: store,
    writer: createRuleWriter(store),
    clock,
    log,
    externalUrl: `${url}/prometheus`,
  });

  const api: ApiParts = {
    store,
    listTargets: () => loops.map((loop) => loop.status()),
    alerting,
    clock,
    limits,
    about: describeMonitor(task, [own, ...others], clock.nowMs()),
  };
  return {
    answer: (request, waitedSeconds) =>
      answerRequest(api, request, waitedSeconds, (error) => {
        log.error(`${request.path}: ${error instanceof Error ? error.stack : toMessage(error)}`);
      }),
    reload: alerting.reload,
    async close() {
      clearInterval(figuresTimer);
      await Promise.all([alerting.close(), ...loops.map((loop) => loop.close())]);
      history.close();
    },
  };
}

/** A query looks at the clock now and then, to see whether it may go on: when the monitor closes, it may not. */
function toClosingClock(clock: Clock, closing: Int32Array): Clock {
  return {
    nowMs: () => clock.nowMs(),
    monotonicSeconds: () =>
      Atomics.load(closing, 0) > 0 ? Number.POSITIVE_INFINITY : clock.monotonicSeconds(),
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

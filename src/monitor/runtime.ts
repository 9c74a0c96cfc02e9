import type { Clock } from "../kernel/clock.ts";
import { createSeriesStore } from "../series/create-series-store.ts";
import { createExpositionParser } from "../series/parse-exposition.ts";
import { createLabels } from "../series/labels.ts";
import { answerRequest, type OwnReply } from "./answer-request.ts";
import type { ApiParts } from "./api/api.ts";
import type { ApiRequest, Figures, LogLevel, ThreadTask } from "./monitor.ts";

/** Everything that the monitor's thread does, whoever brings its messages. */
export interface Runtime {
  answer(request: ApiRequest, waitedSeconds: number): OwnReply;
  /** Reads the rules again; what is wrong with them is logged. */
  reload(): Promise<void>;
  /** Ends scrapes and alerts, and writes what is not written. */
  close(): Promise<void>;
}

export interface RuntimeParts {
  readonly clock: Clock;
  /** The server's own page in the Prometheus text format. */
  renderPage(): Promise<string>;
  log(level: LogLevel, message: string): void;
  showFigures(figures: Figures): void;
}

/** Reads the history, and begins to scrape and to evaluate rules. */
export async function createRuntime(task: ThreadTask, parts: RuntimeParts): Promise<Runtime> {
  const { options, version, instance } = task;
  const { log } = parts;
  const closing = new Int32Array(task.closing);
  // A query asks for the time now and then, to see whether it may go on: when the monitor closes, it may not.
  const clock: Clock = {
    nowMs: () => parts.clock.nowMs(),
    monotonicSeconds: () =>
      Atomics.load(closing, 0) > 0 ? Number.POSITIVE_INFINITY : parts.clock.monotonicSeconds(),
  };
  const store = createSeriesStore({ retentionMs: 86_400_000, maxSeries: 10_000 });
  const parser = createExpositionParser();
  const scrape = async () => {
    const now = clock.nowMs();
    const page = await parts.renderPage();
    const { series, values } = parser.parse(page);
    store.append(
      "self",
      now,
      series.map((labels, i) => ({
        labels: createLabels([...labels, ["job", "tepal"], ["instance", instance]]),
        value: values[i]!,
      })),
    );
    const s = store.statistics();
    parts.showFigures({
      series: s.series,
      bytes: s.sampleBytes + s.cacheBytes,
      samples: s.samplesAppended,
      dropped: {
        series_limit: s.samplesAboveCap,
        duplicate: s.samplesDuplicate,
        late: s.samplesLate,
      },
    });
  };
  setInterval(() => void scrape(), 1_000);

  const api: ApiParts = {
    store,
    scraper: { targets: () => [], metadata: () => new Map() },
    alerting: { listGroups: () => [], listAlerts: () => [] },
    clock,
    limits: { timeoutSeconds: options.queryTimeout, maxSamples: options.queryMaxSamples },
    about: {
      version,
      startedMs: clock.nowMs(),
      folder: process.cwd(),
      retentionSeconds: 86_400,
      flags: {},
      config: {},
    },
  };

  return {
    answer: (request, waitedSeconds) =>
      answerRequest(api, request, waitedSeconds, (error) =>
        log("error", error instanceof Error ? (error.stack ?? error.message) : String(error)),
      ),
    reload: async () => {},
    close: async () => {},
  };
}

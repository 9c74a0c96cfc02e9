import type { Receiver, RuleGroup } from "../alerts/alert-types.ts";

/** The content of the page. Each part is undefined if the server, or an old Prometheus, does not have it. */
export interface StatusData {
  readonly server: ServerStatus | undefined;
  readonly monitor: MonitorStatus | undefined;
  /** URL of the Prometheus of `--prometheus-url`; null for the server's own history. */
  readonly prometheusUrl: string | null;
  readonly targets: readonly Target[] | undefined;
  readonly groups: readonly RuleGroup[] | undefined;
  readonly build: Readonly<Record<string, string>> | undefined;
  readonly runtime: Readonly<Record<string, unknown>> | undefined;
  /** Flags of a Prometheus. */
  readonly flags: Readonly<Record<string, string>> | undefined;
  readonly yaml: string | undefined;
  readonly tsdb: TsdbStatus | undefined;
  readonly alertmanagers: readonly string[] | undefined;
}

export interface ServerStatus {
  readonly version: string;
  readonly commit: string | null;
  readonly node: string;
  readonly platform: string;
  readonly options: readonly Option[];
  readonly processes: readonly Process[];
}

export interface Option {
  readonly name: string;
  readonly value: string;
  readonly default: string;
  readonly source: string;
}

export interface Process {
  readonly role: "server" | "primary" | "worker";
  readonly number: number | null;
  readonly pid: number;
  readonly serves: boolean;
  readonly started_at: string;
  readonly memory_bytes: number | null;
  readonly rows: number | null;
  readonly restarts: number;
}

export interface MonitorStatus {
  readonly history: {
    readonly series: number;
    readonly max_series: number;
    readonly max_drift_series: number;
    readonly memory_bytes: number;
    readonly samples: number;
    readonly dropped: Readonly<Record<string, number>>;
    readonly retention_seconds: number;
    readonly oldest: string | null;
    readonly newest: string | null;
    readonly disk: { readonly bytes: number; readonly failures: number } | null;
  };
  readonly remote_write: {
    readonly sent: number;
    readonly failed: number;
    readonly dropped: number;
    readonly retries: number;
    readonly pending: number;
    readonly lag_seconds: number;
  } | null;
  readonly alerting: {
    readonly evaluations: number;
    readonly failures: number;
    readonly missed: number;
  } | null;
  readonly receivers: readonly Receiver[];
}

export interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapePool?: string;
  readonly scrapeUrl: string;
  readonly health: string;
  readonly lastError?: string;
  readonly lastScrape?: string;
  /** Seconds. */
  readonly lastScrapeDuration?: number;
  readonly scrapeInterval?: string;
}

export interface Count {
  readonly name: string;
  readonly value: number;
}

export interface TsdbStatus {
  readonly headStats?: {
    readonly numSeries?: number;
    readonly numLabelPairs?: number;
    readonly chunkCount?: number;
    readonly minTime?: number;
    readonly maxTime?: number;
  };
  readonly seriesCountByMetricName?: readonly Count[] | null;
  readonly labelValueCountByLabelName?: readonly Count[] | null;
  readonly seriesCountByLabelValuePair?: readonly Count[] | null;
  readonly memoryInBytesByLabelName?: readonly Count[] | null;
}

import type { RunPlan } from "./plan.ts";

/**
 * All that is known of a run, as JSON: what the page shows, what History keeps, what `--json` writes. Every other form (terminal, CSV,
 * HTML, Locust's JSON, metrics) is made of it. Times are milliseconds where a name ends in `_ms`, otherwise seconds.
 */
export interface RunReport {
  /** Unique and in order of time, as `20261122T133000-4f2a`; "" before the first run. */
  readonly id: string;
  readonly state: RunState;
  /** Milliseconds since 1970, UTC; null before the first run, and while it goes on. */
  readonly started_at_ms: number | null;
  readonly ended_at_ms: number | null;
  readonly elapsed_seconds: number;
  readonly plan: RunPlan;
  /** Virtual users now, in all and by class. In an open model: iterations in progress. */
  readonly users: number;
  readonly users_by_class: Readonly<Record<string, number>>;
  /** Stage of the profile now, such as `overload`; "" where the profile has none. */
  readonly stage: string;
  /** One for each method and name, in order of first appearance. */
  readonly endpoints: readonly EndpointStatistics[];
  /** All endpoints together, under the name `Aggregated`. */
  readonly total: EndpointStatistics;
  readonly failures: readonly FailureStatistics[];
  /** What scripts threw. */
  readonly exceptions: readonly ExceptionStatistics[];
  /** One point a second. */
  readonly series: readonly SeriesPoint[];
  readonly marks: readonly Mark[];
  readonly thresholds: readonly ThresholdResult[];
  readonly generator: GeneratorStatistics;
  /** Only for the shape `recovery`, once it is known. */
  readonly recovery: Recovery | null;
  /** What a reader must know to read the figures right. */
  readonly notes: readonly string[];
  /** null while the run goes on. */
  readonly verdict: Verdict | null;
}

/** Locust's words. */
export type RunState = "ready" | "spawning" | "running" | "stopping" | "stopped";

/** The exit code of a run without a page. */
export type Verdict =
  | { readonly outcome: "passed"; readonly exit_code: 0 }
  | { readonly outcome: "failed_requests"; readonly exit_code: 1 }
  | { readonly outcome: "generator_overloaded"; readonly exit_code: 3 }
  | { readonly outcome: "threshold_crossed"; readonly exit_code: 99 };

export interface EndpointStatistics {
  /** "" in the total. */
  readonly method: string;
  /** What the script calls it, or the path. */
  readonly name: string;
  /** Completed: answered or failed; not dropped, not abandoned. */
  readonly requests: number;
  readonly failures: number;
  /** Over the whole run. */
  readonly requests_per_second: number;
  readonly failures_per_second: number;
  /** Over the last ten whole seconds, or as many as there were. */
  readonly current_requests_per_second: number;
  readonly current_failures_per_second: number;
  /** From sending to the complete reply; successes only. */
  readonly service_time: Distribution;
  /** From when it was due; successes only. null in a closed model. */
  readonly response_time: Distribution | null;
  /** Service time of failures. */
  readonly failure_time: Distribution;
  /** Bodies of replies, in bytes. */
  readonly received_bytes: number;
  /** Sent, but without a reply when the run was over: counted nowhere else. */
  readonly abandoned: number;
}

/**
 * Milliseconds. Percentiles are exact within the histogram's error (0.4 % of the value), never below `min_ms`, never above `max_ms`,
 * and monotone. All 0 when `count` is.
 */
export interface Distribution {
  readonly count: number;
  readonly mean_ms: number;
  readonly min_ms: number;
  readonly max_ms: number;
  readonly p50_ms: number;
  /** This and some below are there for Locust's tables, which have them. */
  readonly p66_ms: number;
  readonly p75_ms: number;
  readonly p80_ms: number;
  readonly p90_ms: number;
  readonly p95_ms: number;
  readonly p98_ms: number;
  readonly p99_ms: number;
  readonly p999_ms: number;
  readonly p9999_ms: number;
}

export interface FailureStatistics {
  readonly method: string;
  readonly name: string;
  /** What went wrong in words that do not change with the request, such as `503`, `timeout`, `connection refused`, `check: has a class`. */
  readonly kind: string;
  readonly count: number;
  /** Milliseconds since 1970, UTC. */
  readonly first_seen_ms: number;
  readonly last_seen_ms: number;
}

export interface ExceptionStatistics {
  readonly message: string;
  readonly traceback: string;
  readonly count: number;
  /** Names of generators, as `generator 0`. */
  readonly generators: readonly string[];
}

export interface SeriesPoint {
  /** From the start of the run to the end of this second. */
  readonly elapsed_seconds: number;
  readonly users: number;
  readonly requests_per_second: number;
  readonly failures_per_second: number;
  /** Of the successes that ended in this second: response time where there is one, otherwise service time. null without any. */
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
  /** Arrivals of an open model that were not sent, for want of free users. */
  readonly dropped: number;
  readonly lateness_p99_ms: number;
  readonly utilisation: number;
}

/** Something that happened, to be marked in charts. */
export interface Mark {
  readonly elapsed_seconds: number;
  readonly kind: "start" | "stage" | "edit" | "reset" | "stop";
  readonly text: string;
}

export interface ThresholdResult {
  /** As it was given: `predict:p(95)<50`. */
  readonly expression: string;
  /** In the expression's unit; null where nothing was measured, which does not pass. */
  readonly actual: number | null;
  readonly passed: boolean;
}

/** How well the generators kept up. Figures of a run whose generators did not are not to be trusted. */
export interface GeneratorStatistics {
  readonly processes: number;
  /** How late arrivals (open) and users' next steps (closed) were, 99th percentile over the run. */
  readonly lateness_p99_ms: number;
  /** Share of time in which the busiest generator's event loop was busy, the worst second and the mean; 0…1. */
  readonly utilisation_max: number;
  readonly utilisation_mean: number;
  readonly cpu_seconds: number;
  /** Resident memory of all generators now. */
  readonly memory_bytes: number;
  /** Arrivals of an open model that were not sent. */
  readonly dropped: number;
  /** Why the run is invalid; null while it is not. */
  readonly overloaded: string | null;
}

export interface Recovery {
  /** p95 before the overload. */
  readonly baseline_p95_ms: number;
  /** From the end of the overload until p95 was, and stayed for three seconds, within 1.2 times the baseline; null: it never was. */
  readonly seconds: number | null;
}

/** A run in a list, as JSON. */
export interface RunSummary {
  readonly id: string;
  /** Milliseconds since 1970, UTC. */
  readonly started_at_ms: number | null;
  readonly ended_at_ms: number | null;
  readonly host: string;
  readonly profile: RunPlan["profile"];
  /** As in the report's verdict; "" without one. */
  readonly outcome: string;
  readonly total: EndpointStatistics;
}

import type { RunPlan, PlanChange } from "./contract/plan.ts";
import type { RunReport } from "./contract/report.ts";
import type { ScriptDescription } from "./contract/script-description.ts";

/**
 * A load test: virtual users who do what a script says, from processes of their own, and the truth about how they were served.
 *
 *     script ──► generators (processes: users, clients, histograms) ──► load test (merges, judges) ──► report
 *                                                                                │
 *                                         terminal, files, page at :8089, /metrics: all show the one report
 *
 * A script runs in generators only. So one that hangs stops neither the page nor `stop()`, and it is read anew for each run.
 * Each second a generator hands over what it counted since the last time; sums of histograms are exact, so nothing depends on how
 * many generators there are.
 *
 * Two times are kept apart. Service time goes from when a request is sent to when its reply is complete. Response time goes from
 * when the request was due: only an open model has due times, and only this time tells what a stall of the server did to those
 * who would have come meanwhile. A closed model, whose users wait for their replies, sends nothing while the server stalls;
 * its percentiles leave that out (coordinated omission), and its report says so.
 *
 * Failures have histograms of their own, so that quick errors do not make a server look fast.
 */
export interface LoadTest {
  readonly script: ScriptDescription;
  /** The run that goes on, or the last one; the report of a run that has not begun where there was none. */
  report(): RunReport;
  /**
   * Starts a run. Resolves when the generators have begun.
   *
   * @throws TepalError INVALID_OPTION for a plan that cannot be run, with all that is wrong in it, or while another run goes on
   */
  start(plan: RunPlan): Promise<void>;
  /**
   * Changes the load of the run that goes on.
   *
   * @throws TepalError INVALID_OPTION when no run goes on, or its profile takes no such change
   */
  edit(change: PlanChange): Promise<void>;
  /**
   * Ends the run that goes on: no new requests; those in flight may finish for the plan's `stop_timeout_seconds`, and are counted as
   * abandoned after that. Never rejects, never hangs: a generator that does not answer is killed. Resolves with the final report.
   */
  stop(): Promise<RunReport>;
  /** Forgets what was counted so far; users stay. */
  reset(): void;
  /** Calls back each second while a run goes on, and when anything else changes. Returns what ends that. */
  subscribe(listener: (event: LoadEvent) => void): () => void;
  /** Counters, gauges and histograms of all runs since the start, in Prometheus's text format; a reset does not touch them. */
  renderMetrics(): Promise<string>;
  /** Stops the run that goes on, and the generators. */
  close(): Promise<void>;
}

/** What changed. `report` is to be read by whoever wants all of it. */
export type LoadEvent =
  /** A second of a run is over, or its state changed. */
  | { readonly type: "second" }
  /** A run is over; its report is final. */
  | { readonly type: "ended"; readonly report: RunReport }
  | { readonly type: "log"; readonly line: LogLine };

/** What a script or a generator said. */
export interface LogLine {
  /** Milliseconds since 1970, UTC. */
  readonly time_ms: number;
  readonly level: "info" | "warn" | "error";
  /** Which generator, from 0; null for the load test itself. */
  readonly generator: number | null;
  readonly message: string;
}

import type { LogLine } from "./contract/log-line.ts";
import type { PlanChange, RunPlan } from "./contract/plan.ts";
import type { RunReport } from "./contract/report.ts";
import type { ScriptDescription } from "./contract/script-description.ts";

/**
 * A load test: virtual users that run a script in processes of their own, and a report of how the server served them.
 *
 *     script ──► generators (processes: users, connections, histograms) ──► load test (merges, evaluates) ──► report
 *                                                                               │
 *                                    terminal, files, page at :8089, /metrics: all show the same report
 *
 * Scripts run in generators only, so a script that hangs blocks neither the page nor `stop()`. Each run reads the script again. Every
 * second, each generator sends its counts since the last second. Sums of histograms are exact, so the results do not depend on the
 * number of generators.
 *
 * There are two times. Service time lasts from sending a request to its complete reply. Response time lasts from the moment when the
 * request was due. Only an open model has due times, and only response time shows what a stall of the server means for clients that
 * arrive meanwhile. In a closed model users wait for their replies and send nothing while the server stalls. Its percentiles leave that
 * out (coordinated omission), and its report has a note about it.
 *
 * Failures have histograms of their own, so that quick errors do not make a server look fast.
 */
export interface LoadTest {
  readonly script: ScriptDescription;
  /** The plan of a start that sets nothing else. */
  readonly defaults: RunPlan;
  /** Returns the report of the current run or of the last one. Before the first run, its state is `ready`. */
  report(): RunReport;
  /**
   * Starts a run. Resolves when the generators have begun.
   *
   * @throws TepalError INVALID_PLAN with all problems, CONFLICT while another run is in progress
   */
  start(plan: RunPlan): Promise<void>;
  /**
   * Changes the load of the current run.
   *
   * @throws TepalError INVALID_PLAN if its profile does not accept the change, CONFLICT if no run is in progress
   */
  edit(change: PlanChange): Promise<void>;
  /**
   * Stops the current run. Users send no new requests. Requests in flight may finish within `stop_timeout_seconds` of the plan; later
   * ones count as abandoned. Never rejects and never hangs: an unresponsive generator is killed. Resolves with the final report.
   */
  stop(): Promise<RunReport>;
  /** Clears all counts. The users continue. */
  reset(): void;
  /** Calls back every second of a run, and after each other change. Returns a function that unsubscribes. */
  subscribe(listener: (event: LoadEvent) => void): () => void;
  /** Returns the metrics of all runs since the start in Prometheus's text format. A reset does not change them. */
  renderMetrics(): string;
  /** Stops the current run and the generators. */
  close(): Promise<void>;
}

/** A change. `report()` has the details. */
export type LoadEvent =
  /** A second of a run has passed, or its state has changed. */
  | { readonly type: "second" }
  /** A run has ended; its report is final. */
  | { readonly type: "ended"; readonly report: RunReport }
  | { readonly type: "log"; readonly line: LogLine };

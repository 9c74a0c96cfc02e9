import { Type, type Static } from "typebox";
import { orNull, type Frozen } from "./field.ts";
import { PlanSchema } from "./plan.ts";

/**
 * Schemas of everything that is known about a run: what the page shows, the archive keeps and `--json` writes. Every other form
 * (terminal, CSV, HTML, Locust's JSON, metrics) is made from it. A report read from a file may have more fields, of a later version.
 *
 * Names that end in `_ms` are milliseconds, or milliseconds since 1970 (UTC) for points in time. Other times are seconds.
 */

const Count = Type.Number();

/**
 * Percentiles are exact within the error of the histogram (0.4 % of the value), never below `min_ms`, never above `max_ms`, and
 * monotone. All values are 0 if `count` is 0.
 */
const DistributionSchema = Type.Object({
  count: Count,
  mean_ms: Type.Number(),
  min_ms: Type.Number(),
  max_ms: Type.Number(),
  p50_ms: Type.Number(),
  /** This one and some of the next ones exist for Locust's tables. */
  p66_ms: Type.Number(),
  p75_ms: Type.Number(),
  p80_ms: Type.Number(),
  p90_ms: Type.Number(),
  p95_ms: Type.Number(),
  p98_ms: Type.Number(),
  p99_ms: Type.Number(),
  p999_ms: Type.Number(),
  p9999_ms: Type.Number(),
});

const EndpointSchema = Type.Object({
  /** "" in the total. */
  method: Type.String(),
  /** Name from the script, or the path. */
  name: Type.String(),
  /** Completed requests: with a reply, or failed. Excludes dropped and abandoned ones. */
  requests: Count,
  failures: Count,
  /** Over the whole run. */
  requests_per_second: Type.Number(),
  failures_per_second: Type.Number(),
  /** Over the last ten whole seconds, or fewer at the start. */
  current_requests_per_second: Type.Number(),
  current_failures_per_second: Type.Number(),
  /** From sending to the complete reply; successes only. */
  service_time: DistributionSchema,
  /** From when the request was due; successes only. null in a closed model. */
  response_time: orNull(DistributionSchema),
  /** Service time of failures. */
  failure_time: DistributionSchema,
  /** Bytes of reply bodies. */
  received_bytes: Type.Number(),
  /** Sent requests without a reply at the end of the run. They are counted nowhere else. */
  abandoned: Count,
});

const FailureSchema = Type.Object({
  method: Type.String(),
  name: Type.String(),
  /** Stable words for the failure, for example `503`, `timeout`, `connection refused`, `check: has a class`. */
  kind: Type.String(),
  count: Count,
  first_seen_ms: Type.Number(),
  last_seen_ms: Type.Number(),
});

/** An exception that a script threw. */
const ExceptionSchema = Type.Object({
  message: Type.String(),
  traceback: Type.String(),
  count: Count,
  /** Names of generators, for example `generator 0`. */
  generators: Type.Array(Type.String()),
});

const SeriesPointSchema = Type.Object({
  /** From the start of the run to the end of this second. */
  elapsed_seconds: Type.Number(),
  users: Count,
  requests_per_second: Type.Number(),
  failures_per_second: Type.Number(),
  /** Response time of the successes of this second; service time in a closed model. null without successes. */
  p50_ms: orNull(Type.Number()),
  p95_ms: orNull(Type.Number()),
  p99_ms: orNull(Type.Number()),
  /** Arrivals of an open model that found no free user. */
  dropped: Count,
  lateness_p99_ms: Type.Number(),
  utilisation: Type.Number(),
});

/** An event to mark in charts. */
const MarkSchema = Type.Object({
  elapsed_seconds: Type.Number(),
  kind: Type.Union([
    Type.Literal("start"),
    Type.Literal("stage"),
    Type.Literal("edit"),
    Type.Literal("reset"),
    Type.Literal("stop"),
  ]),
  text: Type.String(),
});

const ThresholdResultSchema = Type.Object({
  /** As given: `predict:p(95)<50`. */
  expression: Type.String(),
  /** In the unit of the expression. null without a measurement, which does not pass. */
  actual: orNull(Type.Number()),
  passed: Type.Boolean(),
});

/** Load of the generators. If they could not keep up, the results of the run are invalid. */
const GeneratorSchema = Type.Object({
  processes: Count,
  /** Lateness of arrivals (open model) and of users' next steps (closed model), 99th percentile over the run. */
  lateness_p99_ms: Type.Number(),
  /** Share of time in which the event loop of the busiest generator was busy, 0…1: the worst second and the mean. */
  utilisation_max: Type.Number(),
  utilisation_mean: Type.Number(),
  cpu_seconds: Type.Number(),
  /** Present resident memory of all generators. */
  memory_bytes: Type.Number(),
  /** Arrivals of an open model that were not sent. */
  dropped: Count,
  /** Why the run is invalid; null if it is valid. */
  overloaded: orNull(Type.String()),
});

const RecoverySchema = Type.Object({
  /** p95 before the overload. */
  baseline_p95_ms: Type.Number(),
  /** From the end of the overload until p95 stays within 1.2 times the baseline for three seconds; null: never. */
  seconds: orNull(Type.Number()),
});

/** The result of a run, and the exit code of a run without a page. */
const VerdictSchema = Type.Union([
  Type.Object({ outcome: Type.Literal("passed"), exit_code: Type.Literal(0) }),
  Type.Object({ outcome: Type.Literal("failed_requests"), exit_code: Type.Literal(1) }),
  Type.Object({ outcome: Type.Literal("generator_overloaded"), exit_code: Type.Literal(3) }),
  Type.Object({ outcome: Type.Literal("threshold_crossed"), exit_code: Type.Literal(99) }),
]);

export const ReportSchema = Type.Object({
  /** Unique, ordered by time: `20261122T133000-4f2a`. "" before the first run. */
  id: Type.String(),
  /** Locust's states. */
  state: Type.Union([
    Type.Literal("ready"),
    Type.Literal("spawning"),
    Type.Literal("running"),
    Type.Literal("stopping"),
    Type.Literal("stopped"),
  ]),
  /** null before the first run. */
  started_at_ms: orNull(Type.Number()),
  /** null until the run has ended. */
  ended_at_ms: orNull(Type.Number()),
  elapsed_seconds: Type.Number(),
  plan: PlanSchema,
  /** Present virtual users, in total and by class. In an open model: iterations in progress. */
  users: Count,
  users_by_class: Type.Record(Type.String(), Count),
  /** Present stage of the profile, for example `overload`; "" if the profile has none. */
  stage: Type.String(),
  /** One for each method and name, in order of first appearance. */
  endpoints: Type.Array(EndpointSchema),
  /** All endpoints together, under the name `Aggregated`. */
  total: EndpointSchema,
  failures: Type.Array(FailureSchema),
  exceptions: Type.Array(ExceptionSchema),
  /** One point per second. */
  series: Type.Array(SeriesPointSchema),
  marks: Type.Array(MarkSchema),
  thresholds: Type.Array(ThresholdResultSchema),
  generator: GeneratorSchema,
  /** Only for a profile that measures a recovery, once the overload has ended. */
  recovery: orNull(RecoverySchema),
  /** Notes that readers need to interpret the results. */
  notes: Type.Array(Type.String()),
  /** null until the run has ended. */
  verdict: orNull(VerdictSchema),
});

/** A run in a list. */
export const RunSummarySchema = Type.Object({
  id: Type.String(),
  started_at_ms: orNull(Type.Number()),
  ended_at_ms: orNull(Type.Number()),
  host: Type.String(),
  profile: PlanSchema.properties.profile,
  /** As in the verdict of the report; "" without one. */
  outcome: Type.String(),
  total: EndpointSchema,
});

export type RunReport = Frozen<Static<typeof ReportSchema>>;
export type RunSummary = Frozen<Static<typeof RunSummarySchema>>;
export type RunState = RunReport["state"];
export type EndpointStatistics = RunReport["total"];
export type Distribution = EndpointStatistics["service_time"];
export type FailureStatistics = RunReport["failures"][number];
export type ExceptionStatistics = RunReport["exceptions"][number];
export type SeriesPoint = RunReport["series"][number];
export type Mark = RunReport["marks"][number];
export type ThresholdResult = RunReport["thresholds"][number];
export type GeneratorStatistics = RunReport["generator"];
export type Recovery = NonNullable<RunReport["recovery"]>;
export type Verdict = NonNullable<RunReport["verdict"]>;

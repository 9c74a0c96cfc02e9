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

/** null if nothing was measured, which is never 0. */
const Measured = orNull(Type.Number());

/**
 * Percentiles are exact within the error of the histogram (0.4 % of the value), never below `min_ms`, never above `max_ms`, and
 * monotone. All values are null if `count` is 0.
 */
const DistributionSchema = Type.Object({
  count: Count,
  mean_ms: Measured,
  min_ms: Measured,
  max_ms: Measured,
  p50_ms: Measured,
  /** This one and some of the next ones exist for Locust's tables. */
  p66_ms: Measured,
  p75_ms: Measured,
  p80_ms: Measured,
  p90_ms: Measured,
  p95_ms: Measured,
  p98_ms: Measured,
  p99_ms: Measured,
  p999_ms: Measured,
  p9999_ms: Measured,
});

/** The percentiles of Locust's tables, by their fields. */
export const PERCENTILES = [
  { field: "p50_ms", share: 0.5 },
  { field: "p66_ms", share: 0.66 },
  { field: "p75_ms", share: 0.75 },
  { field: "p80_ms", share: 0.8 },
  { field: "p90_ms", share: 0.9 },
  { field: "p95_ms", share: 0.95 },
  { field: "p98_ms", share: 0.98 },
  { field: "p99_ms", share: 0.99 },
  { field: "p999_ms", share: 0.999 },
  { field: "p9999_ms", share: 0.9999 },
  { field: "max_ms", share: 1 },
] as const;

/** The last ten whole seconds, or fewer at the start and after a reset. */
const CurrentSchema = Type.Object({
  seconds: Type.Number(),
  requests: Count,
  failures: Count,
  /** Response time of successes; service time in a closed model. */
  p50_ms: Measured,
  p95_ms: Measured,
  p99_ms: Measured,
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
  p50_ms: Measured,
  p95_ms: Measured,
  p99_ms: Measured,
  /** Arrivals of an open model that found no free user. */
  dropped: Count,
  lateness_p99_ms: Measured,
  utilisation: Measured,
  /** Everything since the start, or since a reset, at the end of this second. Reports of earlier versions have none. */
  total: Type.Optional(
    Type.Object({
      requests: Count,
      failures: Count,
      received_bytes: Type.Number(),
      mean_ms: Measured,
      min_ms: Measured,
      /** Those of PERCENTILES in microsecond steps; empty without a success. Short, since a day has 86,400 of them. */
      percentiles_ms: Type.Array(Type.Number()),
    }),
  ),
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

/** Why the results of a run are invalid. */
const InvalidSchema = Type.Object({
  cause: Type.Union([
    /** The generators had more work than they could do. */
    Type.Literal("generator_overloaded"),
    /** The generators had little work, but the machine did not run them in time. */
    Type.Literal("machine_busy"),
    /** Counts are missing: a generator ended or was killed, or the script's shape failed. */
    Type.Literal("incomplete"),
  ]),
  message: Type.String(),
});

/** Load of the generators. */
const GeneratorSchema = Type.Object({
  processes: Count,
  /** Lateness of arrivals (open model) and of users' next steps (closed model), 99th percentile over the run. */
  lateness_p99_ms: Measured,
  /** Share of time in which the event loop of the busiest generator was busy, 0…1: the worst second and the mean. */
  utilisation_max: Measured,
  utilisation_mean: Measured,
  cpu_seconds: Type.Number(),
  /** Present resident memory of all generators. */
  memory_bytes: Measured,
  /** Arrivals of an open model that were not sent. */
  dropped: Count,
  /** null if the run is valid. */
  invalid: orNull(InvalidSchema),
});

const RecoverySchema = Type.Object({
  /** p95 before the overload. */
  baseline_p95_ms: Measured,
  /** From the end of the overload until p95 stays within 1.2 times the baseline for three seconds; null: never. */
  seconds: orNull(Type.Number()),
});

/** The result of a run, and the exit code of a run without a page. */
const VerdictSchema = Type.Union([
  Type.Object({ outcome: Type.Literal("passed"), exit_code: Type.Literal(0) }),
  Type.Object({ outcome: Type.Literal("failed_requests"), exit_code: Type.Literal(1) }),
  // The causes of an invalid run.
  Type.Object({ outcome: Type.Literal("generator_overloaded"), exit_code: Type.Literal(3) }),
  Type.Object({ outcome: Type.Literal("machine_busy"), exit_code: Type.Literal(3) }),
  Type.Object({ outcome: Type.Literal("incomplete"), exit_code: Type.Literal(3) }),
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
  /** Reports of earlier versions have none. */
  current: Type.Optional(CurrentSchema),
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
export type CurrentStatistics = NonNullable<RunReport["current"]>;
export type SecondTotals = NonNullable<SeriesPoint["total"]>;
export type ThresholdResult = RunReport["thresholds"][number];
export type GeneratorStatistics = RunReport["generator"];
export type Invalid = NonNullable<GeneratorStatistics["invalid"]>;
export type Recovery = NonNullable<RunReport["recovery"]>;
export type Verdict = NonNullable<RunReport["verdict"]>;

import { Type } from "typebox";
import { Compile } from "typebox/compile";
import type { RunReport } from "./report.ts";

const Amount = Type.Number();
const Text = Type.String();
const Texts = Type.Array(Text);
const OrNull = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> =>
  Type.Union([schema, Type.Null()]);

const Distribution = Type.Object({
  count: Amount,
  mean_ms: Amount,
  min_ms: Amount,
  max_ms: Amount,
  p50_ms: Amount,
  p66_ms: Amount,
  p75_ms: Amount,
  p80_ms: Amount,
  p90_ms: Amount,
  p95_ms: Amount,
  p98_ms: Amount,
  p99_ms: Amount,
  p999_ms: Amount,
  p9999_ms: Amount,
});

const Endpoint = Type.Object({
  method: Text,
  name: Text,
  requests: Amount,
  failures: Amount,
  requests_per_second: Amount,
  failures_per_second: Amount,
  current_requests_per_second: Amount,
  current_failures_per_second: Amount,
  service_time: Distribution,
  response_time: OrNull(Distribution),
  failure_time: Distribution,
  received_bytes: Amount,
  abandoned: Amount,
});

const Closed = { users: Amount, spawn_rate: Amount };
const Open = { poisson: Type.Boolean(), max_users: Amount };
const Staged = { ...Closed, stage_seconds: Amount };
const Profile = Type.Union([
  Type.Object({ kind: Type.Literal("users"), ...Closed }),
  Type.Object({ kind: Type.Literal("constant_rate"), rate: Amount, ...Open }),
  Type.Object({
    kind: Type.Literal("ramping_rate"),
    from_rate: Amount,
    to_rate: Amount,
    ramp_seconds: Amount,
    ...Open,
  }),
  Type.Object({
    kind: Type.Union([
      Type.Literal("baseline"),
      Type.Literal("gradual"),
      Type.Literal("stress"),
      Type.Literal("recovery"),
    ]),
    ...Staged,
  }),
  Type.Object({ kind: Type.Literal("custom") }),
]);

const Plan = Type.Object({
  host: Text,
  profile: Profile,
  run_time_seconds: OrNull(Amount),
  user_classes: Texts,
  tags: Texts,
  exclude_tags: Texts,
  thresholds: Texts,
  seed: Amount,
  stop_timeout_seconds: Amount,
});

const Verdict = Type.Union([
  Type.Object({ outcome: Type.Literal("passed"), exit_code: Type.Literal(0) }),
  Type.Object({ outcome: Type.Literal("failed_requests"), exit_code: Type.Literal(1) }),
  Type.Object({ outcome: Type.Literal("generator_overloaded"), exit_code: Type.Literal(3) }),
  Type.Object({ outcome: Type.Literal("threshold_crossed"), exit_code: Type.Literal(99) }),
]);

const Report = Type.Object({
  id: Text,
  state: Type.Union([
    Type.Literal("ready"),
    Type.Literal("spawning"),
    Type.Literal("running"),
    Type.Literal("stopping"),
    Type.Literal("stopped"),
  ]),
  started_at_ms: OrNull(Amount),
  ended_at_ms: OrNull(Amount),
  elapsed_seconds: Amount,
  plan: Plan,
  users: Amount,
  users_by_class: Type.Record(Text, Amount),
  stage: Text,
  endpoints: Type.Array(Endpoint),
  total: Endpoint,
  failures: Type.Array(
    Type.Object({
      method: Text,
      name: Text,
      kind: Text,
      count: Amount,
      first_seen_ms: Amount,
      last_seen_ms: Amount,
    }),
  ),
  exceptions: Type.Array(
    Type.Object({ message: Text, traceback: Text, count: Amount, generators: Texts }),
  ),
  series: Type.Array(
    Type.Object({
      elapsed_seconds: Amount,
      users: Amount,
      requests_per_second: Amount,
      failures_per_second: Amount,
      p50_ms: OrNull(Amount),
      p95_ms: OrNull(Amount),
      p99_ms: OrNull(Amount),
      dropped: Amount,
      lateness_p99_ms: Amount,
      utilisation: Amount,
    }),
  ),
  marks: Type.Array(
    Type.Object({
      elapsed_seconds: Amount,
      kind: Type.Union([
        Type.Literal("start"),
        Type.Literal("stage"),
        Type.Literal("edit"),
        Type.Literal("reset"),
        Type.Literal("stop"),
      ]),
      text: Text,
    }),
  ),
  thresholds: Type.Array(
    Type.Object({ expression: Text, actual: OrNull(Amount), passed: Type.Boolean() }),
  ),
  generator: Type.Object({
    processes: Amount,
    lateness_p99_ms: Amount,
    utilisation_max: Amount,
    utilisation_mean: Amount,
    cpu_seconds: Amount,
    memory_bytes: Amount,
    dropped: Amount,
    overloaded: OrNull(Text),
  }),
  recovery: OrNull(Type.Object({ baseline_p95_ms: Amount, seconds: OrNull(Amount) })),
  notes: Texts,
  verdict: OrNull(Verdict),
});

const checker = Compile(Report);

/**
 * Something read from outside as the report of a run, when it has the shape of one; otherwise undefined. Fields that are not known
 * here are left alone.
 */
export function toRunReport(value: unknown): RunReport | undefined {
  return checker.Check(value) ? value : undefined;
}

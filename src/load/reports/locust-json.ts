import type { LogLine } from "../contract/log-line.ts";
import type { EndpointStatistics, RunReport } from "../contract/report.ts";
import type { ScriptDescription } from "../contract/script-description.ts";
import { sortEndpoints, toMeanBytes, toShownTime } from "./locust-csv.ts";

/** Returns the reply of Locust 2.47 to /stats/requests. Times are milliseconds of successes only; null without a success. */
export function toLocustStats(report: RunReport): object {
  const { total, current } = report;
  return {
    stats: [...sortEndpoints(report), total].map(toLocustEntry),
    errors: report.failures.map((failure) => ({
      method: failure.method,
      name: failure.name,
      error: failure.kind,
      occurrences: failure.count,
      first_seen: failure.first_seen_ms / 1_000,
      last_seen: failure.last_seen_ms / 1_000,
    })),
    current_rps: total.current_requests_per_second,
    current_fail_per_sec: total.current_failures_per_second,
    total_rps: total.requests_per_second,
    total_fail_per_sec: total.failures_per_second,
    fail_ratio: total.requests === 0 ? 0 : total.failures / total.requests,
    current_response_time_percentiles: {
      "response_time_percentile_0.5": current?.p50_ms ?? null,
      "response_time_percentile_0.95": current?.p95_ms ?? null,
    },
    state: report.state,
    user_count: report.users,
  };
}

function toLocustEntry(endpoint: EndpointStatistics): object {
  const time = toShownTime(endpoint);
  return {
    method: endpoint.method,
    name: endpoint.name,
    num_requests: endpoint.requests,
    num_failures: endpoint.failures,
    min_response_time: time.min_ms,
    max_response_time: time.max_ms,
    avg_response_time: time.mean_ms,
    median_response_time: time.p50_ms,
    current_rps: endpoint.current_requests_per_second,
    current_fail_per_sec: endpoint.current_failures_per_second,
    total_rps: endpoint.requests_per_second,
    total_fail_per_sec: endpoint.failures_per_second,
    "response_time_percentile_0.95": time.p95_ms,
    "response_time_percentile_0.99": time.p99_ms,
    avg_content_length: toMeanBytes(endpoint),
  };
}

/** Returns the reply to /tasks: shares of classes among the users, and of tasks in a class (`per_class`) or among all (`total`). */
export function toLocustTasks(script: ScriptDescription, report: RunReport): object {
  const { user_classes: selected } = report.plan;
  const classes = script.user_classes.filter(
    ({ name }) => selected.length === 0 || selected.includes(name),
  );
  const users = (name: string): number => report.users_by_class[name] ?? 0;
  const hasUsers = classes.some(({ name }) => users(name) > 0);
  const shares = toShares(
    classes.map((one) => [one.name, hasUsers ? users(one.name) : one.weight]),
  );
  const describe = (isTotal: boolean): object =>
    Object.fromEntries(
      classes.map(({ name, tasks }) => {
        const ratio = shares.get(name) ?? 0;
        const ofTasks = toShares(tasks.map((task) => [task.name, task.weight]));
        const own = [...ofTasks].map(([task, share]) => [
          task,
          { ratio: isTotal ? share * ratio : share },
        ]);
        return [name, { ratio, tasks: Object.fromEntries(own) }];
      }),
    );
  return { per_class: describe(false), total: describe(true) };
}

function toShares(weights: readonly (readonly [string, number])[]): ReadonlyMap<string, number> {
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  return new Map(weights.map(([name, weight]) => [name, sum === 0 ? 0 : weight / sum]));
}

export function toLocustExceptions({ exceptions }: RunReport): object {
  return {
    exceptions: exceptions.map(({ count, message, traceback, generators }) => ({
      count,
      msg: message,
      traceback,
      nodes: generators.join(", "),
    })),
  };
}

/** Returns the reply to /logs: lines in Locust's format, of the process with the page and of each generator. */
export function toLocustLogs(lines: readonly LogLine[]): object {
  const workers: Record<string, string[]> = {};
  const master: string[] = [];
  for (const { time_ms: time, level, generator, message } of lines) {
    const at = new Date(time).toISOString().replace("T", " ").replace(".", ",").slice(0, 23);
    const source = generator === null ? "load test" : `generator ${generator}`;
    const list = generator === null ? master : (workers[source] ??= []);
    list.push(`[${at}] ${source}/${level.toUpperCase()}: ${message}`);
  }
  return { master, workers };
}

import { readFile } from "node:fs/promises";
import { InputProblems } from "../kernel/check.ts";
import { baseUrl } from "../kernel/check/values.ts";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { toOptionParser } from "../kernel/option-parser.ts";
import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";
import { parseJsonFile } from "../kernel/parse-json-file.ts";
import { METRICS } from "../metrics/names.ts";

/**
 * The settings of the default rules. The file of `--alert-settings` has those that differ from their defaults; `deploy/alert-settings.json`
 * is the file of the generated rules and dashboards.
 */
export const ALERT_SETTINGS = {
  availability: {
    type: "number",
    default: 0.999,
    min: 0,
    max: 1,
    exclusive: true,
    help: "Objective: minimum share of requests without status 5xx",
  },
  latencyShare: {
    type: "number",
    default: 0.99,
    min: 0,
    max: 1,
    exclusive: true,
    help: "Objective: minimum share of single-row predictions within `latencySeconds`",
  },
  latencySeconds: {
    type: "number",
    default: 0.1,
    min: 0.000_1,
    max: 60,
    help: "Objective: latency in seconds, a bucket bound of `api_request_latency_seconds`",
  },
  minBadRequests: {
    type: "integer",
    default: 10,
    min: 1,
    max: 1_000_000_000,
    help: "Minimum bad requests in the long window of a budget alert",
  },
  meanLatencySeconds: {
    type: "number",
    default: 0.5,
    min: 0.000_1,
    max: 3_600,
    help: "HighLatency: mean latency of a prediction route in seconds",
  },
  meanLatencyMinutes: {
    type: "integer",
    default: 1,
    min: 1,
    max: 60,
    help: "HighLatency: window of the mean in minutes",
  },
  rejectedShare: {
    type: "number",
    default: 0.01,
    min: 0,
    max: 1,
    help: "RequestsRejected: share of requests rejected for overload",
  },
  minRejected: {
    type: "integer",
    default: 10,
    min: 1,
    max: 1_000_000_000,
    help: "RequestsRejected: minimum rejected requests in 5 minutes",
  },
  outlierShare: {
    type: "number",
    default: 0.1,
    min: 0,
    max: 1,
    help: "OutOfDistribution: share of rows; `--ood-alpha` 0.01 flags 1 % of normal rows",
  },
  outlierMinutes: {
    type: "integer",
    default: 30,
    min: 1,
    max: 1_440,
    help: "OutOfDistribution: window in minutes",
  },
  outlierRows: {
    type: "integer",
    default: 200,
    min: 1,
    max: 1_000_000_000,
    help: "OutOfDistribution: minimum rows in the window",
  },
  psi: {
    type: "number",
    default: 0.25,
    min: 0,
    max: 100,
    help: "Dashboards: population stability index of a feature, given enough rows",
  },
  driftRows: {
    type: "integer",
    default: 200,
    min: 1,
    max: 1_000_000_000,
    help: "Dashboards: minimum rows; with fewer, the index is mostly random",
  },
  driftDistance: {
    type: "number",
    default: 0.25,
    min: 0,
    max: 4,
    help: "Drift alerts: smallest distance from training that fires, however many rows",
  },
  driftReleaseDistance: {
    type: "number",
    default: 0.15,
    min: 0,
    max: 4,
    help: "Drift alerts: smallest distance from training that continues an alert",
  },
  driftEffectiveRows: {
    type: "integer",
    default: 50,
    min: 1,
    max: 1_000_000_000,
    help: "Drift alerts: minimum effective rows of a window",
  },
  designEffect: {
    type: "number",
    default: 1,
    min: 0.1,
    max: 1_000_000,
    help: "Drift alerts: consecutive rows that are worth one independent row",
  },
  repeatedRows: {
    type: "integer",
    default: 50,
    min: 1,
    max: 1_000,
    help: "RowsRepeat: different rows that the rows of 30 minutes are worth",
  },
  repeatMinRows: {
    type: "integer",
    default: 200,
    min: 1,
    max: 1_000_000_000,
    help: "RowsRepeat: minimum rows in 30 minutes",
  },
  eventLoopBusy: {
    type: "number",
    default: 0.85,
    min: 0,
    max: 1,
    help: "EventLoopSaturated: utilization of event loops over 5 minutes",
  },
  memoryShare: {
    type: "number",
    default: 0.85,
    min: 0,
    max: 1,
    help: "MemoryHigh: share of the memory of the container or host",
  },
  hostMemoryShare: {
    type: "number",
    default: 0.1,
    min: 0,
    max: 1,
    help: "HostMemoryLow: available share of the host's memory",
  },
  workerRestarts: {
    type: "integer",
    default: 3,
    min: 1,
    max: 1_000,
    help: "WorkerRestarts: restarts in 15 minutes",
  },
  serverUrl: {
    type: "optional string",
    placeholder: "URL",
    default: null,
    value: baseUrl(),
    help: "URL of a Tepal server, for `runbook_url`; the built-in evaluator uses `--external-url` by default",
  },
  grafanaUrl: {
    type: "optional string",
    placeholder: "URL",
    default: null,
    value: baseUrl(),
    help: "URL of Grafana, for `dashboard_url`; by default that of the server's console",
  },
} as const satisfies OptionDeclarations;

export type AlertSettings = OptionValues<typeof ALERT_SETTINGS>;

/** URL of the server in rule files for Prometheus, unless the settings have one. */
export const DEFAULT_SERVER_URL = "http://127.0.0.1:8000";

const EXAMPLE = '{"meanLatencySeconds": 0.2}';

/**
 * Reads the settings of a file, with the defaults of those that it lacks.
 *
 * @param file null for defaults
 * @throws TepalError INVALID_OPTION with all problems of the file
 */
export async function loadAlertSettings(file: string | null): Promise<AlertSettings> {
  if (file === null) return parseAlertSettings("", "{}");
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new TepalError(
      "INVALID_OPTION",
      `Cannot read --alert-settings ${file}: ${toMessage(cause)}.`,
      { cause },
    );
  });
  return parseAlertSettings(file, text);
}

/**
 * Parses a settings file.
 *
 * @param name the file's name, for messages
 * @throws TepalError INVALID_OPTION with all problems
 */
export function parseAlertSettings(name: string, text: string): AlertSettings {
  const given = parseJsonFile(name, text, EXAMPLE);
  const problems = new InputProblems();
  const toAt = (key: string): string => `${name}: ${key}`;
  const values: Record<string, unknown> = {};
  for (const [key, declaration] of Object.entries(ALERT_SETTINGS)) {
    values[key] = Object.hasOwn(given, key)
      ? problems.read(toOptionParser(declaration), given[key], { at: toAt(key) })
      : declaration.default;
  }
  problems.addUnknown(given, Object.keys(ALERT_SETTINGS), "setting", toAt);
  const { latencySeconds } = values;
  const bounds: readonly number[] = METRICS.apiRequestLatency.buckets;
  // The share of requests within the objective is counted in a bucket rather than estimated.
  if (typeof latencySeconds === "number" && !bounds.includes(latencySeconds)) {
    problems.add(
      toAt("latencySeconds"),
      `Expected one of: ${bounds.join(", ")}, got ${latencySeconds}.`,
    );
  }
  problems.throwIfAny("INVALID_OPTION", "setting");
  // Each value was read by the parser of its declaration.
  return values as AlertSettings;
}

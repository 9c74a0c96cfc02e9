import { ALERTS_OPTIONS } from "../alerts/options.ts";
import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";
import { SERIES_OPTIONS } from "../series/options.ts";
import { REMOTE_WRITE_OPTIONS } from "./remote-write/options.ts";

export const MONITOR_OPTIONS = {
  monitor: {
    type: "switch",
    default: false,
    help: "Run the built-in monitor: history, PromQL, alerts (default of `tepal up`)",
  },
  ...SERIES_OPTIONS,
  queryTimeout: {
    type: "number",
    default: 30,
    min: 0.1,
    max: 3_600,
    help: "Timeout of a query to the monitor in seconds, including its wait",
  },
  queryMaxSamples: {
    type: "integer",
    default: 10_000_000,
    min: 1_000,
    max: 1_000_000_000,
    help: "Maximum samples of 16 bytes that a query holds in memory",
  },
  queryQueue: {
    type: "integer",
    default: 100,
    min: 1,
    max: 100_000,
    help: "Maximum waiting requests to the monitor; more get status 503",
  },
  ...ALERTS_OPTIONS,
  ...REMOTE_WRITE_OPTIONS,
} as const satisfies OptionDeclarations;

export type MonitorOptions = OptionValues<typeof MONITOR_OPTIONS>;

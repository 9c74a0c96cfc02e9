import { fileURLToPath } from "node:url";
import { ALERTS_OPTIONS } from "../alerts/options.ts";
import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";
import { SERIES_OPTIONS } from "../series/options.ts";

/** In the sources and in dist alike. */
export const OWN_RULES = fileURLToPath(new URL("../../deploy/prometheus/rules", import.meta.url));

export const MONITOR_OPTIONS = {
  monitor: {
    type: "switch",
    default: false,
    help: "Runs the monitor built in: history, PromQL under /prometheus, alerts; `tepal up` does it unless --no-monitor is said",
  },
  ...SERIES_OPTIONS,
  queryTimeout: {
    type: "number",
    default: 30,
    min: 0.1,
    max: 3_600,
    help: "Seconds that a query of the monitor may take, waiting for its turn included",
  },
  queryMaxSamples: {
    type: "integer",
    default: 10_000_000,
    min: 1_000,
    max: 1_000_000_000,
    help: "Samples that a query of the monitor may hold in memory at once, of 16 bytes each",
  },
  queryQueue: {
    type: "integer",
    default: 100,
    min: 1,
    max: 100_000,
    help: "Requests to the monitor that may wait for their turn; further ones are refused with status 503",
  },
  ...ALERTS_OPTIONS,
} as const satisfies OptionDeclarations;

export type MonitorOptions = OptionValues<typeof MONITOR_OPTIONS>;

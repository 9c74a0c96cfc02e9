import { HTTP_OPTIONS } from "../http/options.ts";
import type { OptionDeclarations, OptionValues } from "../kernel/options.ts";
import { MODEL_OPTIONS } from "../model/options.ts";
import { MONITOR_OPTIONS } from "../monitor/options.ts";
import { SERVING_OPTIONS } from "../serving/options.ts";

/** Options of the server as a whole. Modules declare all others. */
export const SERVER_OPTIONS = {
  workers: {
    type: "integer",
    default: 1,
    min: 1,
    max: 256,
    help: "Worker processes that share the port, ideally one per core",
  },
  workerTimeout: {
    type: "number",
    default: 30,
    min: 1,
    max: 3_600,
    help: "Seconds without a heartbeat after which a worker process is replaced",
  },
  extension: {
    type: "optional string",
    placeholder: "FILE",
    default: null,
    help: "Module that adds metrics and routes before the server listens",
  },
  shutdownDelay: {
    type: "number",
    default: 0,
    min: 0,
    max: 3_600,
    help: "Seconds that a stopping server, no longer ready, still accepts connections",
  },
  drainTimeout: {
    type: "number",
    default: 10,
    min: 0,
    max: 3_600,
    help: "Seconds that a stopping server waits for requests in progress",
  },
  logLevel: {
    type: "choice",
    choices: ["fatal", "error", "warn", "info", "debug", "trace", "silent"],
    default: "info",
    help: "Lowest level of logged messages (debug logs every request)",
  },
} as const satisfies OptionDeclarations;

/** All options of the server, in the order of docs/options.md. */
export const OPTIONS = {
  ...HTTP_OPTIONS,
  ...MODEL_OPTIONS,
  ...SERVING_OPTIONS,
  ...MONITOR_OPTIONS,
  ...SERVER_OPTIONS,
} as const satisfies OptionDeclarations;

export type Config = OptionValues<typeof OPTIONS>;

import type { UniqueClients } from "../../http/limits/unique-clients.ts";
import type { Channel } from "../../kernel/channel.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import type { SharedParts } from "../../server.ts";
import type { PrimaryCalls } from "../process.ts";
import { createRemoteMonitor } from "./remote-monitor.ts";
import { createRemoteRateCounter } from "./remote-rate-counter.ts";

/** The shared parts of a worker: the primary has them, and the worker calls it. */
export function createWorkerParts(
  channel: Channel<PrimaryCalls>,
  metrics: Metrics,
  clients: UniqueClients,
  hasMonitor: boolean,
): SharedParts {
  return {
    metrics,
    clients,
    countRequest: createRemoteRateCounter((keys) => channel.call("count", keys)),
    monitor: hasMonitor ? createRemoteMonitor(channel) : undefined,
    renderMetrics: (format) => channel.call("render", format),
    describe: () => channel.call("describe"),
    reloadAll: () => channel.call("reload"),
    // The primary starts, reloads and closes what it has.
    reloadRules: async () => [],
    start: () => {},
    close: async () => {},
  };
}

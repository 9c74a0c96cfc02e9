import type { MonitorApi } from "../../http/monitor-api.ts";
import type { Channel } from "../../kernel/channel.ts";
import type { PrimaryCalls } from "./workers.ts";

/** The primary's monitor, for a worker: every reply passes through the channel. */
export function toWorkerMonitor(channel: Channel<PrimaryCalls>): MonitorApi {
  return {
    isReady: () => channel.ask("isMonitorReady"),
    async ask(request) {
      const { status, body, gzip } = await channel.ask("askMonitor", request);
      return { status, body: Buffer.from(body, "base64"), gzip };
    },
  };
}

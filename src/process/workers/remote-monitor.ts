import type { MonitorApi } from "../../http/http.ts";
import type { Channel } from "../../kernel/channel.ts";
import type { PrimaryCalls } from "../process.ts";

/** The primary's monitor, as a worker reaches it: over the message channel. */
export function createRemoteMonitor(channel: Channel<PrimaryCalls>): MonitorApi {
  return {
    isReady: () => channel.call("isMonitorReady"),
    async request(request) {
      const { body, ...reply } = await channel.call("queryMonitor", request);
      return { ...reply, body: Buffer.from(body, "base64") };
    },
  };
}

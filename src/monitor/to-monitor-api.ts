import { API_PATHS, FORM_PATHS } from "./api/paths.ts";
import type { Monitor } from "./monitor.ts";

/** The monitor as the HTTP room sees it. */
export function toMonitorApi(monitor: Monitor) {
  return {
    paths: API_PATHS,
    formPaths: FORM_PATHS,
    isReady: async () => monitor.isReady(),
    ask: monitor.ask,
  };
}

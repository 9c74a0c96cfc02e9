import { toLabelsKey } from "../../series/labels.ts";
import type { Labels, Matcher } from "../../series/series.ts";
import type { SeriesExemplars } from "../../series/store/exemplar-store.ts";
import type { ApiParts } from "../api/api.ts";
import { unpack, type HistoryCalls, type SentMatcher } from "./history-calls.ts";
import { createSyncCaller, type SyncLink } from "./sync-calls.ts";

/** The data sources of the API, as the query thread reaches them. Each read blocks the thread until the monitor thread replies. */
export function createRemoteHistory(
  link: SyncLink,
): Pick<ApiParts, "store" | "exemplars" | "listTargets" | "alerting"> {
  const call = createSyncCaller<HistoryCalls>(link);

  function toSent(matcher: Matcher): SentMatcher {
    const { name, type, value, cost } = matcher;
    if (cost === 0) return { name, type, value };
    const values = new Set<string>();
    for (const [one] of call("labelValues", name)) if (matcher.matches(one)) values.add(one);
    // A missing label.
    if (matcher.matches("")) values.add("");
    return { name, values };
  }

  return {
    store: {
      select(matchers, fromMs, toMs, maxSamples = Number.POSITIVE_INFINITY) {
        const sent = matchers.map(toSent);
        return unpack(call("select", { matchers: sent, fromMs, toMs, maxSamples }));
      },
      find(selectors, fromMs, toMs) {
        const found = new Map<string, Labels>();
        // One call for each selector, so that none takes long.
        for (const matchers of selectors.length === 0 ? [[]] : selectors) {
          const labels = call("find", { matchers: matchers.map(toSent), fromMs, toMs });
          for (const one of labels) found.set(toLabelsKey(one), one);
        }
        return [...found.values()];
      },
      labelNames: () => call("labelNames", undefined),
      labelValues: (name) => call("labelValues", name),
      statistics: () => call("statistics", undefined),
    },
    exemplars: {
      find(selectors, fromMs, toMs) {
        const found = new Map<string, SeriesExemplars>();
        for (const matchers of selectors) {
          const sent = { matchers: matchers.map(toSent), fromMs, toMs };
          for (const one of call("findExemplars", sent)) found.set(toLabelsKey(one.series), one);
        }
        return [...found.values()];
      },
    },
    listTargets: () => call("listTargets", undefined),
    alerting: {
      listGroups: (filter = {}) => call("listGroups", filter),
      listAlerts: () => call("listAlerts", undefined),
    },
  };
}

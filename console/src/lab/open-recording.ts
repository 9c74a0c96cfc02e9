import type { ApiParts, QueryLimits } from "../../../src/monitor/api/api.ts";
import { createLabels } from "../../../src/series/labels.ts";
import { METRIC_NAME, type Labels } from "../../../src/series/series.ts";
import { createSeriesStore } from "../../../src/series/store/create-series-store.ts";
import type { Sample, SeriesStore } from "../../../src/series/store/series-store.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { decodeSamples } from "./sample-codec.ts";
import type { RecordedGroup, Recording } from "../../lab/recording.ts";

/** Types that a target's metadata can have. */
const TYPES = ["counter", "gauge", "histogram", "summary", "unknown"] as const;
/** Lower than on a server: other queries wait meanwhile. */
export const LIMITS: QueryLimits = { timeoutSeconds: 10, maxSamples: 5_000_000 };

/** Appends a recording to a store in memory: the same store, and the same Prometheus API, as those of the server. */
export function openRecording(recording: Recording): ApiParts {
  const { startMs, endMs, intervalSeconds } = recording;
  return {
    store: fillStore(recording.groups),
    exemplars: { find: () => [] },
    listTargets: () => listTargets(recording),
    alerting: { listGroups: () => [], listAlerts: () => [] },
    clock: { nowMs: () => endMs, monotonicSeconds: systemClock.monotonicSeconds },
    limits: LIMITS,
    info: {
      version: "lab",
      startedMs: startMs,
      folder: "",
      retentionSeconds: (endMs - startMs) / 1_000,
      scrapeIntervalSeconds: intervalSeconds,
      flags: {},
      externalLabels: {},
      alertmanagers: [],
      config: {},
    },
  };
}

function fillStore(groups: readonly RecordedGroup[]): SeriesStore {
  const store = createSeriesStore({
    retentionMs: Number.POSITIVE_INFINITY,
    maxSeries: Number.POSITIVE_INFINITY,
  });
  for (const [index, group] of groups.entries()) {
    const series = decodeSeries(group);
    for (const [at, timeMs] of decodeSamples(group.times).entries()) {
      if (timeMs === undefined) throw new Error(`Expected a time, got none at ${at}.`);
      const samples = series.flatMap(({ labels, samples: values }): readonly Sample[] => {
        const value = values[at];
        return value === undefined ? [] : [{ labels, value }];
      });
      store.append(String(index), timeMs, samples);
    }
  }
  return store;
}

function decodeSeries({ labels: common, series }: RecordedGroup) {
  return Object.entries(series).flatMap(([name, list]) =>
    list.map(([own, encoded]) => {
      const labels: Labels = createLabels({ ...common, ...own, [METRIC_NAME]: name });
      return { labels, samples: decodeSamples(encoded) };
    }),
  );
}

function listTargets({ targets, metadata, endMs }: Recording): ReturnType<ApiParts["listTargets"]> {
  const known = new Map(
    Object.entries(metadata).map(([name, [type, help]]) => [
      name,
      { type: TYPES.find((each) => each === type) ?? "unknown", help },
    ]),
  );
  return targets.map(({ job, instance, url }, index) => ({
    job,
    instance,
    url,
    health: "up",
    lastError: "",
    lastScrapeMs: endMs,
    lastDurationSeconds: 0,
    // The metadata of all targets: the recording does not distinguish them.
    metadata: index === 0 ? known : new Map(),
  }));
}

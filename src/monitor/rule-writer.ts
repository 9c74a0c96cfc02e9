import type { RecordedSample, SampleWriter } from "../alerts/alerts.ts";
import { toLabelsKey } from "../series/labels.ts";
import { METRIC_NAME } from "../series/series.ts";
import type { Sample, SeriesStore } from "../series/series-store.ts";

/**
 * Stores what rules record. The store wants samples that belong together, and ends a series that is missing among them; a
 * rule gives all of its series at once. So the series of a rule are one group of the store: those that came together.
 */
export function createRuleWriter(store: Pick<SeriesStore, "append">): SampleWriter {
  /** The groups of series that have not ended, by their labels. */
  const groups = new Map<string, string>();

  /** Named after what the rule records, so that it is the same group after a restart. */
  function nameGroup({ labels }: RecordedSample): string {
    const name = `rule ${labels.get(METRIC_NAME) ?? ""} ${labels.get("alertname") ?? ""}`.trimEnd();
    const taken = new Set(groups.values());
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? name : `${name} ${number}`;
      if (!taken.has(candidate)) return candidate;
    }
  }

  return {
    append(timeMs, samples) {
      const [first] = samples;
      if (first === undefined) return;
      const keyed = samples.map((sample) => ({ sample, key: toLabelsKey(sample.labels) }));
      const known = keyed.find(({ key }) => groups.has(key));
      const own = known === undefined ? nameGroup(first) : groups.get(known.key)!;
      const byGroup = new Map<string, Sample[]>();
      for (const { sample, key } of keyed) {
        const group = groups.get(key) ?? own;
        const gathered = byGroup.get(group) ?? [];
        byGroup.set(group, gathered);
        if (sample.stale) groups.delete(key);
        else {
          groups.set(key, group);
          gathered.push(sample);
        }
      }
      for (const [group, gathered] of byGroup) store.append(group, timeMs, gathered);
    },
  };
}

import type { ValueFamily } from "../metrics/metrics.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { ModelStatus } from "../model/model.ts";
import type { AnyPredictor } from "./serving.ts";

/**
 * Exposes which model versions are ready, since when, and which one serves by default.
 * @returns updates the gauges; to be called before each scrape
 */
export function createModelGauges(
  metrics: Metrics,
  list: () => readonly ModelStatus[],
  ready: () => readonly AnyPredictor[],
): () => void {
  let opened: (readonly [ValueFamily, number])[] = [];
  const set = (family: ValueFamily, labels: readonly string[], value: number): void => {
    const slot = family.open(labels);
    family.set(slot, value);
    opened.push([family, slot]);
  };

  const isReady = metrics.defaultModelReady.open([]);
  return () => {
    const before = opened;
    metrics.defaultModelReady.set(isReady, 0);
    opened = [];
    for (const { manifest, engine } of ready()) {
      const { name, version, task } = manifest;
      set(metrics.modelInfo, [name, String(version), task, engine], 1);
    }
    for (const { name, versions, serving, isDefault } of list()) {
      if (isDefault && serving !== null) {
        set(metrics.modelDefault, [name, String(serving)], 1);
        metrics.defaultModelReady.set(isReady, 1);
      }
      for (const { version, loadedAtMs } of versions) {
        if (loadedAtMs === null) continue;
        set(metrics.modelLoaded, [name, String(version)], loadedAtMs / 1_000);
      }
    }
    // Closed last, so that a series that stays open keeps its slot.
    for (const [family, slot] of before) family.close(slot);
  };
}

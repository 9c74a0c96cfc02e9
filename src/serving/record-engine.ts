import type { Metrics } from "../metrics/metrics.ts";
import type { Manifest } from "../model/manifest.ts";
import { ENGINE_FAILURES, type EngineFailure } from "../model/model.ts";

/** Counts the ends of the process that computes one model version. All its series are open from the start, at zero. */
export interface EngineFailures {
  record(failure: EngineFailure): void;
  close(): void;
}

export function openEngineFailures(
  { engineFailures, saveSoon }: Pick<Metrics, "engineFailures" | "saveSoon">,
  { name, version }: Manifest,
): EngineFailures {
  const slots = new Map(
    ENGINE_FAILURES.map((reason) => [reason, engineFailures.open([name, String(version), reason])]),
  );
  return {
    record(failure) {
      const slot = slots.get(failure);
      if (slot === undefined) return;
      engineFailures.add(slot, 1);
      saveSoon();
    },
    close() {
      for (const slot of slots.values()) engineFailures.close(slot);
      slots.clear();
    },
  };
}

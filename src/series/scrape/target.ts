import { createLabels } from "../labels.ts";
import type { Labels } from "../series.ts";

/** A scrape target. */
export interface Target {
  readonly job: string;
  /** Usually `host:port`. */
  readonly instance: string;
  /** URL for the list of targets and logs, without secrets. */
  readonly url: string;
  /**
   * Returns the text exposition. Rejects when the signal aborts.
   * @throws Error with the reason of the failure
   */
  read(signal: AbortSignal): Promise<string>;
}

const CLASH = "exported_";

/** Merges the labels of a series with those of its target, which win, as with Prometheus's `honor_labels: false`. */
export function toTargetLabels(labels: Labels, { job, instance }: Target): Labels {
  const pairs = new Map<string, string>();
  for (const [name, value] of labels) {
    let kept = name;
    if (name === "job" || name === "instance") {
      do kept = CLASH + kept;
      while (labels.has(kept));
    }
    pairs.set(kept, value);
  }
  pairs.set("job", job);
  pairs.set("instance", instance);
  return createLabels(pairs);
}

import { createLabels } from "../labels.ts";
import type { Labels } from "../series.ts";

/** Something that is scraped. */
export interface Target {
  readonly job: string;
  /** `host:port`, mostly. */
  readonly instance: string;
  /** Where it is read, for whoever looks at the list of targets. */
  readonly url: string;
  /**
   * Its exposition, in the Prometheus text format. Ends with an error when the signal says so.
   * @throws Error that says why there is none
   */
  read(signal: AbortSignal): Promise<string>;
}

const CLASH = "exported_";

/** The labels of a series of a target. Its own labels give way to the target's, as with Prometheus's `honor_labels: false`. */
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

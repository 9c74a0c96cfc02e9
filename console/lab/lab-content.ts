import type { Exercise } from "./exercise.ts";
import type { Recording } from "./recording.ts";

/** The data of the lab. */
export interface LabContent {
  readonly recording: Recording;
  /** Grafana dashboards by name. */
  readonly dashboards: Readonly<Record<string, unknown>>;
  readonly exercises: readonly Exercise[];
}

/**
 * What a run is to do, as JSON: from flags, from the page, or from Locust's form. `resolvePlan` fills in what is not given and tells
 * all that is wrong.
 */
export interface RunPlan {
  /** Where requests go: `http://127.0.0.1:8000`. */
  readonly host: string;
  readonly profile: Profile;
  /** Ends the run; null: until it is stopped, or its shape ends. */
  readonly run_time_seconds: number | null;
  /** Names of the classes that take part; empty: all. */
  readonly user_classes: readonly string[];
  /** Only tasks that have one of these; empty: all. */
  readonly tags: readonly string[];
  readonly exclude_tags: readonly string[];
  readonly thresholds: readonly string[];
  /** The same seed gives the same rows, choices and waits to the same users. */
  readonly seed: number;
  readonly stop_timeout_seconds: number;
}

/** How much load, when. Rates are per second, over all generators. */
export type Profile =
  /** Closed: this many users, of whom `spawn_rate` start each second. */
  | { readonly kind: "users"; readonly users: number; readonly spawn_rate: number }
  /** Open: iterations begin at this rate, however long they take; at most `max_users` at a time. */
  | {
      readonly kind: "constant_rate";
      readonly rate: number;
      readonly poisson: boolean;
      readonly max_users: number;
    }
  /** Open: from one rate to another within `ramp_seconds`, then on at that. */
  | {
      readonly kind: "ramping_rate";
      readonly from_rate: number;
      readonly to_rate: number;
      readonly ramp_seconds: number;
      readonly poisson: boolean;
      readonly max_users: number;
    }
  /** Closed: `users` as named stages say; see shapes/. */
  | {
      readonly kind: "baseline" | "gradual" | "stress" | "recovery";
      readonly users: number;
      readonly spawn_rate: number;
      /** How long each stage lasts. */
      readonly stage_seconds: number;
    }
  /** Closed: as the script's own shape says. */
  | { readonly kind: "custom" };

/** What can be changed while a run goes on: what the profile has of it. */
export interface PlanChange {
  readonly users?: number;
  readonly spawn_rate?: number;
  readonly rate?: number;
}

import type { ScriptDescription } from "../contract/script-description.ts";
import type { OpenLoad, Ramp } from "../profiles/profile.ts";
import type { HttpOptions } from "./http-options.ts";
import type { Interval } from "./interval.ts";

/**
 * A generator: a process that runs the users of a script and counts their requests. It serves one run. The order of calls is:
 *
 *     prepare → begin → (collect | setUsers | setRamps | shape)* → stop → collect, then it exits
 */
export interface GeneratorCalls {
  /** Reads the script and describes its contents. @throws TepalError INVALID_OPTION with all problems, by file and line */
  describe(script: string): Promise<ScriptDescription>;
  /** Reads the script and warms up. @throws TepalError INVALID_OPTION */
  prepare(task: GeneratorTask): Promise<void>;
  /** Starts the arrivals of an open model. A closed model starts with `setUsers`. */
  begin(): Promise<void>;
  /** Returns everything that was counted since the last call. */
  collect(): Promise<Interval>;
  setUsers(target: TargetUsers): Promise<void>;
  /** Replaces the arrivals of an open model from now on. */
  setRamps(ramps: readonly Ramp[]): Promise<void>;
  /** Calls the shape of the script; null: the run ends. @throws what the shape throws */
  shape(elapsedSeconds: number): Promise<TargetUsers | null>;
  /** Stops all users; resolves when they have ended, after at most `timeoutSeconds`. */
  stop(timeoutSeconds: number): Promise<void>;
}

/** The number of users to reach, over all generators. */
export interface TargetUsers {
  readonly users: number;
  /** Users started or stopped per second. */
  readonly spawnRate: number;
}

export interface GeneratorTask {
  readonly script: string;
  readonly host: string;
  /** null in a closed model. */
  readonly open: Pick<OpenLoad, "ramps" | "poisson" | "max_users"> | null;
  readonly userClasses: readonly string[];
  readonly tags: readonly string[];
  readonly excludeTags: readonly string[];
  readonly seed: number;
  readonly http: HttpOptions;
  /** Number of this generator, from 0, and the number of all. */
  readonly generator: number;
  readonly generators: number;
}

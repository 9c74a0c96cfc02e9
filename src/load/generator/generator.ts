import type { ScriptDescription } from "../contract/script-description.ts";
import type { HttpOptions } from "./http-options.ts";
import type { Profile } from "../contract/plan.ts";
import type { Interval } from "./interval.ts";

/**
 * A generator: a process that runs a script's users and counts what they see. It is made for one run, and asked:
 *
 *     prepare → begin → (collect | setUsers | setRate | shape)* → stop → collect → its end
 */
export interface GeneratorCalls {
  /** Reads the script and says what it has. @throws TepalError INVALID_OPTION with every mistake, by file and line */
  describe(script: string): Promise<ScriptDescription>;
  /** Reads the script and makes ready. @throws TepalError INVALID_OPTION */
  prepare(task: GeneratorTask): Promise<void>;
  begin(): Promise<void>;
  /** What was counted since the last time. */
  collect(): Promise<Interval>;
  setUsers(wanted: UsersWanted): Promise<void>;
  setRate(rate: number): Promise<void>;
  /** What the script's own shape says of a moment; null: the run is over. @throws what the shape throws */
  shape(elapsedSeconds: number): Promise<UsersWanted | null>;
  /** Ends all users; resolves when they are gone, after at most so many seconds. */
  stop(timeoutSeconds: number): Promise<void>;
}

/** Over all generators. */
export interface UsersWanted {
  readonly users: number;
  readonly spawnRate: number;
}

export interface GeneratorTask {
  readonly script: string;
  readonly host: string;
  readonly profile: Profile;
  readonly userClasses: readonly string[];
  readonly tags: readonly string[];
  readonly excludeTags: readonly string[];
  readonly seed: number;
  readonly http: HttpOptions;
  /** Which of how many it is. */
  readonly generator: number;
  readonly generators: number;
}

/** What a script has, as JSON. */
export interface ScriptDescription {
  /** Its path, as it was given. */
  readonly path: string;
  readonly user_classes: readonly UserClassDescription[];
  /** Whether it brings a shape of its own. */
  readonly has_shape: boolean;
  readonly thresholds: readonly string[];
}

interface UserClassDescription {
  readonly name: string;
  readonly weight: number;
  /** null where the script names none. */
  readonly host: string | null;
  readonly tasks: readonly {
    readonly name: string;
    readonly weight: number;
    readonly tags: readonly string[];
  }[];
}

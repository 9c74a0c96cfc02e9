/** The parts of `GET /models` and `GET /models/NAME` that pages show. Fields are named as in the JSON. */
export interface Feature {
  readonly name: string;
  readonly type: string;
  readonly unit: string | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly nullable: boolean;
  /** Known values of a category. */
  readonly categories?: readonly {
    readonly value: string | number;
    readonly share: number | null;
  }[];
}

/** A distribution: `ratios[b]` is the share of rows in bin b, whose upper bound is `edges[b]`. */
export interface Bins {
  readonly edges: readonly number[];
  readonly ratios: readonly number[];
  readonly missing_ratio: number;
}

export interface OutputReference {
  readonly source: "out_of_bag" | "cross_validation";
  readonly rows: number;
  readonly class_ratios: readonly number[];
  readonly confidence: Bins | null;
  readonly value: Bins | null;
}

export interface GuardSection {
  readonly method: "knn" | "mahalanobis";
  readonly calibration_rows: number;
  readonly reference_rows: number;
  readonly training_rows?: number;
  readonly bins: readonly Bins[];
  readonly class_ratios: readonly number[];
}

export interface Manifest {
  readonly name: string;
  readonly version: number;
  readonly task: "classification" | "regression";
  /** Absent for Tepal's own engine. */
  readonly engine?: "onnxruntime";
  readonly features: readonly Feature[];
  readonly classes: readonly string[];
  readonly targets: readonly string[];
  /** See report.ts. */
  readonly training: unknown;
  readonly provenance: {
    readonly tool: string;
    readonly created: string;
    readonly data: string | null;
    readonly data_sha256: string | null;
    readonly options: Readonly<Record<string, string | number | boolean | null>>;
  };
  readonly output_reference?: OutputReference;
  readonly files: Readonly<Record<string, string>>;
  readonly guard: GuardSection | null;
}

export interface VersionStatus {
  readonly version: number;
  readonly state: "READY" | "FAILED" | "NOT_LOADED";
  readonly reason: string | null;
  readonly loaded_at: string | null;
}

export interface ModelStatus {
  readonly name: string;
  readonly is_default: boolean;
  readonly serving: number | null;
  readonly versions: readonly VersionStatus[];
}

export interface ModelList {
  readonly models: readonly ModelStatus[];
}

/** A version of a model that can predict. */
export interface ReadyVersion {
  readonly name: string;
  readonly version: number;
  /** True if `models/NAME/predict` leads to it. */
  readonly isServing: boolean;
}

/** Lists what can predict: the default model first, the serving version of each model before its others. */
export function listReady({ models }: ModelList): readonly ReadyVersion[] {
  return models
    .toSorted((a, b) => Number(b.is_default) - Number(a.is_default))
    .flatMap(({ name, serving, versions }) =>
      versions
        .filter(({ state }) => state === "READY")
        .map(({ version }) => ({ name, version, isServing: version === serving }))
        .toSorted((a, b) => Number(b.isServing) - Number(a.isServing) || b.version - a.version),
    );
}

/** Returns the path of a version's routes, for example `models/iris` or `models/iris/versions/1`. */
export function toModelPath({ name, version, isServing }: ReadyVersion): string {
  const path = `models/${encodeURIComponent(name)}`;
  return isServing ? path : `${path}/versions/${version}`;
}

/** Returns the version that a path of the console names, `[NAME, VERSION]`; by default the first. */
export function findVersion(
  ready: readonly ReadyVersion[],
  [name, version]: readonly string[],
): ReadyVersion | undefined {
  if (name === undefined) return ready[0];
  const ofModel = ready.filter((each) => each.name === name);
  return version === undefined
    ? ofModel[0]
    : ofModel.find((each) => String(each.version) === version);
}

import { Type, type Static } from "typebox";
import type { Field } from "../contract/field.ts";
import type { PlanChange } from "../contract/plan-change.ts";

/**
 * A load profile: how much load, at which time. A file of this folder declares everything about one profile; flags, form, requests,
 * reports and documents are made from the list in profiles.ts.
 */
export interface LoadProfile<Options extends ProfileOptions = ProfileOptions> {
  /** Names the profile in plans. */
  readonly kind: Options["kind"];
  readonly name: string;
  /** Course of the load over time, in a phrase. */
  readonly course: string;
  /** Question that a run answers, in a phrase. */
  readonly purpose: string;
  /** The load over time as an SVG path in 48 × 20. */
  readonly curve: string;
  /** In a closed model users wait for their replies; in an open one iterations start when they are due. */
  readonly model: "closed" | "open";
  /** By name in plans. */
  readonly fields: Readonly<Record<string, Field>>;
  /** A plan's load in a phrase; `{name}` stands for the value of a field. */
  readonly summary: string;
  /** Command-line options that select the profile; all of them must be set. */
  readonly selectedBy: readonly string[];
  /** The load follows the `shape` function of the script. */
  readonly needsShape: boolean;
  /** Names of the stages that a recovery is measured by; null if there is none. */
  readonly recovery: RecoveryStages | null;
  /** Changes that a current run takes, each with the field that holds the present value. */
  readonly changes: Readonly<Partial<Record<keyof PlanChange, string>>>;
  toLoad(options: Options): Load;
  /** Returns the profile that the run continues with. */
  change(options: Options, change: PlanChange): ProfileOptions;
}

/** The field that every profile in a plan has. */
export interface ProfileOptions {
  readonly kind: string;
}

export interface RecoveryStages {
  readonly baseline: string;
  readonly overload: string;
}

export type Load =
  | { readonly type: "stages"; readonly stages: readonly Stage[] }
  | { readonly type: "script" }
  | OpenLoad;

export interface OpenLoad {
  readonly type: "arrivals";
  readonly ramps: readonly Ramp[];
  /** Intervals between arrivals are exponentially distributed, as from independent clients. */
  readonly poisson: boolean;
  readonly max_users: number;
}

/** A part of a closed load: a number of users for some time. */
export interface Stage {
  /** "" in a profile without named stages. */
  readonly name: string;
  readonly users: number;
  readonly spawnRate: number;
  /** Infinity for a load that does not end by itself. */
  readonly seconds: number;
}

/** A part of an open load: the rate changes linearly from one value to another. */
export interface Ramp {
  /** Arrivals per second, over all generators. */
  readonly from: number;
  readonly to: number;
  /** Infinity for the last ramp, whose rate is constant. */
  readonly seconds: number;
}

type Fields = Readonly<Record<string, Field>>;

/** The options of a profile with these fields. */
type OptionsOf<Kind extends string, F extends Fields> = { readonly kind: Kind } & {
  readonly [Name in keyof F]: Static<F[Name]>;
};

type Declaration<Kind extends string, F extends Fields> = Pick<
  LoadProfile,
  "name" | "course" | "purpose" | "curve" | "model" | "summary" | "selectedBy"
> &
  Partial<Pick<LoadProfile, "needsShape" | "recovery">> & {
    readonly kind: Kind;
    readonly fields: F;
    readonly changes?: Readonly<Partial<Record<keyof PlanChange, keyof F & string>>>;
    toLoad(options: OptionsOf<Kind, F>): Load;
    /** @default the fields of `changes` get the new values */
    change?(options: OptionsOf<Kind, F>, change: PlanChange): ProfileOptions;
  };

/** Completes the declaration of a profile with its schema and with what most profiles have in common. */
export function defineProfile<const Kind extends string, const F extends Fields>(
  declaration: Declaration<Kind, F>,
) {
  const { kind, fields, changes = {} } = declaration;
  return {
    needsShape: false,
    recovery: null,
    change: (options: OptionsOf<Kind, F>, change: PlanChange): ProfileOptions => {
      const names: Readonly<Record<string, string | undefined>> = changes;
      const values = Object.entries(change).map(([name, value]) => [names[name] ?? name, value]);
      return { ...options, ...Object.fromEntries(values) };
    },
    ...declaration,
    changes,
    schema: Type.Object({ kind: Type.Literal(kind), ...fields }),
  };
}

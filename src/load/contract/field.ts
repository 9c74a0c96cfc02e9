import { Type } from "typebox";

/**
 * A field of a plan or of a load profile: a TypeBox schema with the notes that people need. The type, the check of a request, the
 * default, the flag with its help, the form on the page and the documents all come from it.
 */
export type Field = NumberField | BooleanField;

interface FieldNotes<Default> {
  /** Label in forms. */
  readonly title: string;
  /** A phrase for `--help` and the documents. */
  readonly description: string;
  readonly default: Default;
  /** Unit behind the value in forms. */
  readonly "x-unit"?: string;
  /** A phrase below the value in forms. */
  readonly "x-hint"?: string;
  /** Name of the command-line option that sets the field. */
  readonly "x-option"?: string;
}

export interface NumberNotes extends FieldNotes<number> {
  /** Inclusive. */
  readonly minimum: number;
  readonly maximum: number;
}

export type NumberField = (Type.TInteger | Type.TNumber) &
  NumberNotes & {
    /** Forms and flags take the seconds as a duration, for example 1m30s. */
    readonly format?: "duration";
  };

export type BooleanField = Type.TBoolean & FieldNotes<boolean>;

export function integerField<const N extends NumberNotes>(notes: N): Type.TInteger & N {
  return Object.assign(Type.Integer(), notes);
}

export function numberField<const N extends NumberNotes>(notes: N): Type.TNumber & N {
  return Object.assign(Type.Number(), notes);
}

/** Returns a field in seconds, which forms and flags take as a duration. */
export function durationField<const N extends NumberNotes>(
  notes: N,
): Type.TNumber & N & { readonly format: "duration" } {
  return Object.assign(Type.Number(), notes, { format: "duration" } as const);
}

export function booleanField<const N extends FieldNotes<boolean>>(notes: N): Type.TBoolean & N {
  return Object.assign(Type.Boolean(), notes);
}

/** Returns a field for the URL of a server, perhaps with a path prefix. */
export function hostField<const N extends FieldNotes<string>>(notes: N): Type.TString & N {
  return Object.assign(Type.String({ format: "base-url" }), notes);
}

export function listField<const N extends FieldNotes<readonly string[]>>(
  notes: N,
): Type.TArray<Type.TString> & N {
  return Object.assign(Type.Array(Type.String()), notes);
}

export function orNull<S extends Type.TSchema>(schema: S): Type.TUnion<[S, Type.TNull]> {
  return Type.Union([schema, Type.Null()]);
}

/** A value read from JSON, which nothing changes. */
export type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

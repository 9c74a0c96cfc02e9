import type { Parser } from "./check.ts";

/**
 * Declarations of options. A module declares what can be configured of it; a declaration has everything that the command line, the
 * environment, the configuration file and docs/options.md need. `config/` collects the declarations.
 */
interface Declared<T> {
  readonly default: T;
  /** A phrase without a full stop, for `--help` and docs/options.md. */
  readonly help: string;
}

export type OptionDeclaration =
  | (Declared<number> & NumberRange & { readonly type: "number" | "integer" })
  | (Declared<string> & { readonly type: "string"; readonly placeholder: string })
  | (Declared<string | null> & OptionalString & { readonly type: "optional string" })
  | (Declared<boolean> & { readonly type: "switch" })
  | (Declared<string> & { readonly type: "choice"; readonly choices: readonly string[] })
  | (Declared<readonly string[]> & ListItems & { readonly type: "list" });

interface NumberRange {
  /** Inclusive, in the unit that the option's name gives. */
  readonly min: number;
  readonly max: number;
  /** Excludes both bounds. */
  readonly exclusive?: boolean;
}

interface OptionalString {
  readonly placeholder: string;
  /** Reads the value, if it is given. @default any non-empty string */
  readonly value?: Parser<string>;
}

/** A list is written with commas between its items, or in the configuration file as a JSON array of strings. */
interface ListItems {
  /** Stands for one item in help and tables. */
  readonly placeholder: string;
  /** Reads one item. */
  readonly item: Parser<string>;
}

/** Declarations by the option's name in TypeScript. Its flag, variable and file key follow from the name (`config/names.ts`). */
export type OptionDeclarations = Readonly<Record<string, OptionDeclaration>>;

/** The values of resolved declarations. */
export type OptionValues<D extends OptionDeclarations> = {
  readonly [K in keyof D]: D[K] extends { readonly choices: readonly (infer C)[] }
    ? C
    : D[K] extends { readonly type: "number" | "integer" }
      ? number
      : D[K] extends { readonly type: "switch" }
        ? boolean
        : D[K] extends { readonly type: "optional string" }
          ? string | null
          : D[K] extends { readonly type: "list" }
            ? readonly string[]
            : string;
};

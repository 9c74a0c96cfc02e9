/**
 * How a room declares what can be configured. A declaration carries everything that the command line, the
 * environment, the configuration file and docs/options.md say of an option; `config/` collects them.
 */
interface Declared<T> {
  readonly default: T;
  /** One sentence without a full stop, for `--help` and docs/options.md. */
  readonly help: string;
}

export type OptionDeclaration =
  | (Declared<number> & NumberRange & { readonly type: "number" | "integer" })
  | (Declared<string> & { readonly type: "text"; readonly placeholder: string })
  | (Declared<string | null> & { readonly type: "optional text"; readonly placeholder: string })
  | (Declared<boolean> & { readonly type: "switch" })
  | (Declared<string> & { readonly type: "choice"; readonly choices: readonly string[] })
  | (Declared<readonly string[]> & ListItems & { readonly type: "list" });

interface NumberRange {
  /** Inclusive, in the unit that the option's name gives. */
  readonly min: number;
  readonly max: number;
  /** Both bounds themselves are refused. */
  readonly exclusive?: boolean;
}

/** Written with commas between the items, or in the file as a JSON array of texts. */
interface ListItems {
  /** What stands for one item in help and tables. */
  readonly placeholder: string;
  /** What is wrong with an item and what to write instead; undefined when nothing is. */
  readonly findFault: (item: string) => string | undefined;
  /** What is wrong is then said without the item. */
  readonly isSecret?: true;
}

/** By the option's name in TypeScript; flag, variable and file key follow from it (`config/names.ts`). */
export type OptionDeclarations = Readonly<Record<string, OptionDeclaration>>;

/** What a set of declarations gives when it is resolved. */
export type OptionValues<D extends OptionDeclarations> = {
  readonly [K in keyof D]: D[K] extends { readonly choices: readonly (infer C)[] }
    ? C
    : D[K] extends { readonly type: "number" | "integer" }
      ? number
      : D[K] extends { readonly type: "switch" }
        ? boolean
        : D[K] extends { readonly type: "optional text" }
          ? string | null
          : D[K] extends { readonly type: "list" }
            ? readonly string[]
            : string;
};

/** A guided tour over the pages of the console. Its steps check themselves against the running server. */
export interface Tour {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly minutes: number;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly id: string;
  readonly title: string;
  /** Paragraphs; words in backquotes are code. */
  readonly text: readonly string[];
  /** Fragment of the page on which the step happens, for example `#/explore?q=up`. */
  readonly page: string;
  /** Selectors of the part to point at; the first that the page has is taken. */
  readonly pointAt: readonly string[];
  /** A request that the console can send for the user. */
  readonly action?: { readonly label: string; readonly run: "predict" };
  /** The step is done when all conditions hold. */
  readonly done: readonly Condition[];
}

export type Condition =
  /** The console shows a page: the path begins with these parts, and has a parameter that contains a string. */
  | {
      readonly type: "at";
      readonly path: readonly string[];
      /** Number of parts that the path has at least. */
      readonly length?: number;
      readonly parameter?: { readonly name: string; readonly contains: string };
    }
  /** The page has an element. */
  | { readonly type: "shows"; readonly selector: string }
  /** The value of a query is at least this. */
  | { readonly type: "query"; readonly expr: string; readonly atLeast: number }
  /** The value of a query has increased since the step began. */
  | { readonly type: "increased"; readonly expr: string }
  /** The server has loaded alert rules. */
  | { readonly type: "rules" };

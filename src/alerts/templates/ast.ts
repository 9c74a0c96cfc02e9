/** What a template is made of. Places (`at`) count characters from the template's beginning. */
export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipe: Pipe }
  | Branch<"if">
  | Branch<"with">
  | (Branch<"range"> & { readonly key: string | undefined; readonly element: string | undefined })
  | { readonly kind: "break" | "continue" };

interface Branch<K> {
  readonly kind: K;
  readonly pipe: Pipe;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

/** `$x := a | b c | d`: each command is given the value of the one before as its last argument. */
export interface Pipe {
  /** The variable that is given the value; none in most pipelines. */
  readonly variable: string | undefined;
  /** `:=`, not `=`. */
  readonly declares: boolean;
  readonly commands: readonly Command[];
}

export type Command =
  | {
      readonly kind: "call";
      readonly name: string;
      readonly args: readonly Operand[];
      readonly at: number;
    }
  | { readonly kind: "value"; readonly operand: Operand };

export type Operand =
  | { readonly kind: "literal"; readonly value: string | number | bigint | boolean | null }
  /** `.Labels.job`, `$labels.job`, `(query "up").x`: a beginning, and fields of it. */
  | {
      readonly kind: "path";
      readonly base: Base;
      readonly fields: readonly string[];
      readonly at: number;
    }
  | Extract<Command, { kind: "call" }>;

export type Base =
  | { readonly kind: "dot" }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "pipe"; readonly pipe: Pipe };

/** A template that cannot be used, or that could not be expanded. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  /** Characters from the template's beginning; −1 where the place is not known. */
  readonly at: number;

  constructor(message: string, at = -1) {
    super(message);
    this.at = at;
  }
}

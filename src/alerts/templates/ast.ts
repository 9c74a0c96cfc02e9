/** A node of a template. Positions (`at`) are offsets in UTF-16 code units. */
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
  /** The nodes after `else`. */
  readonly otherwise: readonly Node[];
}

/** `$x := a | b c | d`: each command receives the value of the previous one as its last argument. */
export interface Pipe {
  /** The variable that the value is assigned to. */
  readonly variable: string | undefined;
  /** True for `:=`, false for `=`. */
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
  /** A base with fields: `.Labels.job`, `$labels.job`, `(query "up").x`. */
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

/** An error in a template, or in its expansion. Its message starts in lower case, as in Go, because others quote it. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  /** Offset of the error; −1 if unknown. */
  readonly at: number;

  constructor(message: string, at = -1) {
    super(message);
    this.at = at;
  }
}

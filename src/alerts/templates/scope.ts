import { TemplateError } from "./ast.ts";

/** The variables that Prometheus defines at the start of every template. */
const VARIABLES = ["$", "$labels", "$externalLabels", "$externalURL", "$value"];
/** Nested blocks and parentheses; limits the stack that expansion needs. */
const MAX_DEPTH = 100;

/** The names that are visible at a position of a template. */
export class Scope {
  /** Innermost last. */
  readonly #variables = [...VARIABLES];
  #depth = 0;
  /** True if the dot is the alert's data: outside of `range` and `with`. */
  dotIsRoot = true;
  /** Number of enclosing `range` blocks. */
  loops = 0;

  declare(...names: readonly string[]): void {
    this.#variables.push(...names);
  }

  /** @throws TemplateError if the variable is not declared */
  expectDeclared(name: string, at: number): void {
    if (!this.#variables.includes(name)) {
      throw new TemplateError(`undefined variable "${name}"`, at);
    }
  }

  /** Runs a function, and removes the variables that it declares. */
  nest<T>(parse: () => T): T {
    const outer = this.#variables.length;
    const parsed = parse();
    this.#variables.length = outer;
    return parsed;
  }

  /** Runs a function one level deeper. @throws TemplateError above the maximum depth */
  descend<T>(at: number, parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) {
      throw new TemplateError(`exceeded limit of ${MAX_DEPTH} levels`, at);
    }
    const parsed = parse();
    this.#depth -= 1;
    return parsed;
  }
}

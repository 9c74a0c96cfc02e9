import { TemplateError } from "./ast.ts";
import type { Token } from "./lexer.ts";

/** The position in the tokens of an action. The last token is always of kind `end`. */
export class TokenCursor {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token {
    return this.#tokens[this.#next]!;
  }

  /** Returns the remaining tokens. */
  rest(): readonly Token[] {
    return this.#tokens.slice(this.#next);
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== "end") this.#next += 1;
    return token;
  }

  skip(count: number): void {
    this.#next += count;
  }

  /** Takes a symbol if it is next. */
  takeSymbol(symbol: string): boolean {
    const { kind, text } = this.peek();
    const isNext = kind === "symbol" && text === symbol;
    if (isNext) this.#next += 1;
    return isNext;
  }

  /** @throws TemplateError if there are more tokens */
  expectEnd(): void {
    const { kind, text, at } = this.peek();
    if (kind !== "end") throw new TemplateError(`unexpected "${text}"`, at);
  }
}

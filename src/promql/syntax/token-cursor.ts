import type { TepalError } from "../../kernel/errors.ts";
import { createParseError } from "../errors.ts";
import { tokenize, type Token } from "./lexer.ts";

/** Maximum size of all regular expressions of a query, in RE2 instructions: compiling them takes a tenth of a second. */
const MAX_INSTRUCTIONS = 50_000;

/** A cursor over the tokens of a query, and the operations that the parts of the parser share. */
export class TokenCursor {
  readonly query: string;
  readonly #tokens: readonly Token[];
  readonly #maxDepth: number;
  #at = 0;
  #depth = 0;
  #instructions = 0;

  constructor(query: string, maxDepth: number) {
    this.query = query;
    this.#tokens = tokenize(query);
    this.#maxDepth = maxDepth;
  }

  get token(): Token {
    return this.#tokens[this.#at]!;
  }

  /** The next token. */
  get following(): Token {
    return this.#tokens[Math.min(this.#at + 1, this.#tokens.length - 1)]!;
  }

  get isAtEnd(): boolean {
    return this.token.kind === "end";
  }

  /** End of the last consumed token. */
  get lastEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0;
  }

  take(): Token {
    const { token } = this;
    if (token.kind !== "end") this.#at++;
    return token;
  }

  /** @throws Error if the regular expressions of the query are too large together */
  countInstructions(instructions: number): void {
    this.#instructions += instructions;
    if (this.#instructions > MAX_INSTRUCTIONS) {
      throw new Error(
        "the regular expressions of the query are too large; use smaller repetitions",
      );
    }
  }

  isSymbol(text: string): boolean {
    return this.token.kind === "symbol" && this.token.text === text;
  }

  /** Returns true if the next token is a keyword, in lower or upper case. */
  isKeyword(word: string, token = this.token): boolean {
    return token.kind === "word" && token.text.toLowerCase() === word;
  }

  takeSymbol(text: string): boolean {
    if (!this.isSymbol(text)) return false;
    this.take();
    return true;
  }

  takeKeyword(word: string): boolean {
    if (!this.isKeyword(word)) return false;
    this.take();
    return true;
  }

  /** @param where the construct being parsed, for the message */
  expectSymbol(text: string, where: string): void {
    if (!this.takeSymbol(text)) throw this.unexpected(where, JSON.stringify(text));
  }

  /** Runs `parse` one level deeper; rejects expressions that nest too deeply before the stack overflows. */
  deeper<T>(read: () => T): T {
    if (++this.#depth > this.#maxDepth) {
      throw this.error(`expression nests deeper than ${this.#maxDepth} levels`);
    }
    const result = read();
    this.#depth--;
    return result;
  }

  unexpected(where: string, expected?: string): TepalError {
    const tail = expected === undefined ? "" : `, expected ${expected}`;
    return this.error(`unexpected ${describe(this.token)} in ${where}${tail}`);
  }

  error(message: string, at = this.token.start): TepalError {
    return createParseError(this.query, at, message);
  }
}

function describe(token: Token): string {
  switch (token.kind) {
    case "end":
      return "end of input";
    case "word":
      return `identifier ${JSON.stringify(token.text)}`;
    case "string":
      return `string ${token.text}`;
    case "number":
    case "duration":
      return `${token.kind} ${JSON.stringify(token.text)}`;
    case "symbol":
      return `character ${JSON.stringify(token.text)}`;
  }
}

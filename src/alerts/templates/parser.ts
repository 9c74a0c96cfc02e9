import { TemplateError, type Node } from "./ast.ts";
import { splitTemplate, type Piece } from "./lexer.ts";
import { KEYWORDS, parsePipe } from "./parse-pipe.ts";
import { Scope } from "./scope.ts";
import { TokenCursor } from "./token-cursor.ts";

/**
 * Parses a template.
 *
 * @throws TemplateError with the position of an error, or of a feature that is not supported
 */
export function parseTemplate(template: string): readonly Node[] {
  return new TemplateParser(splitTemplate(template), template.length).parseNodes("template");
}

class TemplateParser {
  readonly #pieces: readonly Piece[];
  readonly #length: number;
  readonly #scope = new Scope();
  #next = 0;
  /** The tokens of the current action. */
  #cursor = new TokenCursor([]);

  constructor(pieces: readonly Piece[], length: number) {
    this.#pieces = pieces;
    this.#length = length;
  }

  /** Parses up to the `end` or `else` of the block, and leaves the tokens of that action. */
  parseNodes(block: string): readonly Node[] {
    const nodes: Node[] = [];
    while (this.#next < this.#pieces.length) {
      const piece = this.#pieces[this.#next++]!;
      if (piece.kind === "text") {
        nodes.push(piece);
        continue;
      }
      this.#cursor = new TokenCursor(piece.tokens);
      const { kind, text, at } = this.#cursor.peek();
      if (kind === "word" && (text === "end" || text === "else")) {
        if (block === "template") throw new TemplateError(`unexpected {{${text}}}`, at);
        return nodes;
      }
      nodes.push(this.#parseAction());
    }
    if (block !== "template") {
      throw new TemplateError(`{{${block}}} without {{end}}`, this.#length);
    }
    return nodes;
  }

  #parseAction(): Node {
    const { kind, text, at } = this.#cursor.peek();
    if (kind !== "word" || !KEYWORDS.has(text)) {
      const pipe = parsePipe(this.#cursor, this.#scope);
      this.#cursor.expectEnd();
      return { kind: "action", pipe };
    }
    this.#cursor.take();
    switch (text) {
      case "if":
      case "with":
      case "range":
        return this.#parseBranch(text, at);
      case "break":
      case "continue":
        if (this.#scope.loops === 0) throw new TemplateError(`{{${text}}} outside {{range}}`, at);
        this.#cursor.expectEnd();
        return { kind: text };
      default:
        throw new TemplateError(`{{${text}}} is not supported; write its content inline`, at);
    }
  }

  #parseBranch(kind: "if" | "with" | "range", at: number): Node {
    return this.#scope.descend(at, () => this.#scope.nest(() => this.#parseBranchBody(kind)));
  }

  #parseBranchBody(kind: "if" | "with" | "range"): Node {
    const scope = this.#scope;
    const names = kind === "range" ? this.#parseRangeVariables() : [];
    const pipe = parsePipe(this.#cursor, scope);
    this.#cursor.expectEnd();
    scope.declare(...names);
    const { dotIsRoot } = scope;
    if (kind !== "if") scope.dotIsRoot = false;
    if (kind === "range") scope.loops += 1;
    const body = scope.nest(() => this.parseNodes(kind));
    if (kind === "range") scope.loops -= 1;
    scope.dotIsRoot = dotIsRoot;
    const otherwise = this.#parseElse(kind);
    if (kind !== "range") return { kind, pipe, body, otherwise };
    const element = names.at(-1);
    return { kind, pipe, body, otherwise, element, key: names.length > 1 ? names[0] : undefined };
  }

  /** Parses the end of a block's first part: `end`, or `else` with its nodes. */
  #parseElse(kind: "if" | "with" | "range"): readonly Node[] {
    const word = this.#cursor.take();
    if (word.text === "end") {
      this.#cursor.expectEnd();
      return [];
    }
    const next = this.#cursor.peek();
    if (next.kind === "word" && next.text === kind && kind !== "range") {
      this.#cursor.take();
      // The inner block shares the end of the outer one.
      return [this.#parseBranch(kind, next.at)];
    }
    this.#cursor.expectEnd();
    const nodes = this.parseNodes(kind);
    const end = this.#cursor.take();
    if (end.text !== "end") throw new TemplateError("expected end; found {{else}}", end.at);
    this.#cursor.expectEnd();
    return nodes;
  }

  /** Parses `$element :=` or `$key, $element :=`. */
  #parseRangeVariables(): readonly string[] {
    const [first, second, third, fourth] = this.#cursor.rest();
    if (first?.kind !== "variable") return [];
    if (second?.text === ":=") {
      this.#cursor.skip(2);
      return [first.text];
    }
    if (second?.text !== "," || third?.kind !== "variable" || fourth?.text !== ":=") return [];
    this.#cursor.skip(4);
    return [first.text, third.text];
  }
}

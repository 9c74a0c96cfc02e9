import {
  TemplateError,
  type Base,
  type Command,
  type Node,
  type Operand,
  type Pipe,
} from "./ast.ts";
import { FUNCTIONS } from "./functions.ts";
import { splitTemplate, type Piece, type Token } from "./lexer.ts";
import { findFormatFault } from "./printf.ts";

/** What stands at the beginning of a template, as Prometheus puts it there. */
const VARIABLES = ["$", "$labels", "$externalLabels", "$externalURL", "$value"];
const ROOT_FIELDS = ["Labels", "ExternalLabels", "ExternalURL", "Value"];
const KEYWORDS: ReadonlySet<string> = new Set([
  "if",
  "else",
  "end",
  "range",
  "with",
  "break",
  "continue",
  "define",
  "template",
  "block",
]);
/** Levels of blocks and parentheses; keeps what follows from running out of stack. */
const MAX_DEPTH = 100;

/**
 * Reads a template.
 *
 * @throws TemplateError with the place of what is wrong, or not supported
 */
export function parseTemplate(template: string): readonly Node[] {
  const parser = new TemplateParser(splitTemplate(template), template.length);
  return parser.parseNodes("template");
}

class TemplateParser {
  readonly #pieces: readonly Piece[];
  readonly #length: number;
  #next = 0;
  #tokens: readonly Token[] = [];
  #token = 0;
  /** Names that are known here, innermost last. */
  #variables = [...VARIABLES];
  /** Whether the dot is the alert's own data, as it is outside of `range` and `with`. */
  #dotIsRoot = true;
  #loops = 0;
  #depth = 0;

  constructor(pieces: readonly Piece[], length: number) {
    this.#pieces = pieces;
    this.#length = length;
  }

  /** Up to the `end` or `else` that belongs to the block, whose other tokens are left to be read. */
  parseNodes(block: string): readonly Node[] {
    const nodes: Node[] = [];
    while (this.#next < this.#pieces.length) {
      const piece = this.#pieces[this.#next++]!;
      if (piece.kind === "text") {
        nodes.push(piece);
        continue;
      }
      this.#tokens = piece.tokens;
      this.#token = 0;
      const { kind, text, at } = this.#peek();
      if (kind === "word" && (text === "end" || text === "else")) {
        if (block === "template") throw new TemplateError(`{{ ${text} }} belongs to no block`, at);
        return nodes;
      }
      nodes.push(this.#parseAction());
    }
    if (block !== "template") {
      throw new TemplateError(`{{ ${block} }} is never closed with {{ end }}`, this.#length);
    }
    return nodes;
  }

  #parseAction(): Node {
    const token = this.#peek();
    if (token.kind !== "word" || !KEYWORDS.has(token.text)) {
      const pipe = this.#parsePipe();
      this.#expectEnd();
      return { kind: "action", pipe };
    }
    this.#take();
    switch (token.text) {
      case "if":
      case "with":
      case "range":
        return this.#parseBranch(token.text, token.at);
      case "break":
      case "continue":
        if (this.#loops === 0)
          throw new TemplateError(`{{ ${token.text} }} is outside of a range`, token.at);
        this.#expectEnd();
        return { kind: token.text };
      default:
        throw new TemplateError(
          `{{ ${token.text} }} is not supported; write its text where it is used`,
          token.at,
        );
    }
  }

  #parseBranch(kind: "if" | "with" | "range", at: number): Node {
    return this.#deeper(at, () => {
      const known = this.#variables.length;
      const dotIsRoot = this.#dotIsRoot;
      const names = kind === "range" ? this.#parseRangeVariables() : [];
      const pipe = this.#parsePipe();
      this.#expectEnd();
      this.#variables.push(...names);
      if (kind !== "if") this.#dotIsRoot = false;
      const within = this.#variables.length;
      if (kind === "range") this.#loops += 1;
      const body = this.parseNodes(kind);
      if (kind === "range") this.#loops -= 1;
      this.#variables.length = within;
      this.#dotIsRoot = dotIsRoot;
      const otherwise = this.#parseElse(kind);
      this.#variables.length = known;
      if (kind !== "range") return { kind, pipe, body, otherwise };
      const element = names.at(-1);
      return { kind, pipe, body, otherwise, element, key: names.length > 1 ? names[0] : undefined };
    });
  }

  /** Behind the first part of a block: its `end`, or its `else` with what belongs to that. */
  #parseElse(kind: "if" | "with" | "range"): readonly Node[] {
    const word = this.#take();
    if (word.text === "end") {
      this.#expectEnd();
      return [];
    }
    const next = this.#peek();
    if (next.kind === "word" && next.text === kind && kind !== "range") {
      this.#take();
      // The inner block takes the end of the outer one.
      return [this.#parseBranch(kind, next.at)];
    }
    this.#expectEnd();
    const nodes = this.parseNodes(kind);
    const end = this.#take();
    if (end.text !== "end") throw new TemplateError(`{{ ${kind} }} has two {{ else }}`, end.at);
    this.#expectEnd();
    return nodes;
  }

  /** `$element :=` or `$key, $element :=`. */
  #parseRangeVariables(): string[] {
    const [first, second, third, fourth] = this.#tokens.slice(this.#token);
    if (first?.kind !== "variable") return [];
    if (second?.text === ":=") {
      this.#token += 2;
      return [first.text];
    }
    if (second?.text !== "," || third?.kind !== "variable" || fourth?.text !== ":=") return [];
    this.#token += 4;
    return [first.text, third.text];
  }

  #parsePipe(): Pipe {
    const [variable, sign] = this.#tokens.slice(this.#token);
    if (
      variable?.kind === "variable" &&
      (sign?.text === ":=" || sign?.text === "=") &&
      sign.kind === "symbol"
    ) {
      this.#token += 2;
      const declares = sign.text === ":=";
      if (!declares) this.#expectKnown(variable);
      const commands = this.#parseCommands();
      if (declares) this.#variables.push(variable.text);
      return { variable: variable.text, declares, commands };
    }
    return { variable: undefined, declares: false, commands: this.#parseCommands() };
  }

  #parseCommands(): readonly Command[] {
    const commands: Command[] = [];
    for (;;) {
      commands.push(this.#parseCommand(commands.length > 0));
      if (!this.#takeSymbol("|")) return commands;
    }
  }

  /** @param piped whether the value of another command comes as one more argument */
  #parseCommand(piped: boolean): Command {
    const { kind, text, at } = this.#peek();
    if (kind === "word" && !isLiteralWord(text)) {
      this.#take();
      const args: Operand[] = [];
      while (!this.#isCommandEnd()) args.push(this.#parseOperand());
      this.#checkCall(text, args, piped, at);
      return { kind: "call", name: text, args, at };
    }
    const operand = this.#parseOperand();
    if (!this.#isCommandEnd()) {
      throw new TemplateError("arguments behind what is not a function", this.#peek().at);
    }
    if (piped) throw new TemplateError("only a function may stand behind a |", at);
    return { kind: "value", operand };
  }

  #isCommandEnd(): boolean {
    const { kind, text } = this.#peek();
    return kind === "end" || (kind === "symbol" && (text === "|" || text === ")"));
  }

  #parseOperand(): Operand {
    const token = this.#take();
    const { kind, text, at } = token;
    if (kind === "string") return { kind: "literal", value: text };
    if (kind === "number") return { kind: "literal", value: toNumber(text, at) };
    if (kind === "word") {
      if (text === "true" || text === "false") return { kind: "literal", value: text === "true" };
      if (text === "nil") return { kind: "literal", value: null };
      this.#checkCall(text, [], false, at);
      return { kind: "call", name: text, args: [], at };
    }
    if (kind === "variable") {
      this.#expectKnown(token);
      return this.#parsePath({ kind: "variable", name: text }, [], at);
    }
    if (kind === "field") return this.#parsePath({ kind: "dot" }, [text], at);
    if (kind === "symbol" && text === ".")
      return { kind: "path", base: { kind: "dot" }, fields: [], at };
    if (kind === "symbol" && text === "(") {
      const pipe = this.#deeper(at, () => this.#parsePipe());
      if (!this.#takeSymbol(")")) throw new TemplateError('"(" is never closed', at);
      return this.#parsePath({ kind: "pipe", pipe }, [], at);
    }
    const what = kind === "end" ? "something is missing before }}" : `unexpected "${text}"`;
    throw new TemplateError(what, at);
  }

  #parsePath(base: Base, first: readonly string[], at: number): Operand {
    const fields = [...first];
    for (;;) {
      const { kind, text, glued } = this.#peek();
      if (kind !== "field" || !glued) break;
      fields.push(text);
      this.#take();
    }
    const root =
      base.kind === "dot" ? this.#dotIsRoot : base.kind === "variable" && base.name === "$";
    const [field] = fields;
    if (root && field !== undefined && !ROOT_FIELDS.includes(field)) {
      const known = ROOT_FIELDS.map((name) => `.${name}`).join(", ");
      throw new TemplateError(`there is no .${field}; there are ${known}`, at);
    }
    return { kind: "path", base, fields, at };
  }

  #checkCall(name: string, args: readonly Operand[], piped: boolean, at: number): void {
    if (KEYWORDS.has(name)) throw new TemplateError(`unexpected "${name}"`, at);
    const called = FUNCTIONS.get(name);
    if (called === undefined) {
      throw new TemplateError(`the function "${name}" is not known or not supported`, at);
    }
    const count = args.length + (piped ? 1 : 0);
    if (count < called.least || count > called.most) {
      const most =
        called.most === Infinity
          ? "or more"
          : called.most === called.least
            ? ""
            : `to ${called.most}`;
      const wanted = `${called.least} ${most}`.trim();
      throw new TemplateError(`${name} takes ${wanted} arguments and is given ${count}`, at);
    }
    const [format] = args;
    if (name === "printf" && format?.kind === "literal" && typeof format.value === "string") {
      const fault = findFormatFault(format.value);
      if (fault !== undefined) throw new TemplateError(fault, at);
    }
  }

  #expectKnown({ text, at }: Token): void {
    if (!this.#variables.includes(text))
      throw new TemplateError(`the variable ${text} is not known`, at);
  }

  #deeper<T>(at: number, parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new TemplateError(`more than ${MAX_DEPTH} levels`, at);
    const parsed = parse();
    this.#depth -= 1;
    return parsed;
  }

  #peek(): Token {
    return this.#tokens[this.#token]!;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#token += 1;
    return token;
  }

  #takeSymbol(symbol: string): boolean {
    const { kind, text } = this.#peek();
    const found = kind === "symbol" && text === symbol;
    if (found) this.#token += 1;
    return found;
  }

  #expectEnd(): void {
    const { kind, text, at } = this.#peek();
    if (kind !== "end") throw new TemplateError(`unexpected "${text}"`, at);
  }
}

function isLiteralWord(word: string): boolean {
  return word === "true" || word === "false" || word === "nil";
}

/** What is written as a whole number is an int in Go, and no float64: they are not compared with each other. */
function toNumber(text: string, at: number): number | bigint {
  const plain = text.replaceAll("_", "");
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/.exec(plain) ?? [];
  if (/^(?:\d+|0[xXbBoO][\da-fA-F]+)$/.test(digits)) {
    const octal = /^0\d+$/.test(digits);
    if (octal && /[89]/.test(digits)) throw new TemplateError(`${text} is no number`, at);
    const size = BigInt(octal ? `0o${digits.slice(1)}` : digits);
    const value = sign === "-" ? -size : size;
    if (BigInt.asIntN(64, value) !== value) throw new TemplateError(`${text} is out of range`, at);
    return value;
  }
  const value = Number(plain);
  if (!Number.isFinite(value)) throw new TemplateError(`${text} is out of range`, at);
  return value;
}

import { TemplateError, type Base, type Command, type Operand, type Pipe } from "./ast.ts";
import { FUNCTIONS } from "./functions.ts";
import { findFormatProblem } from "./printf.ts";
import type { Scope } from "./scope.ts";
import type { TokenCursor } from "./token-cursor.ts";

const ROOT_FIELDS = ["Labels", "ExternalLabels", "ExternalURL", "Value"];
export const KEYWORDS: ReadonlySet<string> = new Set([
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

/** Parses a pipeline: `$x := a | b c`. Stops at the first token that does not belong to it. */
export function parsePipe(cursor: TokenCursor, scope: Scope): Pipe {
  const [variable, sign] = cursor.rest();
  const isAssignment = sign?.kind === "symbol" && (sign.text === ":=" || sign.text === "=");
  if (variable?.kind !== "variable" || !isAssignment) {
    return { variable: undefined, declares: false, commands: parseCommands(cursor, scope) };
  }
  cursor.skip(2);
  const declares = sign.text === ":=";
  if (!declares) scope.expectDeclared(variable.text, variable.at);
  const commands = parseCommands(cursor, scope);
  if (declares) scope.declare(variable.text);
  return { variable: variable.text, declares, commands };
}

function parseCommands(cursor: TokenCursor, scope: Scope): readonly Command[] {
  const commands: Command[] = [];
  for (;;) {
    commands.push(parseCommand(cursor, scope, commands.length > 0));
    if (!cursor.takeSymbol("|")) return commands;
  }
}

/** @param piped true if the command receives the value of the previous one as an additional argument */
function parseCommand(cursor: TokenCursor, scope: Scope, piped: boolean): Command {
  const { kind, text, at } = cursor.peek();
  if (kind === "word" && !isLiteral(text)) {
    cursor.take();
    const args: Operand[] = [];
    while (!isCommandEnd(cursor)) args.push(parseOperand(cursor, scope));
    checkCall(text, args, piped, at);
    return { kind: "call", name: text, args, at };
  }
  const operand = parseOperand(cursor, scope);
  if (!isCommandEnd(cursor)) {
    throw new TemplateError("cannot give argument to non-function", cursor.peek().at);
  }
  if (piped) throw new TemplateError("non executable command in pipeline", at);
  return { kind: "value", operand };
}

function isCommandEnd(cursor: TokenCursor): boolean {
  const { kind, text } = cursor.peek();
  return kind === "end" || (kind === "symbol" && (text === "|" || text === ")"));
}

function parseOperand(cursor: TokenCursor, scope: Scope): Operand {
  const { kind, text, at } = cursor.take();
  switch (kind) {
    case "string":
      return { kind: "literal", value: text };
    case "number":
      return { kind: "literal", value: parseNumber(text, at) };
    case "word":
      if (text === "true" || text === "false") return { kind: "literal", value: text === "true" };
      if (text === "nil") return { kind: "literal", value: null };
      checkCall(text, [], false, at);
      return { kind: "call", name: text, args: [], at };
    case "variable":
      scope.expectDeclared(text, at);
      return parsePath(cursor, scope, { kind: "variable", name: text }, [], at);
    case "field":
      return parsePath(cursor, scope, { kind: "dot" }, [text], at);
    case "end":
      throw new TemplateError("missing value for command", at);
    case "symbol":
      break;
  }
  if (text === ".") return { kind: "path", base: { kind: "dot" }, fields: [], at };
  if (text !== "(") throw new TemplateError(`unexpected "${text}"`, at);
  const pipe = scope.descend(at, () => parsePipe(cursor, scope));
  if (!cursor.takeSymbol(")")) throw new TemplateError("unclosed left paren", at);
  return parsePath(cursor, scope, { kind: "pipe", pipe }, [], at);
}

function parsePath(
  cursor: TokenCursor,
  scope: Scope,
  base: Base,
  first: readonly string[],
  at: number,
): Operand {
  const fields = [...first];
  for (;;) {
    const { kind, text, glued } = cursor.peek();
    if (kind !== "field" || !glued) break;
    fields.push(text);
    cursor.take();
  }
  const isRoot =
    base.kind === "dot" ? scope.dotIsRoot : base.kind === "variable" && base.name === "$";
  const [field] = fields;
  if (isRoot && field !== undefined && !ROOT_FIELDS.includes(field)) {
    const known = ROOT_FIELDS.map((name) => `.${name}`).join(", ");
    throw new TemplateError(`unknown field .${field}; expected one of: ${known}`, at);
  }
  return { kind: "path", base, fields, at };
}

function checkCall(name: string, args: readonly Operand[], piped: boolean, at: number): void {
  if (KEYWORDS.has(name)) throw new TemplateError(`unexpected "${name}"`, at);
  const called = FUNCTIONS.get(name);
  if (called === undefined) {
    throw new TemplateError(`function "${name}" not defined or not supported`, at);
  }
  const { minArgs, maxArgs } = called;
  const count = args.length + (piped ? 1 : 0);
  if (count < minArgs || count > maxArgs) {
    const expected =
      maxArgs === Infinity
        ? `at least ${minArgs}`
        : maxArgs === minArgs
          ? String(minArgs)
          : `${minArgs} to ${maxArgs}`;
    throw new TemplateError(
      `wrong number of args for ${name}: expected ${expected}, got ${count}`,
      at,
    );
  }
  const [format] = args;
  if (name === "printf" && format?.kind === "literal" && typeof format.value === "string") {
    const problem = findFormatProblem(format.value);
    if (problem !== undefined) throw new TemplateError(problem, at);
  }
}

function isLiteral(word: string): boolean {
  return word === "true" || word === "false" || word === "nil";
}

/** Parses a number. As in Go, an integer is an int and not a float64, and the two cannot be compared. */
function parseNumber(written: string, at: number): number | bigint {
  const plain = written.replaceAll("_", "");
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/.exec(plain) ?? [];
  if (/^(?:\d+|0[xXbBoO][\da-fA-F]+)$/.test(digits)) {
    const isOctal = /^0\d+$/.test(digits);
    if (isOctal && /[89]/.test(digits)) {
      throw new TemplateError(`bad number syntax: "${written}"`, at);
    }
    const size = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
    const value = sign === "-" ? -size : size;
    if (BigInt.asIntN(64, value) !== value) {
      throw new TemplateError(`integer overflow: "${written}"`, at);
    }
    return value;
  }
  const value = Number(plain);
  if (!Number.isFinite(value)) throw new TemplateError(`number out of range: "${written}"`, at);
  return value;
}
